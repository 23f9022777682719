//! Who the household is: FHIR bundles through the same importer as everybody's, and the people who sign in.

use app::{
    access::System,
    base::{clock::Clock, ids::new_id, text::answer_key},
    people::{account, patient, proxy_grant, relation::StaffRole, staff_office},
    platform::{entity::setting, password_hash::Passwords},
    record::resource::entity::fhir_alias,
    site::demo::model::{DemoPerson, Desk, Desks},
};
use chrono::{NaiveDate, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Birthday,
    clear::clear,
    people::{BirthdayRule, People, Says, people},
    shift::{Shift, born},
};
use crate::fhir;

/// The password of everybody in the household, for signing in through the form.
pub const PASSWORD: &str = "demo household";

/// What everybody in the household answers to "What was the name of your first pet?".
pub const ANSWER: &str = "Biscuit";

/// The key of the staff's authenticator app.
pub const STAFF_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

const SEEDED_ON: &str = "demo.seeded_on";
const CLOCK_OFFSET: &str = "demo.clock_offset_ms";

macro_rules! bundles {
    ($($name:literal),+ $(,)?) => { &[$(($name, include_str!(concat!("household/", $name, ".json")))),+] };
}

const BUNDLES: &[(&str, &str)] = bundles![
    "organization",
    "maria",
    "maria_amended",
    "emma",
    "lucas",
    "ernesto",
    "noah",
    "olivia",
    "jayden",
    "sofia",
    "harold",
    "cardiology",
    "billing",
    "questionnaires"
];

/// Deletes everything and tells the household anew, as of today.
///
/// # Errors
/// A sentence for whoever starts the demo.
pub async fn seed(system: &System, clock: &Clock, passwords: &Passwords) -> Result<(), String> {
    clear(system).await.map_err(|error| error.to_string())?;
    clock.move_to(None);
    let today = clock.now().today;
    let people = people();
    let shift = Shift { anchor: people.anchor, today, zone: clock.zone() };
    let options = fhir::ImportOptions { zone: Some(clock.zone()), ..fhir::ImportOptions::default() };
    for (name, text) in BUNDLES {
        let mut bundle: Value = serde_json::from_str(text).map_err(|error| format!("{name}: {error}"))?;
        shift.apply(&mut bundle);
        set_birth_dates(&mut bundle, &people.birthdays, today);
        fhir::import_bundle_from(system, name, bundle, &options).await.map_err(|refusal| refusal.to_string())?;
    }
    let hash = passwords.hash(PASSWORD.into()).await.map_err(|error| error.to_string())?;
    let answer = passwords.hash(answer_key(ANSWER)).await.map_err(|error| error.to_string())?;
    accounts(system, &people, hash, answer, today).await.map_err(|error| error.to_string())?;
    super::messages::write(system, Utc::now(), clock.zone()).await.map_err(|error| error.to_string())?;
    super::refills::write(system, Utc::now(), clock.zone()).await.map_err(|error| error.to_string())?;
    super::clinic::write(system, Utc::now(), today, clock.zone()).await.map_err(|error| error.to_string())?;
    super::check_in::write(system, Utc::now()).await.map_err(|error| error.to_string())?;
    super::questionnaires::write(system, Utc::now(), today).await.map_err(|error| error.to_string())?;
    super::video::place(system, Utc::now()).await.map_err(|error| error.to_string())?;
    super::billing::write(system, Utc::now(), today).await.map_err(|error| error.to_string())?;
    keep(system.db(), CLOCK_OFFSET, "0").await.map_err(|error| error.to_string())?;
    keep(system.db(), SEEDED_ON, &today.to_string()).await.map_err(|error| error.to_string())
}

/// Whether the household was told today: yesterday's is one day late.
pub async fn is_seeded(system: &System, today: NaiveDate) -> Result<bool, String> {
    Ok(read(system, SEEDED_ON).await?.is_some_and(|day| day == today.to_string()))
}

/// How far the demo's clock was moved, in milliseconds.
pub async fn clock_offset(system: &System) -> Result<i64, String> {
    Ok(read(system, CLOCK_OFFSET).await?.and_then(|offset| offset.parse().ok()).unwrap_or(0))
}

/// Keeps how far the clock was moved, over restarts.
pub async fn keep_clock_offset(system: &System, offset_ms: i64) -> Result<(), String> {
    keep(system.db(), CLOCK_OFFSET, &offset_ms.to_string()).await.map_err(|error| error.to_string())
}

/// The birthdays that the clock is worth moving to.
pub async fn birthdays(system: &System) -> Result<Vec<Birthday>, String> {
    let mut found = Vec::new();
    for rule in people().birthdays {
        let Some(turns) = rule.turns else { continue };
        let patient = patient_row(system.db(), rule.patient).await.map_err(|error| error.to_string())?;
        found.push(Birthday { given_name: patient.given_name, turns, on: app::access::proxy::birthday(patient.birth_date, turns) });
    }
    found.sort_by_key(|birthday| birthday.on);
    Ok(found)
}

/// The desk in both languages.
pub fn desks() -> Desks {
    let desk = |says: fn(Says) -> String| {
        let People { accounts, without_account, .. } = people();
        let with = accounts.into_iter().map(|row| DemoPerson {
            username: Some(row.username),
            name: row.name,
            staff: row.staff.is_some(),
            says: says(row.says),
        });
        let without = without_account.into_iter().map(|row| DemoPerson {
            username: None,
            name: name_in_bundles(row.patient).unwrap_or_default(),
            staff: false,
            says: says(row.says),
        });
        Desk { people: with.chain(without).collect() }.into()
    };
    Desks { en: desk(|says| says.en), es: desk(|says| says.es) }
}

fn name_in_bundles(patient: Uuid) -> Option<String> {
    BUNDLES.iter().find_map(|(_, text)| {
        let bundle: Value = serde_json::from_str(text).ok()?;
        let patient =
            bundle["entry"].as_array()?.iter().map(|entry| &entry["resource"]).find(|resource| resource["id"] == patient.to_string())?;
        let name = &patient["name"][0];
        Some(format!("{} {}", name["given"][0].as_str()?, name["family"].as_str()?))
    })
}

fn set_birth_dates(bundle: &mut Value, rules: &[BirthdayRule], today: NaiveDate) {
    let entries = bundle["entry"].as_array_mut().into_iter().flatten();
    for resource in entries.map(|entry| &mut entry["resource"]).filter(|resource| resource["resourceType"] == "Patient") {
        let rule = rules.iter().find(|rule| resource["id"] == rule.patient.to_string());
        let (years, days) = match rule {
            Some(BirthdayRule { turns: Some(turns), in_days: Some(days), .. }) => (*turns, -days),
            Some(BirthdayRule { age: Some(age), days_after_birthday: Some(days), .. }) => (*age, *days),
            _ => continue,
        };
        resource["birthDate"] = born(today, years, days).to_string().into();
    }
}

async fn accounts(system: &System, people: &People, hash: String, answer: String, today: NaiveDate) -> Result<(), DbErr> {
    let (tx, now) = (system.begin().await?, Utc::now());
    let mut ids = Vec::new();
    for row in &people.accounts {
        let id = new_id();
        ids.push((row.username.as_str(), id));
        let patient_id = match row.patient {
            Some(patient) => Some(patient_row(&tx, patient).await?.id),
            None => None,
        };
        account::Entity::insert(account::ActiveModel {
            id: Set(id),
            username: Set(row.username.clone()),
            username_key: Set(row.username.to_lowercase()),
            display_name: Set(row.name.clone()),
            password_hash: Set(hash.clone()),
            staff_role: Set(row.staff),
            patient_id: Set(patient_id),
            locale: Set(row.locale.clone()),
            created_at: Set(now),
            email: Set(Some(format!("{}@example.org", row.username))),
            email_verified_at: Set(Some(now)),
            security_question: Set(Some("pet".into())),
            security_answer_hash: Set(Some(answer.clone())),
            totp_secret: Set(row.staff.map(|_| STAFF_SECRET.into())),
            totp_confirmed_at: Set(row.staff.map(|_| now)),
            email_code_on: Set(false),
            birth_date: Set(NaiveDate::from_ymd_opt(1980, 5, 5)),
            ..Default::default()
        })
        .exec_without_returning(&tx)
        .await?;
        let clinician = match row.practitioner {
            Some(practitioner) => Some(resource(&tx, "Practitioner", practitioner).await?),
            None => None,
        };
        for department in &row.departments {
            staff_office::Entity::insert(staff_office::ActiveModel {
                account_id: Set(id),
                department_id: Set(resource(&tx, "Location", *department).await?),
                clinician_id: Set(clinician),
                supervisor: Set(row.staff == Some(StaffRole::Nurse)),
            })
            .exec_without_returning(&tx)
            .await?;
        }
    }
    for row in &people.emancipated {
        let patient = patient_row(&tx, row.patient).await?;
        let on = patient::ActiveModel { emancipated_on: Set(Some(today - TimeDelta::days(row.days_ago))), ..Default::default() };
        patient::Entity::update_many().set(on).filter(patient::Column::Id.eq(patient.id)).exec(&tx).await?;
    }
    for (index, row) in people.proxies.iter().enumerate() {
        let (_, account) = ids.iter().find(|(username, _)| *username == row.account).ok_or(DbErr::RecordNotFound(row.account.clone()))?;
        let before = people.proxies[..index].iter().filter(|other| other.account == row.account).count();
        proxy_grant::Entity::insert(proxy_grant::ActiveModel {
            id: Set(new_id()),
            account_id: Set(*account),
            patient_id: Set(patient_row(&tx, row.patient).await?.id),
            basis: Set(row.basis),
            relationship: Set(row.relationship),
            level: Set(row.level),
            // The own chart has the first colour.
            hue: Set(i32::try_from(before % 7).unwrap_or(0) + 1),
            created_at: Set(now),
            expires_at: Set(row.expires_in_days.map(|days| now + TimeDelta::days(days))),
            ended_at: Set(row.ended.as_ref().map(|ended| now - TimeDelta::days(ended.days_ago))),
            end_reason: Set(row.ended.as_ref().map(|ended| ended.reason)),
            ..Default::default()
        })
        .exec_without_returning(&tx)
        .await?;
    }
    tx.commit().await
}

/// The row of a patient whose FHIR id is known.
pub(super) async fn patient_row(db: &impl ConnectionTrait, fhir_id: Uuid) -> Result<patient::Model, DbErr> {
    let missing = || DbErr::RecordNotFound(format!("Patient/{fhir_id}"));
    let id = resource(db, "Patient", fhir_id).await?;
    patient::Entity::find().filter(patient::Column::ResourceId.eq(id)).one(db).await?.ok_or_else(missing)
}

/// The id under which a resource is kept.
pub(super) async fn resource(db: &impl ConnectionTrait, resource_type: &str, fhir_id: Uuid) -> Result<Uuid, DbErr> {
    let name = format!("{resource_type}/{fhir_id}");
    let alias = fhir_alias::Entity::find().filter(fhir_alias::Column::Alias.eq(&name)).one(db).await?;
    Ok(alias.ok_or(DbErr::RecordNotFound(name))?.resource_id)
}

async fn keep(db: &impl ConnectionTrait, name: &str, value: &str) -> Result<(), DbErr> {
    setting::Entity::insert(setting::ActiveModel { name: Set(name.into()), value: Set(value.into()) })
        .on_conflict(OnConflict::column(setting::Column::Name).update_column(setting::Column::Value).to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(())
}

async fn read(system: &System, name: &str) -> Result<Option<String>, String> {
    let found = setting::Entity::find_by_id(name.to_owned()).one(system.db()).await.map_err(|error| error.to_string())?;
    Ok(found.map(|row| row.value))
}
