//! The words of the record that a correction is about. A feature hands in how its own places are found; the corrections ask
//! them all.

use std::pin::Pin;

use super::annotation::model::Place;
use crate::{
    access::{Grant, policy::AskCorrection},
    base::error::Error,
};

/// What the record says at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    pub title: String,
    /// The words themselves; empty for a note as a whole.
    pub words: String,
    /// Of a note as a whole, to choose from.
    pub paragraphs: Vec<String>,
    /// The page on which it stands.
    pub page: String,
}

pub type QuoteFuture<'a> = Pin<Box<dyn Future<Output = Result<Option<Quote>, Error>> + Send + 'a>>;

/// Finds the words at a place; `None` when the place is not the feature's, or the caller may not see it.
pub type QuoteSource = for<'a> fn(&'a Grant<AskCorrection>, Place) -> QuoteFuture<'a>;

/// What all features hand in.
#[derive(Clone)]
pub struct Quotes(pub Vec<QuoteSource>);

impl Quotes {
    /// # Errors
    /// `NotFound` when there is no such place in this chart that the caller may see.
    pub async fn find(&self, grant: &Grant<AskCorrection>, place: Place) -> Result<Quote, Error> {
        for source in &self.0 {
            if let Some(found) = source(grant, place).await? {
                return Ok(found);
            }
        }
        Err(Error::NotFound)
    }
}
