//! What the home page says of questionnaires that staff ask for.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter};
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
    platform::batch::{Batch, Columns, Rows},
};

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    patient_id: Uuid,
    due_on: Option<NaiveDate>,
    title: String,
    title_es: Option<String>,
}

/// Asks for the questionnaires that are to be filled in by a day.
pub fn asked<'a>(
    batch: &mut Batch,
    charts: &'a [Opened<AnswerQuestionnaires>],
) -> impl FnOnce(&mut Rows) -> Result<Vec<Need>, Error> + use<'a> {
    use questionnaire_response::Column;
    let asked = (!charts.is_empty()).then(|| {
        let open = questionnaire_response::Entity::find()
            .filter(of_charts(charts, Column::PatientId, Column::Sensitive))
            .filter(Column::State.is_in([State::Asked, State::Begun]))
            .filter(Column::DueOn.is_not_null());
        let columns = Columns::default().of([Column::Id, Column::PatientId, Column::DueOn, Column::Title, Column::TitleEs]);
        batch.ask_columns::<_, Row>(open, columns)
    });
    move |answers| {
        let mut found = answers.take(asked)?;
        found.sort_by_key(|row| (row.due_on, row.id));
        let needs = found.into_iter().filter_map(|row| {
            let (chart, due) = (of_patient(charts, row.patient_id)?, row.due_on?);
            let t = chart.grant.texts();
            let (day, title) = (t.day(due, false), in_words(t, &row.title, row.title_es.as_deref()).to_owned());
            let what = What::Questionnaire { title, id: row.id, over: due < chart.grant.now().today };
            Some(need(day, chart.grant.person().ok()?, chart.hue, what))
        });
        Ok(needs.collect())
    }
}
