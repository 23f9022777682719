//! Pieces that every feature is built from. No word of a feature in here.

pub mod chart_page;
#[cfg(feature = "ssr")]
pub mod charts;
mod date_block;
mod error_notice;
mod field;
mod icons;
mod language;
mod leave;
mod page_head;
#[cfg(feature = "ssr")]
pub mod qr;
pub mod screens;
mod skeleton;

pub use date_block::DateBlock;
pub use error_notice::{ErrorNotice, ErrorSummary, Notice, ended, error_words};
pub use field::Field;
pub use icons::{Icon, Mark};
pub use language::LanguageForm;
pub use leave::{leave_for, sign_in_again};
pub use page_head::PageHead;
pub use skeleton::Skeleton;
