//! Changing answers that were given.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    answering::{id_of, insert_once},
    entity::{questionnaire_file, questionnaire_response},
    model::State,
    problem,
    store::one,
};
use crate::{
    access::{Grant, policy::AnswerQuestionnaires},
    base::{error::Error, ids::new_id},
    record::visit::entity::visit,
};

/// Opens a questionnaire again that was completed for a visit which is to come: whoever calls has looked whether it may be. What was
/// answered for another visit stays there, and is the beginning of new answers. Returns which ones are open.
///
/// # Errors
/// `NotFound` for a questionnaire of another chart; `Invalid` when it is not completed.
pub async fn reopen(grant: &Grant<AnswerQuestionnaires>, id: Uuid, visit: &visit::Model) -> Result<Uuid, Error> {
    let row = one(grant, id).await?;
    if row.visit_id != Some(visit.id) {
        return copy(grant, row, visit).await;
    }
    let again = questionnaire_response::ActiveModel {
        state: Set(State::Begun),
        changed_at: Set(grant.now().instant),
        version: Set(row.version + 1),
        written_by: Set(None),
        ..Default::default()
    };
    let once = questionnaire_response::Entity::update_many()
        .set(again)
        .filter(questionnaire_response::Column::Id.eq(id))
        .filter(questionnaire_response::Column::State.eq(State::Completed))
        .filter(questionnaire_response::Column::ResourceId.is_null())
        .filter(questionnaire_response::Column::Answers.is_not_null());
    if once.exec(grant.db()).await?.rows_affected == 0 { Err(Error::form(problem::CHANGED)) } else { Ok(id) }
}

async fn copy(grant: &Grant<AnswerQuestionnaires>, row: questionnaire_response::Model, visit: &visit::Model) -> Result<Uuid, Error> {
    let (Some(form), Some(mut answers), State::Completed) = (row.questionnaire_id, row.answers.clone(), row.state) else {
        return Err(Error::form(problem::CHANGED));
    };
    let id = id_of(visit.id, form);
    let tx = grant.begin().await?;
    let mut files = Vec::new();
    for file in questionnaire_file::Entity::find().filter(questionnaire_file::Column::ResponseId.eq(row.id)).all(&tx).await? {
        let own = questionnaire_file::Model { id: new_id(), response_id: id, ..file.clone() };
        answers = answers.replace(&file.id.to_string(), &own.id.to_string());
        files.push(questionnaire_file::ActiveModel::from(own));
    }
    let begun = questionnaire_response::Model {
        questionnaire_id: row.questionnaire_id,
        visit_id: Some(visit.id),
        department_id: visit.department_id,
        title_es: row.title_es,
        sensitive: row.sensitive || visit.sensitive,
        answers: Some(answers),
        ..questionnaire_response::Model::blank(id, row.patient_id, row.title, grant.now().instant)
    };
    if insert_once(&tx, begun).await? && !files.is_empty() {
        questionnaire_file::Entity::insert_many(files).exec_without_returning(&tx).await?;
    }
    tx.commit().await?;
    Ok(id)
}
