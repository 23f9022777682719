//! Bills: what is owed and why, the ledger, paying with a processor, plans, and paying without an account.

pub mod email;
pub mod entity;
pub mod estimates;
pub mod guest;
pub mod import;
pub mod jobs;
pub mod ledger;
pub mod methods;
pub mod model;
pub mod notices;
pub mod outgoing;
pub mod pay;
pub mod plans;
pub mod problem;
pub mod processor;
pub mod refunds;
pub mod settle;
pub mod staff;
pub mod statements;
pub mod store;
pub mod till;
pub mod words;
