//! What the home page says of questionnaires that staff ask for.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{
    model::{Need, What},
    store::{Opened, need, of_charts, of_patient},
};
use crate::{
    access::policy::AnswerQuestionnaires,
    base::error::Error,
    desk::questionnaires::{entity::questionnaire_response, model::State},
};

/// The questionnaires that are to be filled in by a day.
///
/// # Errors
/// When the database fails.
pub async fn asked(charts: &[Opened<AnswerQuestionnaires>]) -> Result<Vec<Need>, Error> {
    let Some(Opened { grant: any, .. }) = charts.first() else { return Ok(Vec::new()) };
    let today = any.now().today;
    let found: Vec<(Uuid, Uuid, Option<NaiveDate>, String)> = questionnaire_response::Entity::find()
        .select_only()
        .columns([questionnaire_response::Column::Id, questionnaire_response::Column::PatientId])
        .columns([questionnaire_response::Column::DueOn])
        .columns([questionnaire_response::Column::Title])
        .filter(of_charts(charts, questionnaire_response::Column::PatientId, questionnaire_response::Column::Sensitive))
        .filter(questionnaire_response::Column::State.is_in([State::Asked, State::Begun]))
        .filter(questionnaire_response::Column::DueOn.is_not_null())
        .order_by_asc(questionnaire_response::Column::DueOn)
        .order_by_asc(questionnaire_response::Column::Id)
        .into_tuple()
        .all(any.db())
        .await?;
    let needs = found.into_iter().filter_map(|(id, patient, due, title)| {
        let (chart, due) = (of_patient(charts, patient)?, due?);
        let day = chart.grant.texts().day(due, false);
        Some(need(day, chart.grant.person().ok()?, chart.hue, What::Questionnaire { title, id, over: due < today }))
    });
    Ok(needs.collect())
}
