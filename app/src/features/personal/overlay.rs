//! Addresses and phones as staff accepted them, until the hospital's records say the same.
//!
//! The table `patient` has what is shown and compared everywhere: what was accepted, else what the record says. An import
//! writes what the record says over it, and then this.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict};
use uuid::Uuid;

use super::entity::patient_overlay;
use crate::people::patient;

/// SQLite takes 32,766 values in a statement.
const CHUNK: usize = 2000;

/// What can be changed, in groups that are accepted and given up as a whole: half of an address with half of another would be
/// nobody's.
const GROUPS: [&[&str]; 3] = [&["address_line", "city", "state", "postal_code"], &["phone_mobile"], &["phone_home"]];

fn value<'a>(row: &'a mut patient::ActiveModel, field: &str) -> Option<&'a mut sea_orm::ActiveValue<Option<String>>> {
    match field {
        "address_line" => Some(&mut row.address_line),
        "city" => Some(&mut row.city),
        "state" => Some(&mut row.state),
        "postal_code" => Some(&mut row.postal_code),
        "phone_mobile" => Some(&mut row.phone_mobile),
        "phone_home" => Some(&mut row.phone_home),
        _ => None,
    }
}

/// Writes an accepted change, and remembers it for the imports to come.
///
/// # Errors
/// When the database fails.
pub(crate) async fn accept(
    tx: &impl ConnectionTrait,
    patient: &patient::Model,
    changes: &BTreeMap<&str, String>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let mut changed = patient::ActiveModel::from(patient.clone());
    let mut rows = Vec::new();
    for group in GROUPS.into_iter().filter(|group| group.iter().any(|field| changes.contains_key(field))) {
        for field in group {
            let Some(column) = value(&mut changed, field) else { continue };
            if let Some(text) = changes.get(field) {
                *column = Set(Some(text.clone()));
            }
            rows.push(patient_overlay::ActiveModel {
                patient_id: Set(patient.id),
                field: Set((*field).to_owned()),
                value: Set(column.try_as_ref().cloned().flatten()),
                accepted_at: Set(now),
            });
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    let known = OnConflict::columns([patient_overlay::Column::PatientId, patient_overlay::Column::Field])
        .update_columns([patient_overlay::Column::Value, patient_overlay::Column::AcceptedAt])
        .to_owned();
    patient_overlay::Entity::insert_many(rows).on_conflict(known).exec_without_returning(tx).await?;
    patient::Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// Lays what was accepted over what an import is about to write. What the import says itself is not needed any longer.
///
/// # Errors
/// When the database fails.
pub async fn lay_over(tx: &impl ConnectionTrait, rows: &mut [patient::ActiveModel]) -> Result<(), DbErr> {
    for chunk in rows.chunks_mut(CHUNK) {
        let ids: Vec<Uuid> = chunk.iter().filter_map(|row| row.id.try_as_ref().copied()).collect();
        let mut accepted: HashMap<Uuid, HashMap<String, Option<String>>> = HashMap::new();
        for row in patient_overlay::Entity::find().filter(patient_overlay::Column::PatientId.is_in(ids)).all(tx).await? {
            accepted.entry(row.patient_id).or_default().insert(row.field, row.value);
        }
        for row in chunk {
            complete_birth_date(tx, row, &accepted).await?;
            let Some((id, accepted)) = row.id.try_as_ref().copied().and_then(|id| Some((id, accepted.get(&id)?))) else { continue };
            for group in GROUPS.into_iter().filter(|group| group.iter().any(|field| accepted.contains_key(*field))) {
                let mut same = true;
                for field in group {
                    let Some(column) = value(row, field) else { continue };
                    let said = column.try_as_ref().cloned().flatten();
                    same &= key(field, said.as_deref()) == key(field, accepted.get(*field).and_then(Option::as_deref));
                }
                if same {
                    patient_overlay::Entity::delete_many()
                        .filter(patient_overlay::Column::PatientId.eq(id))
                        .filter(patient_overlay::Column::Field.is_in(group.iter().copied()))
                        .exec(tx)
                        .await?;
                    continue;
                }
                for field in group {
                    if let (Some(column), Some(text)) = (value(row, field), accepted.get(*field)) {
                        *column = Set(text.clone());
                    }
                }
            }
        }
    }
    Ok(())
}

/// The field under which a completed birth date is kept.
const BIRTH_DATE: &str = "birth_date";

/// Takes the day that staff read on somebody's papers, where the record says the year or the month only.
///
/// # Errors
/// When the database fails.
pub(crate) async fn complete(tx: &impl ConnectionTrait, patient: Uuid, born: NaiveDate, now: DateTime<Utc>) -> Result<(), DbErr> {
    let row = patient_overlay::ActiveModel {
        patient_id: Set(patient),
        field: Set(BIRTH_DATE.to_owned()),
        value: Set(Some(born.to_string())),
        accepted_at: Set(now),
    };
    let known = OnConflict::columns([patient_overlay::Column::PatientId, patient_overlay::Column::Field])
        .update_columns([patient_overlay::Column::Value, patient_overlay::Column::AcceptedAt])
        .to_owned();
    patient_overlay::Entity::insert(row).on_conflict(known).exec_without_returning(tx).await?;
    let completed = patient::ActiveModel { birth_date: Set(born), born_by: Set(None), ..Default::default() };
    patient::Entity::update_many().set(completed).filter(patient::Column::Id.eq(patient)).exec(tx).await?;
    Ok(())
}

/// A completed birth date counts as long as the record says nothing more exact, and nothing else.
async fn complete_birth_date(
    tx: &impl ConnectionTrait,
    row: &mut patient::ActiveModel,
    accepted: &HashMap<Uuid, HashMap<String, Option<String>>>,
) -> Result<(), DbErr> {
    let Some(id) = row.id.try_as_ref().copied() else { return Ok(()) };
    let Some(day) = accepted.get(&id).and_then(|accepted| accepted.get(BIRTH_DATE)) else { return Ok(()) };
    let day = day.as_deref().and_then(|day| day.parse::<NaiveDate>().ok());
    let (first, last) = (row.birth_date.try_as_ref().copied(), row.born_by.try_as_ref().copied().flatten());
    match (day, first, last) {
        (Some(day), Some(first), Some(last)) if (first..=last).contains(&day) => {
            row.birth_date = Set(day);
            row.born_by = Set(None);
        }
        _ => {
            let this = patient_overlay::Column::Field.eq(BIRTH_DATE);
            patient_overlay::Entity::delete_many().filter(patient_overlay::Column::PatientId.eq(id)).filter(this).exec(tx).await?;
        }
    }
    Ok(())
}

/// Two spellings of the same: a phone by its last ten digits, a text by its letters and digits.
fn key(field: &str, text: Option<&str>) -> String {
    let text = text.unwrap_or_default();
    if field.starts_with("phone") {
        let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
        return digits[digits.len().saturating_sub(10)..].iter().collect();
    }
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn another_spelling_is_no_other_address() {
        assert_eq!(key("phone_home", Some("+1 (860) 555-0100")), key("phone_home", Some("860-555-0100")));
        assert_eq!(key("address_line", Some("12 Main St., Apt 3")), key("address_line", Some("12 MAIN ST APT 3")));
        assert_eq!(key("state", None), key("state", Some("")));
        assert_ne!(key("city", Some("Durham")), key("city", Some("Middletown")));
    }
}
