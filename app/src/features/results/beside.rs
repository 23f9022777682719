//! What stands beside values that are told in tables and lists: what was added to them, and the links to say that one is wrong.

use std::collections::HashSet;

use leptos::prelude::*;

use super::words::{measured, name};
use crate::{
    access::{Grant, policy::ViewResults},
    base::{error::Error, i18n::texts},
    record::{
        annotation::{self, additions, model::Place},
        result::entity::measurement,
    },
    view::{
        document::{Document, Part},
        link::Link,
        sections::{Disclosure, LinkList},
    },
};

/// Every link is a line of the page, so the newest values have one here; the others have theirs on the page of their result.
const MOST_LINKS: usize = 200;

/// What [`Beside`] draws.
pub struct Around {
    additions: Vec<Part>,
    corrections: Vec<(Link, String)>,
}

/// Of an observation with several values, once.
///
/// # Errors
/// When the database fails.
pub async fn around(grant: &Grant<ViewResults>, values: &[&measurement::Model]) -> Result<Around, Error> {
    let (t, zone) = (grant.texts(), grant.zone());
    let mut seen = HashSet::new();
    let once: Vec<&measurement::Model> = values.iter().copied().filter(|value| seen.insert(value.resource_id)).collect();
    let added = annotation::added(grant, once.iter().map(|value| value.resource_id)).await?;
    let named = |value: &measurement::Model| {
        let day = t.when_day(&value.when(), zone);
        format!("{day}: {} {}", name(t, value), measured(t, value))
    };
    let with_additions = once.iter().filter_map(|value| Some((value, added.get(&value.resource_id)?)));
    let entry = |(value, rows): (&&measurement::Model, &Vec<_>)| Part::Entry {
        title: named(value),
        tag: None,
        lines: Vec::new(),
        parts: additions(grant, rows),
    };
    let link =
        |value: &&measurement::Model| (Link::new(Place::result(value.resource_id).address(grant.patient()), named(value)), String::new());
    Ok(Around { additions: with_additions.map(entry).collect(), corrections: once.iter().take(MOST_LINKS).map(link).collect() })
}

/// What was added, and the links, which open on demand.
#[component]
pub fn Beside(around: Around) -> impl IntoView {
    view! {
        <Document parts=around.additions/>
        <Disclosure summary=texts().correction_title()><LinkList links=around.corrections/></Disclosure>
    }
}
