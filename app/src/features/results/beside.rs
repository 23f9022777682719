//! What stands beside values that are told in tables and lists: what was added to them, and the ways to say that one is wrong.

use std::collections::HashSet;

use super::words::measured;
use crate::{
    access::{Grant, policy::ViewResults},
    base::error::Error,
    features::corrections::{self, screens::additions},
    record::{annotation::model::Place, result::entity::measurement},
    view::screens::{link, model::Part},
};

/// Every way is a line of the page, so the newest values have one here; the others have theirs on the page of their result.
const MOST_WAYS: usize = 200;

/// Of an observation with several values, once; the ways open on demand.
///
/// # Errors
/// When the database fails.
pub async fn beside(grant: &Grant<ViewResults>, values: &[&measurement::Model]) -> Result<Vec<Part>, Error> {
    let (t, zone) = (grant.texts(), grant.zone());
    let mut seen = HashSet::new();
    let once: Vec<&measurement::Model> = values.iter().copied().filter(|value| seen.insert(value.resource_id)).collect();
    let added = corrections::store::added(grant, once.iter().map(|value| value.resource_id)).await?;
    let named = |value: &measurement::Model| {
        let day = t.date(value.taken_at.with_timezone(&zone).date_naive());
        format!("{day}: {} {}", value.name, measured(t, value))
    };
    let mut parts: Vec<Part> = Vec::new();
    for value in &once {
        if let Some(rows) = added.get(&value.resource_id) {
            parts.push(Part::Entry { title: named(value), tag: None, lines: Vec::new(), parts: additions(grant, rows) });
        }
    }
    let way = |value: &&measurement::Model| (link(Place::result(value.resource_id).address(grant.patient()), named(value)), String::new());
    let ways = vec![Part::Ways(once.iter().take(MOST_WAYS).map(way).collect())];
    parts.push(Part::More { summary: t.correction_title().to_owned(), parts: ways });
    Ok(parts)
}
