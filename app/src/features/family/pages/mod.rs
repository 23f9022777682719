//! The pages of sharing.

mod appearance;
mod change_access;
mod child;
mod invitation;
mod invite;
mod levels;
mod others;
mod own_chart;
mod papers;
mod preview;
mod sharing;
mod who_sees;

pub use appearance::appearance;
pub use child::child;
pub use invitation::{invitation, invitation_declined};
pub use invite::invite;
pub use levels::Levels;
pub use papers::papers;
pub use preview::preview;
pub use sharing::sharing;
