//! Questionnaire → what departments can ask; QuestionnaireResponse → what was answered elsewhere. What was answered here, went out and
//! comes back is known by its identifier.

use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, sea_query::OnConflict};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    desk::{
        outgoing::resource::{named, systems},
        questionnaires::{
            entity::{questionnaire, questionnaire_response},
            model::State,
        },
    },
    people::patient::with_merged,
    record::{
        fhir::{self, labels},
        import::{Context, Incoming, of_type, visit_of},
        questionnaire::{Form, form::Kind, total::PANELS},
    },
};

const MOST_TITLE: usize = 300;
const MOST_URL: usize = 500;
const MOST_VERSION: usize = 100;
const MOST_NAME: usize = 200;
/// Panels of LOINC about mental health, substances and violence: PHQ-9, GAD-7, Columbia screener, AUDIT-C, AUDIT, DAST-10, Edinburgh
/// depression scale, HARK.
const SENSITIVE: [&str; 8] = ["44249-1", "69737-5", "93373-9", "72109-2", "72110-0", "82666-9", "71354-5", "76499-3"];

/// What became of the resources.
#[derive(Default)]
pub struct Found {
    pub shown: Vec<Uuid>,
    /// Answered here.
    pub own: Vec<Uuid>,
}

/// # Errors
/// When the database fails.
pub async fn all(context: &mut Context<'_>, rows: &[Incoming<'_>]) -> Result<Found, DbErr> {
    let mut found = Found::default();
    for row in of_type(rows, "Questionnaire").filter(|row| !row.cannot_be_told) {
        asked(context, row).await?;
        found.shown.push(row.id);
    }
    for row in of_type(rows, "QuestionnaireResponse").filter(|row| !row.cannot_be_told) {
        let known = match named(&row.value["identifier"], systems::ANSWERS) {
            Some(id) => {
                questionnaire_response::Entity::find_by_id(id)
                    .filter(
                        questionnaire_response::Column::PatientId
                            .in_subquery(sea_orm::QueryTrait::into_query(with_merged(row.patient.unwrap_or_default()))),
                    )
                    .one(context.tx)
                    .await?
            }
            None => None,
        };
        if known.is_some() {
            found.own.push(row.id);
        } else if answered(context, row).await? {
            found.shown.push(row.id);
        }
    }
    Ok(found)
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

async fn asked(context: &Context<'_>, row: Incoming<'_>) -> Result<(), DbErr> {
    let form = Form::read(row.value, "en").ok();
    let spanish = Form::read(row.value, "es").ok().map(|form| cut(&form.title, MOST_TITLE));
    // Nobody fills in what has no question that can be answered.
    let asks = form.as_ref().is_some_and(|form| form.all().iter().any(|item| item.is_answerable()));
    let labels = labels::of(row.value);
    let title = form.as_ref().map(|form| form.title.clone()).filter(|title| !title.trim().is_empty());
    let spanish = spanish.filter(|spanish| !spanish.trim().is_empty() && title.as_ref() != Some(spanish));
    let of = |name: &str, most: usize| row.value[name].as_str().map(|text| cut(text, most));
    let made = questionnaire::ActiveModel {
        id: Set(row.id),
        url: Set(of("url", MOST_URL)),
        version: Set(of("version", MOST_VERSION)),
        title: Set(cut(
            &title.or_else(|| of("title", MOST_TITLE)).or_else(|| of("name", MOST_TITLE)).unwrap_or_else(|| "Questionnaire".to_owned()),
            MOST_TITLE,
        )),
        title_es: Set(spanish),
        active: Set(asks && row.value["status"] == "active" && !labels.withheld()),
        sensitive: Set(labels.sensitive || form.is_some_and(|form| is_sensitive(&form))),
    };
    let again = OnConflict::column(questionnaire::Column::Id)
        .update_columns([
            questionnaire::Column::Url,
            questionnaire::Column::Version,
            questionnaire::Column::Title,
            questionnaire::Column::TitleEs,
            questionnaire::Column::Active,
            questionnaire::Column::Sensitive,
        ])
        .to_owned();
    questionnaire::Entity::insert(made).on_conflict(again).exec_without_returning(context.tx).await?;
    Ok(())
}

fn is_sensitive(form: &Form) -> bool {
    let panel = |codes: &[crate::record::questionnaire::value::Code]| {
        codes.iter().filter_map(|code| code.code.as_deref()).any(|code| SENSITIVE.contains(&code))
    };
    let items = form.all();
    let totals = items.iter().filter(|item| item.kind != Kind::Display);
    panel(&form.codes)
        || items.iter().any(|item| panel(&item.codes))
        || totals.into_iter().any(|item| PANELS.iter().any(|panel| item.has_code(crate::record::questionnaire::total::LOINC, panel.total)))
}

async fn answered(context: &mut Context<'_>, row: Incoming<'_>) -> Result<bool, DbErr> {
    let (Some(patient), labels) = (row.patient, labels::of(row.value)) else { return Ok(false) };
    let state = match row.value["status"].as_str() {
        Some("completed" | "amended") if !labels.withheld() => State::Completed,
        _ => return Ok(false),
    };
    let source = row.value["questionnaire"].as_str().unwrap_or_default();
    let (url, version) = source.split_once('|').map_or((source, None), |(url, version)| (url, Some(version)));
    let known = match url {
        "" => None,
        url => {
            let mut known = questionnaire::Entity::find().filter(questionnaire::Column::Url.eq(url));
            if let Some(version) = version {
                known = known.filter(questionnaire::Column::Version.eq(version));
            }
            known.order_by_desc(questionnaire::Column::Id).one(context.tx).await?
        }
    };
    let visit = visit_of(context, row);
    let said =
        row.value["_questionnaire"]["extension"].as_array().and_then(|all| all.iter().find_map(|found| found["valueString"].as_str()));
    let title_es = known.as_ref().and_then(|known| known.title_es.clone());
    let title = known.as_ref().map(|known| known.title.clone()).or_else(|| said.map(str::to_owned));
    let title = title.or_else(|| url.rsplit('/').next().filter(|name| !name.is_empty()).map(str::to_owned));
    let person = |name: &str| row.value[name]["display"].as_str().map(|name| cut(name, MOST_NAME));
    let authored = fhir::instant(&row.value["authored"]).or_else(|| fhir::instant(&row.value["meta"]["lastUpdated"]));
    let items: Value = row.value["item"].clone();
    let title = cut(&title.unwrap_or_else(|| "Questionnaire".to_owned()), MOST_TITLE);
    let made = questionnaire_response::Model {
        questionnaire_id: known.as_ref().map(|known| known.id),
        visit_id: visit.map(|visit| visit.id),
        title_es,
        state,
        sensitive: labels.sensitive || visit.is_some_and(|visit| visit.sensitive) || known.is_some_and(|known| known.sensitive),
        body: Some(items.to_string()),
        author: person("author").or_else(|| person("source")),
        authored_at: authored,
        amended: row.value["status"] == "amended",
        resource_id: Some(row.id),
        ..questionnaire_response::Model::blank(row.id, patient, title, authored.unwrap_or_default())
    };
    questionnaire_response::Entity::insert(questionnaire_response::ActiveModel::from(made))
        .on_conflict(OnConflict::column(questionnaire_response::Column::Id).do_nothing().to_owned())
        .exec_without_returning(context.tx)
        .await?;
    Ok(true)
}
