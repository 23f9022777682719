//! Which questionnaires are asked before visits, and which of them are answered.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    entity::{questionnaire, questionnaire_office, questionnaire_response},
    model::{State, counts},
};

/// A visit, as far as it matters here.
#[derive(Clone, Copy, Debug)]
pub struct About {
    pub visit: Uuid,
    pub patient: Uuid,
    pub department: Option<Uuid>,
    pub kind: Option<Uuid>,
    /// Now; of a visit that is over, then.
    pub at: DateTime<Utc>,
    /// When the office asked again.
    pub reopened: Option<DateTime<Utc>>,
}

/// A questionnaire that is asked before a visit.
#[derive(Clone, Debug)]
pub struct AskedForm {
    pub form: questionnaire::Model,
    /// The newest answers that count.
    pub done: Option<questionnaire_response::Model>,
    /// What somebody has begun, or is asked for by itself.
    pub begun: Option<questionnaire_response::Model>,
}

/// For each visit what its department asks before it, in two statements.
///
/// # Errors
/// When the database fails.
pub async fn asked(db: &impl ConnectionTrait, visits: &[About]) -> Result<HashMap<Uuid, Vec<AskedForm>>, DbErr> {
    let departments: Vec<Uuid> = visits.iter().filter_map(|about| about.department).collect();
    if departments.is_empty() {
        return Ok(HashMap::new());
    }
    let by_office = questionnaire_office::Entity::find()
        .filter(questionnaire_office::Column::DepartmentId.is_in(departments))
        .find_also_related(questionnaire::Entity)
        .all(db)
        .await?;
    if by_office.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = questionnaire_response::Entity::find()
        .filter(questionnaire_response::Column::PatientId.is_in(visits.iter().map(|about| about.patient)))
        .filter(questionnaire_response::Column::QuestionnaireId.is_in(by_office.iter().map(|(row, _)| row.questionnaire_id)))
        .filter(questionnaire_response::Column::State.is_in([State::Asked, State::Begun, State::Completed]))
        .all(db)
        .await?;
    let of = |about: &About| {
        let is_asked = |row: &&(questionnaire_office::Model, Option<questionnaire::Model>)| {
            Some(row.0.department_id) == about.department && row.0.kind_id.is_none_or(|kind| Some(kind) == about.kind)
        };
        let mut all: Vec<questionnaire::Model> =
            by_office.iter().filter(is_asked).filter_map(|(_, form)| form.clone()).filter(|form| form.active).collect();
        all.sort_by(|one, other| one.title.cmp(&other.title));
        let forms = all.into_iter().map(|form| {
            let own = || rows.iter().filter(|row| row.questionnaire_id == Some(form.id) && row.patient_id == about.patient);
            let done = own().filter(|row| {
                let for_this = row.visit_id == Some(about.visit);
                row.state == State::Completed && row.authored_at.is_some_and(|at| counts(for_this, at, about.at, about.reopened))
            });
            let done = done.max_by_key(|row| row.authored_at).cloned();
            let begun = own().filter(|row| row.state.is_open() && row.visit_id.is_none_or(|visit| visit == about.visit));
            let begun = begun.max_by_key(|row| (row.visit_id.is_some(), row.changed_at)).cloned();
            AskedForm { form, done, begun }
        });
        forms.collect::<Vec<_>>()
    };
    Ok(visits.iter().map(|about| (about.visit, of(about))).collect())
}
