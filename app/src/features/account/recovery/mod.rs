//! Getting back in: a forgotten user name, a forgotten password, or both; and proving an e-mail address.

pub mod api;
pub mod entity;
pub mod model;
pub mod pages;
pub mod store;
