//! Which questionnaires are asked before visits, and which of them are answered.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
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
    pub id: Uuid,
    pub title: String,
    pub sensitive: bool,
    /// The newest answers that count.
    pub done: Option<questionnaire_response::Model>,
    /// What somebody has begun, or was asked for this visit.
    pub begun: Option<questionnaire_response::Model>,
}

/// For each visit what is asked before it, in a few statements: by the department, and by staff for this visit.
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
    let ids = || visits.iter().map(|about| about.visit);
    use questionnaire_response::Column;
    let forms = by_office.iter().map(|(row, _)| row.questionnaire_id);
    let of_people =
        Condition::all().add(Column::PatientId.is_in(visits.iter().map(|about| about.patient))).add(Column::QuestionnaireId.is_in(forms));
    let rows = questionnaire_response::Entity::find()
        .filter(Condition::any().add(Column::VisitId.is_in(ids())).add(of_people))
        .filter(Column::State.is_in([State::Asked, State::Begun, State::Completed]))
        .all(db)
        .await?;
    let of = |about: &About| {
        let is_asked = |row: &&(questionnaire_office::Model, Option<questionnaire::Model>)| {
            Some(row.0.department_id) == about.department && row.0.kind_id.is_none_or(|kind| Some(kind) == about.kind)
        };
        let known = by_office.iter().filter(is_asked).filter_map(|(_, form)| form.clone()).filter(|form| form.active);
        let mut all: Vec<(Uuid, String, bool)> = known.map(|form| (form.id, form.title, form.sensitive)).collect();
        for row in rows.iter().filter(|row| row.visit_id == Some(about.visit)) {
            let Some(form) = row.questionnaire_id else { continue };
            // What was begun while the department asked it, and is asked no more, is not asked.
            if row.asked_at.is_some() && all.iter().all(|(id, ..)| *id != form) {
                all.push((form, row.title.clone(), row.sensitive));
            }
        }
        all.sort_by(|one, other| one.1.cmp(&other.1));
        let forms = all.into_iter().map(|(id, title, sensitive)| {
            let own = || rows.iter().filter(move |row| row.questionnaire_id == Some(id) && row.patient_id == about.patient);
            let done = own().filter(|row| {
                let for_this = row.visit_id == Some(about.visit);
                row.state == State::Completed && row.authored_at.is_some_and(|at| counts(for_this, at, about.at, about.reopened))
            });
            let done = done.max_by_key(|row| row.authored_at).cloned();
            let begun = own().filter(|row| row.state.is_open() && row.visit_id.is_none_or(|visit| visit == about.visit));
            let begun = begun.max_by_key(|row| (row.visit_id.is_some(), row.changed_at)).cloned();
            AskedForm { id, title, sensitive, done, begun }
        });
        forms.collect::<Vec<_>>()
    };
    Ok(visits.iter().map(|about| (about.visit, of(about))).collect())
}
