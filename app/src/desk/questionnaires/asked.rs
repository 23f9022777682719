//! Which questionnaires are asked before visits, and which of them are answered.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{
    entity::{questionnaire, questionnaire_office, questionnaire_response},
    model::{State, counts},
};
use crate::platform::batch::{Batch, Rows};

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

/// Asks for what these departments ask before visits, and for what these patients answered; of the answers, what each visit's
/// department asks before it.
pub fn ask(
    batch: &mut Batch,
    departments: Vec<Uuid>,
    patients: Vec<Uuid>,
) -> impl FnOnce(&mut Rows, &[About]) -> Result<HashMap<Uuid, Vec<AskedForm>>, DbErr> + use<> {
    let by_office = questionnaire_office::Entity::find().filter(questionnaire_office::Column::DepartmentId.is_in(departments));
    let ids = by_office.clone().select_only().column(questionnaire_office::Column::QuestionnaireId).into_query();
    let forms = batch.ask(questionnaire::Entity::find().filter(questionnaire::Column::Id.in_subquery(ids.clone())));
    let by_office = batch.ask(by_office);
    let rows = batch.ask(
        questionnaire_response::Entity::find()
            .filter(questionnaire_response::Column::PatientId.is_in(patients))
            .filter(questionnaire_response::Column::QuestionnaireId.in_subquery(ids))
            .filter(questionnaire_response::Column::State.is_in([State::Asked, State::Begun, State::Completed])),
    );
    move |answers, visits| {
        let (forms, by_office, rows) = (answers.take(forms)?, answers.take(by_office)?, answers.take(rows)?);
        Ok(visits.iter().map(|about| (about.visit, of_visit(about, &forms, &by_office, &rows))).collect())
    }
}

/// What is asked before a visit.
fn of_visit(
    about: &About,
    forms: &[questionnaire::Model],
    by_office: &[questionnaire_office::Model],
    rows: &[questionnaire_response::Model],
) -> Vec<AskedForm> {
    let is_asked = |row: &&questionnaire_office::Model| {
        Some(row.department_id) == about.department && row.kind_id.is_none_or(|kind| Some(kind) == about.kind)
    };
    let form = |row: &questionnaire_office::Model| forms.iter().find(|form| form.id == row.questionnaire_id && form.active).cloned();
    let mut all: Vec<questionnaire::Model> = by_office.iter().filter(is_asked).filter_map(form).collect();
    all.sort_by(|one, other| (&one.title, one.id).cmp(&(&other.title, other.id)));
    let asked = |form: questionnaire::Model| {
        let own = || rows.iter().filter(|row| row.questionnaire_id == Some(form.id) && row.patient_id == about.patient);
        let done = own().filter(|row| {
            let for_this = row.visit_id == Some(about.visit);
            row.state == State::Completed && row.authored_at.is_some_and(|at| counts(for_this, at, about.at, about.reopened))
        });
        let done = done.max_by_key(|row| row.authored_at).cloned();
        let begun = own().filter(|row| row.state.is_open() && row.visit_id.is_none_or(|visit| visit == about.visit));
        let begun = begun.max_by_key(|row| (row.visit_id.is_some(), row.changed_at)).cloned();
        AskedForm { form, done, begun }
    };
    all.into_iter().map(asked).collect()
}
