//! How to get help: pages to read, and walk-throughs on the real pages.

pub mod screens;
