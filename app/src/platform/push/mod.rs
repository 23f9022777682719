//! Notices on phones and computers by Web Push: which browsers get them, their encryption (RFC 8291), and how the portal says who it is
//! (VAPID, RFC 8292).
//!
//! A notice says that there is something new, and nothing else: lock screens show it.

pub mod encrypt;
pub mod entity;
pub mod hosts;
pub mod phone;
pub mod queue;
pub mod vapid;

pub use hosts::PushHosts;
