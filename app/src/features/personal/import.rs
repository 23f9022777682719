//! Patient → the chart and its demographics.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    sea_query::OnConflict,
};
use serde_json::Value;
use uuid::Uuid;

use super::overlay;
use crate::{
    base::ids::new_id,
    people::{
        folding::{folded, number_key},
        name_part, patient, patient_record,
    },
    record::{
        fhir::{address, all_words, changes_after, contact_point::phone_of_no_use, date, items, last_day, name, partial, telecom, today},
        import::{CHUNK, Incoming, of_type},
    },
};

/// Writes the charts, and adds them to `charts` by the ids of their Patient resources. Of several records that make one chart,
/// the one in `leaders` tells who it is. Whoever has no name or birth date has no chart: it could belong to anybody.
pub async fn all(
    tx: &DatabaseTransaction,
    rows: &[Incoming<'_>],
    charts: &mut HashMap<Uuid, Uuid>,
    leaders: &HashMap<Uuid, Uuid>,
) -> Result<(), DbErr> {
    let (mut people, mut names, mut records) = (Vec::new(), Vec::new(), Vec::new());
    // A death that one record of a person tells holds, unless the one that tells who it is says that there was none.
    let mut died: HashMap<Uuid, Option<String>> = HashMap::new();
    let silent: HashSet<Uuid> = of_type(rows, "Patient").filter(|row| row.value["deceasedBoolean"].is_null()).map(|row| row.id).collect();
    let mut words: HashMap<Uuid, Vec<String>> = HashMap::new();
    for row in of_type(rows, "Patient") {
        let Some(mut found) = active(row) else { continue };
        let id = charts.get(&row.id).copied().unwrap_or_else(new_id);
        found.id = Set(id);
        if charts.insert(row.id, id).is_none() {
            records.push(patient_record::ActiveModel { resource_id: Set(row.id), patient_id: Set(id) });
        }
        if found.deceased.try_as_ref() == Some(&true) {
            died.entry(id).or_insert_with(|| found.deceased_on.try_as_ref().cloned().flatten());
        }
        words.entry(id).or_default().extend(all_words(&row.value["name"]));
        if leaders.get(&id).is_none_or(|leader| *leader == row.id) {
            people.push(found);
        }
    }
    for found in &mut people {
        let is_silent = found.resource_id.try_as_ref().is_some_and(|id| silent.contains(id));
        if let Some(day) = found.id.try_as_ref().and_then(|id| died.get(id)).filter(|_| is_silent) {
            found.deceased = Set(true);
            found.deceased_on = Set(found.deceased_on.try_as_ref().cloned().flatten().or_else(|| day.clone()));
        }
    }
    // Whoever had another name is found by that one too; only the desk looks for it.
    for found in &mut people {
        let Some((name, id)) = found.search_name.try_as_ref().cloned().zip(found.id.try_as_ref().copied()) else { continue };
        let mut name = name;
        let words: Vec<String> = words.get(&id).into_iter().flatten().map(|word| folded(word)).collect();
        for word in words.iter().flat_map(|word| word.split(' ')) {
            if !word.is_empty() && !name.split(' ').any(|known| known == word) {
                name.push(' ');
                name.push_str(word);
            }
        }
        names.extend(name_part::parts(&name).into_iter().map(|part| name_part::ActiveModel { part: Set(part), patient_id: Set(id) }));
        found.search_name = Set(name);
    }
    overlay::lay_over(tx, &mut people).await?;
    for chunk in people.chunks(CHUNK) {
        let ids: Vec<Uuid> = chunk.iter().filter_map(|row| row.id.try_as_ref().copied()).collect();
        name_part::Entity::delete_many().filter(name_part::Column::PatientId.is_in(ids)).exec(tx).await?;
    }
    for chunk in names.chunks(CHUNK) {
        name_part::Entity::insert_many(chunk.iter().cloned()).exec_without_returning(tx).await?;
    }
    for chunk in records.chunks(CHUNK) {
        patient_record::Entity::insert_many(chunk.iter().cloned()).exec_without_returning(tx).await?;
    }
    for found in people {
        let mut conflict = OnConflict::column(patient::Column::Id);
        // The id stays, since it is in addresses; emancipation is recorded by staff.
        conflict.update_columns([
            patient::Column::ResourceId,
            patient::Column::Mrn,
            patient::Column::MrnKey,
            patient::Column::GivenName,
            patient::Column::FamilyName,
            patient::Column::SearchName,
            patient::Column::BirthDate,
            patient::Column::BornBy,
            patient::Column::Sex,
            patient::Column::Deceased,
            patient::Column::DeceasedOn,
            patient::Column::Language,
            patient::Column::MaritalStatus,
            patient::Column::AddressLine,
            patient::Column::City,
            patient::Column::State,
            patient::Column::PostalCode,
            patient::Column::PhoneHome,
            patient::Column::PhoneMobile,
            patient::Column::PhoneWork,
            patient::Column::Email,
            patient::Column::ChangesOn,
        ]);
        patient::Entity::insert(found).on_conflict(conflict).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn active(row: Incoming<'_>) -> Option<patient::ActiveModel> {
    let value = row.value;
    let day = today();
    let (given, family) = name(&value["name"], day)?;
    let birth_date = date(&value["birthDate"])?;
    let born_by = partial(&value["birthDate"]).and_then(|_| last_day(&value["birthDate"]));
    let address = address::current(&value["address"], day);
    let address_part = |member: &str| address.and_then(|address| address[member].as_str()).map(str::to_owned);
    let line = address.map(|address| items(&address["line"]).filter_map(Value::as_str).collect::<Vec<_>>().join(", "));
    let phone = |usage| telecom(&value["telecom"], "phone", Some(usage), day);
    let number = record_number(value);
    Some(patient::ActiveModel {
        id: NotSet,
        resource_id: Set(row.id),
        mrn_key: Set(number.as_deref().map(number_key)),
        mrn: Set(number),
        search_name: Set(folded(&format!("{given} {family}"))),
        given_name: Set(given),
        family_name: Set(family),
        birth_date: Set(birth_date),
        born_by: Set(born_by),
        sex: Set(value["gender"].as_str().map(str::to_owned)),
        deceased: Set(value["deceasedBoolean"] == true || value["deceasedDateTime"].is_string()),
        deceased_on: Set(value["deceasedDateTime"].as_str().map(str::to_owned)),
        language: Set(language(value)),
        marital_status: Set(value["maritalStatus"]["text"]
            .as_str()
            .or_else(|| value["maritalStatus"]["coding"][0]["display"].as_str())
            .filter(|text| text.len() > 1)
            .map(str::to_owned)),
        address_line: Set(line.filter(|line| !line.is_empty())),
        city: Set(address_part("city")),
        state: Set(address_part("state")),
        postal_code: Set(address_part("postalCode")),
        phone_home: Set(phone("home").or_else(|| phone_of_no_use(&value["telecom"], day))),
        phone_mobile: Set(phone("mobile")),
        phone_work: Set(phone("work")),
        email: Set(telecom(&value["telecom"], "email", None, day)),
        changes_on: Set(changes_on(value, day)),
        emancipated_on: Set(None),
        several_sources: NotSet,
        merged_into: NotSet,
        access_until: NotSet,
    })
}

/// The next day on which another name, address or way to reach somebody counts.
fn changes_on(value: &Value, today: NaiveDate) -> Option<NaiveDate> {
    let parts = ["name", "address", "telecom"].into_iter().flat_map(|member| items(&value[member]));
    parts.flat_map(|part| changes_after(&part["period"], today)).min()
}

pub fn record_number(value: &Value) -> Option<String> {
    let is_mrn = |identifier: &&Value| items(&identifier["type"]["coding"]).any(|coding| coding["code"] == "MR");
    items(&value["identifier"]).find(is_mrn).and_then(|identifier| identifier["value"].as_str()).map(str::to_owned)
}

/// The primary part of the tag of the preferred language, else of the first: "es" of "es-MX".
fn language(value: &Value) -> Option<String> {
    let spoken = || items(&value["communication"]);
    let chosen = spoken().find(|language| language["preferred"] == true).or_else(|| spoken().next())?;
    let code = items(&chosen["language"]["coding"]).find_map(|coding| coding["code"].as_str())?;
    code.split('-').next().map(str::to_lowercase)
}
