//! Pieces that every feature is built from. No word of a feature in here.

#[cfg(feature = "ssr")]
pub mod charts;
#[cfg(feature = "ssr")]
pub mod choice_buttons;
mod date_block;
#[cfg(feature = "ssr")]
pub mod document;
mod error_notice;
#[cfg(feature = "ssr")]
pub mod fields;
#[cfg(feature = "ssr")]
pub mod form;
pub mod fragment;
mod icons;
#[cfg(feature = "ssr")]
pub mod keep_offline;
mod leave;
#[cfg(feature = "ssr")]
pub mod link;
pub mod navigation;
#[cfg(feature = "ssr")]
pub mod page;
mod page_head;
#[cfg(feature = "ssr")]
pub mod problem;
#[cfg(feature = "ssr")]
pub mod qr;
#[cfg(feature = "ssr")]
pub mod sections;
pub mod shown;
mod skeleton;

pub use date_block::DateBlock;
pub use error_notice::{ErrorNotice, Notice, ended, error_words};
pub use icons::{Icon, Mark};
pub use leave::{leave_for, sign_in_again};
pub use page_head::PageHead;
pub use skeleton::Skeleton;
