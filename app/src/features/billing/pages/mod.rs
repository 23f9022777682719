//! Pages of whoever pays.

mod bank_question;
mod bill;
mod bills_of;
mod card;
mod cards;
mod chart;
mod estimates;
mod explained;
mod guest;
mod history;
mod insurance;
mod overview;
mod pay;
mod payment;
mod plan;
mod telling;

pub use bill::bill;
pub use card::{bank, card, new_bank, new_card};
pub use cards::cards;
pub use chart::of_chart;
pub use estimates::estimates;
pub use explained::explained;
pub use guest::{guest, guest_bills, guest_card, guest_payment, guest_receipt};
pub use history::history;
pub use insurance::insurance;
pub use overview::overview;
pub use pay::choose;
pub use payment::{organisation, payment, receipt};
pub use plan::{plan, what_if};
pub use telling::{ask, hardship};
