//! What can be done about something on a page of another feature. A feature hands in what it offers; the page that shows the
//! thing draws all offers.

use std::pin::Pin;

use leptos::prelude::*;

use super::result::entity::{measurement, test_result};
use crate::{
    access::{
        Grant, Person,
        policy::{ViewHealthSummary, ViewResults},
    },
    base::error::Error,
    view::{form::PostForm, link::Link, sections::LinkList},
};

/// What is shown.
#[derive(Clone, Copy)]
pub enum Target<'a> {
    /// One result, with its values.
    Result { grant: &'a Grant<ViewResults>, result: &'a test_result::Model, values: &'a [measurement::Model] },
    /// Vaccinations that were given, by their codes (`system|code`).
    Immunizations { grant: &'a Grant<ViewHealthSummary>, codes: &'a [&'a str] },
    /// The vital signs of somebody.
    Vitals { grant: &'a Grant<ViewResults>, person: &'a Person },
}

/// What can be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// A button that posts to a server function (`ServerFn::PATH`).
    Form { action: &'static str, submit: String, hidden: Vec<(&'static str, String)> },
    /// A link to another page, with a word on what is there.
    Page(Link, String),
}

pub type OfferFuture<'a> = Pin<Box<dyn Future<Output = Result<Option<Offer>, Error>> + Send + 'a>>;

/// What a feature offers about something; `None` when it offers nothing.
pub type ActionSource = for<'a> fn(Target<'a>) -> OfferFuture<'a>;

/// What all features hand in.
#[derive(Clone)]
pub struct Actions(pub Vec<ActionSource>);

impl Actions {
    /// # Errors
    /// When the database fails.
    pub async fn about(&self, target: Target<'_>) -> Result<Vec<Offer>, Error> {
        let mut offers = Vec::new();
        for source in &self.0 {
            offers.extend(source(target).await?);
        }
        Ok(offers)
    }
}

/// An offer on a page.
#[component]
pub fn OfferView(offer: Offer) -> impl IntoView {
    match offer {
        Offer::Form { action, submit, hidden } => view! { <PostForm action submit quiet=true hidden/> }.into_any(),
        Offer::Page(link, says) => view! { <LinkList links=vec![(link, says)]/> }.into_any(),
    }
}
