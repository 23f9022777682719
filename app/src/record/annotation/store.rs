//! Reads annotations, and adds one.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait, SqlErr};
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
};

/// Annotations by the item, the result or the note that they stand beside, oldest first.
pub type Added = HashMap<Uuid, Vec<amendment::Model>>;

/// What was added to some items, results or notes of a chart. Whoever may see the thing may see what was added.
///
/// # Errors
/// When the database fails.
pub async fn added<P: Permission<Scope = PatientId>>(grant: &Grant<P>, targets: impl IntoIterator<Item = Uuid>) -> Result<Added, Error> {
    let targets: Vec<Uuid> = targets.into_iter().collect();
    let mut of = Added::new();
    // SQLite takes so many values in one statement, and far fewer charts have so many corrections.
    let all = amendment::Entity::find().filter(amendment::Column::PatientId.in_subquery(with_merged(grant.patient().0).into_query()));
    for row in all.order_by_asc(amendment::Column::At).all(grant.db()).await? {
        if targets.contains(&row.target_id) {
            of.entry(row.target_id).or_default().push(row);
        }
    }
    Ok(of)
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
