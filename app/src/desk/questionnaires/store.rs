//! Questionnaires of a chart: those to be filled in, and what was answered.

use std::collections::HashSet;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde_json::Value;
use uuid::Uuid;

use super::{
    entity::{questionnaire, questionnaire_response},
    model::State,
};
use crate::{
    access::{Grant, Permission},
    base::{error::Error, ids::PatientId, locale::Locale},
    people::patient::with_merged,
    record::{
        questionnaire::{Answers, Form},
        resource::entity::fhir_resource,
        visit::{entity::visit, model::Status},
    },
};

/// Everything that somebody may see of a chart: what is to be filled in by its day, then what was answered, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_chart<P: Permission<Scope = PatientId>>(grant: &Grant<P>) -> Result<Vec<questionnaire_response::Model>, Error> {
    let charts = with_merged(grant.patient().0).into_query();
    let mut rows = questionnaire_response::Entity::find()
        .filter(questionnaire_response::Column::PatientId.in_subquery(charts))
        .filter(questionnaire_response::Column::State.is_in([State::Asked, State::Begun, State::Completed]))
        .order_by_desc(questionnaire_response::Column::AuthoredAt)
        .order_by_desc(questionnaire_response::Column::Id)
        .all(grant.db())
        .await?;
    rows.retain(|row| !row.sensitive || grant.sees_sensitive());
    // What was begun for a visit that is over, and nobody of the staff asks for, is asked no more.
    let begun: Vec<Uuid> = rows.iter().filter(|row| row.state.is_open() && row.asked_at.is_none()).filter_map(|row| row.visit_id).collect();
    if !begun.is_empty() {
        let open = visit::Entity::find()
            .select_only()
            .column(visit::Column::Id)
            .filter(visit::Column::Id.is_in(begun))
            .filter(visit::Column::Status.eq(Status::Booked))
            .filter(visit::Column::StartsAt.gt(grant.now().instant));
        let open: HashSet<Uuid> = open.into_tuple().all(grant.db()).await?.into_iter().collect();
        rows.retain(|row| !row.state.is_open() || row.asked_at.is_some() || row.visit_id.is_some_and(|visit| open.contains(&visit)));
    }
    rows.sort_by_key(|row| (!row.state.is_open(), row.due_on.filter(|_| row.state.is_open())));
    Ok(rows)
}

/// One of them.
///
/// # Errors
/// `NotFound` when it is of another chart, sensitive for a caller who does not see that, or withdrawn.
pub async fn one<P: Permission<Scope = PatientId>>(grant: &Grant<P>, id: Uuid) -> Result<questionnaire_response::Model, Error> {
    let charts = with_merged(grant.patient().0).into_query();
    let found = questionnaire_response::Entity::find_by_id(id)
        .filter(questionnaire_response::Column::PatientId.in_subquery(charts))
        .filter(questionnaire_response::Column::State.is_in([State::Asked, State::Begun, State::Completed]))
        .one(grant.db())
        .await?;
    found.filter(|row| !row.sensitive || grant.sees_sensitive()).ok_or(Error::NotFound)
}

/// The questionnaire as its source sent it.
///
/// # Errors
/// When the database fails.
pub async fn source(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Value>, DbErr> {
    let found = fhir_resource::Entity::find_by_id(id).one(db).await?;
    Ok(found.and_then(|resource| serde_json::from_str(&resource.body).ok()))
}

/// The questionnaire as it is asked, in a language as far as its source has it; none when it is not here, or cannot be read.
///
/// # Errors
/// When the database fails.
pub async fn form(db: &impl ConnectionTrait, id: Uuid, locale: Locale) -> Result<Option<Form>, DbErr> {
    Ok(source(db, id).await?.and_then(|source| Form::read(&source, locale.tag()).ok()))
}

/// Those that departments can ask, by title.
///
/// # Errors
/// When the database fails.
pub async fn active(db: &impl ConnectionTrait) -> Result<Vec<questionnaire::Model>, DbErr> {
    questionnaire::Entity::find()
        .filter(questionnaire::Column::Active.eq(true))
        .order_by_asc(questionnaire::Column::Title)
        .order_by_asc(questionnaire::Column::Id)
        .all(db)
        .await
}

/// The answers of a row, as far as they fit its form.
pub fn stored(row: &questionnaire_response::Model, form: &Form) -> Option<Answers> {
    let json: Value = serde_json::from_str(row.answers.as_deref()?).ok()?;
    Some(Answers::stored(&json, form))
}
