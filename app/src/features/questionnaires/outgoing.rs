//! What people answered, as FHIR R4 QuestionnaireResponse.

use base64::{Engine, prelude::BASE64_STANDARD};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QueryTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    desk::{
        outgoing::resource::{containing, identifier, maker, of_source, restricted, subject, systems},
        questionnaires::{
            entity::{questionnaire, questionnaire_file, questionnaire_response},
            model::State,
        },
    },
    people::patient::with_merged,
    record::resource::entity::fhir_resource,
};

/// Answers; nothing while they are changed again.
///
/// # Errors
/// When the database fails.
pub async fn answers(db: &impl ConnectionTrait, id: Uuid) -> Result<Vec<Value>, DbErr> {
    match questionnaire_response::Entity::find_by_id(id).one(db).await? {
        Some(row) => Ok(told(db, &row).await?.into_iter().collect()),
        None => Ok(Vec::new()),
    }
}

/// Everything that was answered here for a patient.
///
/// # Errors
/// When the database fails.
pub async fn of_patient(db: &impl ConnectionTrait, patient: Uuid) -> Result<Vec<Value>, DbErr> {
    let rows = questionnaire_response::Entity::find()
        .filter(questionnaire_response::Column::PatientId.in_subquery(with_merged(patient).into_query()))
        .filter(questionnaire_response::Column::ResourceId.is_null())
        .order_by_asc(questionnaire_response::Column::Id);
    let mut all = Vec::new();
    for row in rows.all(db).await? {
        all.extend(told(db, &row).await?);
    }
    Ok(all)
}

async fn told(db: &impl ConnectionTrait, row: &questionnaire_response::Model) -> Result<Option<Value>, DbErr> {
    let (State::Completed, Some(body), Some(authored), None) = (row.state, &row.body, row.authored_at, row.resource_id) else {
        return Ok(None);
    };
    let mut items: Value = serde_json::from_str(body).unwrap_or_default();
    with_files(db, row.id, &mut items).await?;
    let patient = subject(db, row.patient_id).await?;
    let (author, contained) = maker(&patient, row.author.as_deref().unwrap_or_default(), row.role.as_deref());
    let mut response = json!({
        "resourceType": "QuestionnaireResponse",
        "id": row.id.to_string(),
        "identifier": identifier(systems::ANSWERS, row.id),
        "status": if row.amended { "amended" } else { "completed" },
        "subject": patient,
        "authored": authored.to_rfc3339(),
        "author": author,
        "source": author,
    });
    if let Some(canonical) = canonical(db, row).await? {
        response["questionnaire"] = json!(canonical);
    }
    // FHIR has no empty lists.
    if items.as_array().is_some_and(|items| !items.is_empty()) {
        response["item"] = items;
    }
    if row.sensitive {
        response["meta"] = restricted();
    }
    Ok(Some(containing(response, contained)))
}

/// The address of the questionnaire with its version, as its source has it.
async fn canonical(db: &impl ConnectionTrait, row: &questionnaire_response::Model) -> Result<Option<String>, DbErr> {
    if row.canonical.is_some() {
        return Ok(row.canonical.clone());
    }
    let Some(id) = row.questionnaire_id else { return Ok(None) };
    let known = questionnaire::Entity::find_by_id(id).one(db).await?;
    if let Some((url, version)) = known.and_then(|known| Some((known.url?, known.version))) {
        return Ok(Some(version.map_or_else(|| url.clone(), |version| format!("{url}|{version}"))));
    }
    Ok(fhir_resource::Entity::find_by_id(id).one(db).await?.map(|resource| of_source(&resource)))
}

/// Files that are answers go with them.
async fn with_files(db: &impl ConnectionTrait, response: Uuid, items: &mut Value) -> Result<(), DbErr> {
    let files = questionnaire_file::Entity::find().filter(questionnaire_file::Column::ResponseId.eq(response)).all(db).await?;
    if !files.is_empty() {
        put_in(items, &files);
    }
    Ok(())
}

fn put_in(value: &mut Value, files: &[questionnaire_file::Model]) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(|value| put_in(value, files)),
        Value::Object(members) => {
            if let Some(attachment) = members.get_mut("valueAttachment") {
                let id = attachment["url"].as_str().and_then(|id| id.parse::<Uuid>().ok());
                if let Some(file) = files.iter().find(|file| Some(file.id) == id) {
                    *attachment = json!({
                        "contentType": file.content_type,
                        "title": file.name,
                        "creation": file.added_at.to_rfc3339(),
                        "data": BASE64_STANDARD.encode(&file.content),
                    });
                }
            }
            members.values_mut().for_each(|value| put_in(value, files));
        }
        _ => {}
    }
}
