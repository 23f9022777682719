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
    desk::questionnaires::{
        entity::{in_words, questionnaire_response},
        model::State,
    },
};

/// Of a row: its id, whose, until when, and its title in both languages.
type Row = (Uuid, Uuid, Option<NaiveDate>, String, Option<String>);

/// The questionnaires that are to be filled in by a day.
///
/// # Errors
/// When the database fails.
pub async fn asked(charts: &[Opened<AnswerQuestionnaires>]) -> Result<Vec<Need>, Error> {
    let Some(Opened { grant: any, .. }) = charts.first() else { return Ok(Vec::new()) };
    let today = any.now().today;
    let found: Vec<Row> = questionnaire_response::Entity::find()
        .select_only()
        .columns([questionnaire_response::Column::Id, questionnaire_response::Column::PatientId])
        .columns([questionnaire_response::Column::DueOn])
        .columns([questionnaire_response::Column::Title, questionnaire_response::Column::TitleEs])
        .filter(of_charts(charts, questionnaire_response::Column::PatientId, questionnaire_response::Column::Sensitive))
        .filter(questionnaire_response::Column::State.is_in([State::Asked, State::Begun]))
        .filter(questionnaire_response::Column::DueOn.is_not_null())
        .order_by_asc(questionnaire_response::Column::DueOn)
        .order_by_asc(questionnaire_response::Column::Id)
        .into_tuple()
        .all(any.db())
        .await?;
    let needs = found.into_iter().filter_map(|(id, patient, due, title, title_es)| {
        let (chart, due) = (of_patient(charts, patient)?, due?);
        let t = chart.grant.texts();
        let (day, title) = (t.day(due, false), in_words(t, &title, title_es.as_deref()).to_owned());
        Some(need(day, chart.grant.person().ok()?, chart.hue, What::Questionnaire { title, id, over: due < today }))
    });
    Ok(needs.collect())
}
