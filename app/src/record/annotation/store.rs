//! Reads annotations, and adds one.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait, Select, SqlErr};
use uuid::Uuid;

use super::{entity::amendment, model::Voice};
use crate::{
    access::{Grant, Permission},
    base::{
        error::Error,
        ids::{PatientId, new_id},
        why::Why,
    },
    people::patient::with_merged,
    record::resource::store::sources,
};

/// What stands beside items, results and notes.
#[derive(Default)]
pub struct Added {
    rows: HashMap<Uuid, Vec<amendment::Model>>,
    sources: HashMap<Uuid, String>,
}

impl Added {
    /// The annotations of an item, a result or a note, oldest first.
    pub fn get(&self, target: &Uuid) -> Option<&Vec<amendment::Model>> {
        self.rows.get(target)
    }

    /// Where a resource is from, in a chart of several sources.
    pub fn source(&self, resource: Uuid) -> Option<&str> {
        self.sources.get(&resource).map(String::as_str)
    }
}

/// What was added to some items, results or notes of a chart. Whoever may see the thing may see what was added.
///
/// # Errors
/// When the database fails.
pub async fn added<P: Permission<Scope = PatientId>>(grant: &Grant<P>, targets: impl IntoIterator<Item = Uuid>) -> Result<Added, Error> {
    added_of(grant, of_chart(grant).all(grant.db()).await?, targets).await
}

/// Everything that was added in a chart, as a query. It names no items: SQLite takes only so many values in one statement, and a chart has
/// few corrections.
pub fn of_chart<P: Permission<Scope = PatientId>>(grant: &Grant<P>) -> Select<amendment::Entity> {
    amendment::Entity::find().filter(amendment::Column::PatientId.in_subquery(with_merged(grant.patient().0).into_query()))
}

/// Of everything that was added in the chart of a grant, as [`of_chart`] asks for it, what was added to some things, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn added_of<P: Permission<Scope = PatientId>>(
    grant: &Grant<P>,
    mut all: Vec<amendment::Model>,
    targets: impl IntoIterator<Item = Uuid>,
) -> Result<Added, Error> {
    let targets: Vec<Uuid> = targets.into_iter().collect();
    let mut of: HashMap<Uuid, Vec<amendment::Model>> = HashMap::new();
    all.sort_by_key(|row| (row.at, row.id));
    for row in all {
        if targets.contains(&row.target_id) {
            of.entry(row.target_id).or_default().push(row);
        }
    }
    Ok(Added { rows: of, sources: sources(grant, &targets).await? })
}

/// An annotation to be added.
pub struct NewAnnotation<'a> {
    pub patient: Uuid,
    /// The item, the result or the note.
    pub target: Uuid,
    /// The request that led to it.
    pub request: Uuid,
    pub voice: Voice,
    pub text: &'a str,
    pub by_name: String,
    pub at: DateTime<Utc>,
}

/// Adds an annotation, inside of the transaction that decides about the request.
///
/// # Errors
/// When the database fails.
pub async fn add(tx: &impl ConnectionTrait, new: NewAnnotation<'_>) -> Result<(), Error> {
    let NewAnnotation { patient, target, request, voice, text, by_name, at } = new;
    let row = amendment::ActiveModel {
        id: Set(new_id()),
        patient_id: Set(patient),
        target_id: Set(target),
        request_id: Set(request),
        voice: Set(voice),
        text: Set(text.to_owned()),
        by_name: Set(by_name),
        at: Set(at),
    };
    match amendment::Entity::insert(row).exec_without_returning(tx).await {
        Ok(_) => Ok(()),
        // One request leads to one addition; somebody else was faster.
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Err(Error::form(Why::ALREADY_DONE)),
        Err(error) => Err(error.into()),
    }
}
