//! Questionnaires that are asked before visits and by the care team, and documents to be signed.

use app::{
    access::System,
    base::ids::new_id,
    desk::{
        consents::entity::consent_document,
        questionnaires::{
            entity::{questionnaire, questionnaire_office, questionnaire_response},
            model::State,
        },
    },
    people::account,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter};
use serde::Deserialize;
use uuid::Uuid;

use super::household::resource;

#[derive(Deserialize)]
struct Asked {
    before_visits: Vec<BeforeVisits>,
    tasks: Vec<Task>,
    documents: Vec<Document>,
}

#[derive(Deserialize)]
struct BeforeVisits {
    department: Uuid,
    url: String,
}

#[derive(Deserialize)]
struct Task {
    /// The user name of whoever is asked.
    of: String,
    by: String,
    department: Uuid,
    url: String,
    in_days: i64,
    note: String,
}

#[derive(Deserialize)]
struct Document {
    departments: Vec<Uuid>,
    each_visit: bool,
    title_en: String,
    title_es: String,
    text_en: Vec<String>,
    text_es: Vec<String>,
}

/// Writes them as they are at `now`.
pub async fn write(system: &System, now: DateTime<Utc>, today: NaiveDate) -> Result<(), DbErr> {
    let asked: Asked = serde_json::from_str(include_str!("questionnaires.json")).map_err(|error| DbErr::Custom(error.to_string()))?;
    let tx = system.begin().await?;
    let missing = |what: &str| DbErr::Custom(format!("the household has no {what}"));
    let known = questionnaire::Entity::find().all(&tx).await?;
    let form = |url: &str| known.iter().find(|form| form.url.as_deref() == Some(url)).ok_or_else(|| missing(url));
    for found in &asked.before_visits {
        let row = questionnaire_office::ActiveModel {
            department_id: Set(resource(&tx, "Location", found.department).await?),
            questionnaire_id: Set(form(&found.url)?.id),
            kind_id: Set(None),
        };
        questionnaire_office::Entity::insert(row).exec_without_returning(&tx).await?;
    }
    for task in asked.tasks {
        let form = form(&task.url)?;
        let whose = account::Entity::find().filter(account::Column::Username.eq(&task.of)).one(&tx).await?;
        let patient = whose.and_then(|account| account.patient_id).ok_or_else(|| missing(&task.of))?;
        let by = account::Entity::find().filter(account::Column::Username.eq(&task.by)).one(&tx).await?.ok_or_else(|| missing(&task.by))?;
        let row = questionnaire_response::Model {
            questionnaire_id: Some(form.id),
            department_id: Some(resource(&tx, "Location", task.department).await?),
            title_es: form.title_es.clone(),
            state: State::Asked,
            sensitive: form.sensitive,
            asked_by: Some(by.display_name),
            asked_at: Some(now - TimeDelta::hours(20)),
            due_on: Some(today + TimeDelta::days(task.in_days)),
            note: Some(task.note),
            ..questionnaire_response::Model::blank(new_id(), patient, form.title.clone(), now - TimeDelta::hours(20))
        };
        questionnaire_response::Entity::insert(questionnaire_response::ActiveModel::from(row)).exec_without_returning(&tx).await?;
    }
    for document in asked.documents {
        for department_id in document.departments {
            let department_id = resource(&tx, "Location", department_id).await?;
            let row = consent_document::ActiveModel {
                id: Set(new_id()),
                version: Set(1),
                department_id: Set(Some(department_id)),
                kind_id: Set(None),
                title_en: Set(document.title_en.clone()),
                title_es: Set(document.title_es.clone()),
                text_en: Set(document.text_en.join("\n\n")),
                text_es: Set(document.text_es.join("\n\n")),
                each_visit: Set(document.each_visit),
                current: Set(true),
                made_at: Set(now - TimeDelta::days(200)),
                made_by: Set("Middlesex Health".to_owned()),
            };
            consent_document::Entity::insert(row).exec_without_returning(&tx).await?;
        }
    }
    tx.commit().await
}
