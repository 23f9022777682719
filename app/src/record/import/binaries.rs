//! What attachments have elsewhere: in a Binary that came with them, before them or after them, or inside of their own resource.

use std::borrow::Cow;

use sea_orm::DbErr;
use serde_json::Value;
use uuid::Uuid;

use super::{Context, Incoming};
use crate::record::fhir::{attachment, items};

/// A resource with the content of its attachments, and which Binary filled which of them, by their places.
pub struct Filled<'a> {
    pub value: Cow<'a, Value>,
    pub from: Vec<(usize, Uuid)>,
}

/// What is labelled for others than the document itself stays where it is.
///
/// # Errors
/// When the database fails.
pub async fn filled<'a>(context: &mut Context<'_>, row: Incoming<'a>) -> Result<Filled<'a>, DbErr> {
    let mut found = Filled { value: Cow::Borrowed(row.value), from: Vec::new() };
    let elsewhere: Vec<(usize, Value)> =
        attachment::of(row.value).enumerate().filter_map(|(place, file)| Some((place, attachment::binary(file)?))).collect();
    for (place, reference) in elsewhere {
        let inside = reference["reference"].as_str().and_then(|text| text.strip_prefix('#'));
        let binary = match inside {
            Some(id) => items(&row.value["contained"]).find(|inner| inner["id"] == id).cloned(),
            None => match context.links.resolve(row.id, &reference) {
                Some(id) => {
                    context.links.depend(row.id, &reference);
                    found.from.push((place, id));
                    context.value(id).await?
                }
                None => None,
            },
        };
        let is_open =
            |binary: &Value| binary["resourceType"] == "Binary" && binary["data"].is_string() && attachment::is_for_every_reader(binary);
        match binary.filter(is_open) {
            Some(binary) => {
                if let Some(file) = attachment::of_mut(found.value.to_mut()).nth(place) {
                    attachment::fill(file, &binary);
                }
            }
            None => found.from.retain(|(filled, _)| *filled != place),
        }
    }
    Ok(found)
}
