//! Maps stored resources again of which the maps of a new version tell more than those by which they came in.

use app::{access::System, platform::entity::setting, record::resource::entity::fhir_resource};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict};
use uuid::Uuid;

use super::{ImportOptions, map_again};

/// The types of which the maps tell more, by the version of the maps: 1 brought prescriptions, what pharmacies gave out, and messages; 2 the links of visits by video; 3 questionnaires and their Spanish titles.
const MORE: &[(u32, &[&str])] = &[
    (1, &["Communication", "MedicationDispense", "MedicationRequest"]),
    (2, &["Appointment"]),
    (3, &["Questionnaire", "QuestionnaireResponse"]),
];
/// The version by which everything is mapped.
const DONE: &str = "maps";
/// The last resource that was mapped again.
const LAST: &str = "maps-last";
/// Resources in one transaction.
const STEP: u64 = 100;

/// Maps one step of what is due; returns whether there may be more. A server that stops goes on where it was.
///
/// # Errors
/// When the database fails.
pub async fn map_after_upgrade(system: &System, options: &ImportOptions) -> Result<bool, DbErr> {
    let version = MORE.iter().map(|(version, _)| *version).max().unwrap_or_default();
    let known: u32 = value(system, DONE).await?.and_then(|text| text.parse().ok()).unwrap_or_default();
    if known >= version {
        return Ok(false);
    }
    let types: Vec<&str> = MORE.iter().filter(|(since, _)| *since > known).flat_map(|(_, types)| types.iter().copied()).collect();
    let last: Uuid = value(system, LAST).await?.and_then(|text| text.parse().ok()).unwrap_or_default();
    let tx = system.begin().await?;
    let due: Vec<Uuid> = fhir_resource::Entity::find()
        .select_only()
        .column(fhir_resource::Column::Id)
        .filter(fhir_resource::Column::Id.gt(last))
        .filter(fhir_resource::Column::ResourceType.is_in(types))
        .order_by_asc(fhir_resource::Column::Id)
        .limit(STEP)
        .into_tuple()
        .all(&tx)
        .await?;
    let rows = match due.last() {
        Some(id) => vec![(LAST, id.to_string())],
        None => vec![(DONE, version.to_string()), (LAST, String::new())],
    };
    let more = !due.is_empty();
    if more {
        map_again(&tx, due, options).await?;
    }
    let rows = rows.into_iter().map(|(name, value)| setting::ActiveModel { name: Set(name.to_owned()), value: Set(value) });
    let known = OnConflict::column(setting::Column::Name).update_column(setting::Column::Value).to_owned();
    setting::Entity::insert_many(rows).on_conflict(known).exec_without_returning(&tx).await?;
    tx.commit().await?;
    Ok(more)
}

async fn value(system: &System, name: &str) -> Result<Option<String>, DbErr> {
    Ok(setting::Entity::find_by_id(name).one(system.db()).await?.map(|row| row.value))
}
