//! What the notes page shows: no more than this reaches the browser.

use serde::{Deserialize, Serialize};

use super::model::Block;
use crate::record::visit::wire::VisitHead;

/// The notes of one visit, each followed by its addenda.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    pub visit: VisitHead,
    pub notes: Vec<Note>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub title: String,
    pub author: Option<String>,
    /// The author's specialty.
    pub role: Option<String>,
    /// "October 14, 2026, 4:20 pm".
    pub signed: Option<String>,
    /// Added later to the note before it.
    pub is_addendum: bool,
    /// The language it is written in, when the record says so.
    pub language: Option<String>,
    pub body: Body,
    /// Where it is from, in a chart of several sources.
    pub source: Option<String>,
    /// Where a correction of it is asked for.
    pub correction: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    Blocks(Vec<Block>),
    /// Sanitised when it came in.
    Html(String),
    /// The clinician kept it back; not a word of it is here.
    KeptBack,
    /// Not signed yet; not a word of it is here.
    Unsigned,
}
