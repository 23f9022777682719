//! Finds patients for staff. Demographics and access only: nothing clinical.

use chrono::{NaiveDate, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::{
    access::{
        Grant, Level, System,
        policy::{FindPatients, ViewPatientAccount},
        proxy,
        session::facts,
    },
    base::{
        end_reason::EndReason,
        error::Error,
        i18n::Locale,
        ids::new_id,
        text::{is_email, is_username, username_key},
    },
    features::account::{
        core::account_of,
        recovery::{model::Purpose, store::link},
    },
    people::{
        account,
        folding::{folded, number_key},
        name_part, patient, proxy_grant,
        relation::StaffRole,
    },
};

const MOST: u64 = 20;

pub struct FoundPatient {
    pub id: Uuid,
    pub full_name: String,
    /// "May 3, 1988".
    pub birth_date: String,
    /// Completed years.
    pub age: i32,
    pub record_number: Option<String>,
    pub phone: Option<String>,
    pub has_account: bool,
    pub emancipated: bool,
    pub deceased: bool,
    pub proxies: Vec<FoundProxy>,
}

/// Somebody who may, or might, open this patient's chart.
pub struct FoundProxy {
    pub name: String,
    pub level: Result<Level, EndReason>,
}

/// One page of patients, and whether there are more.
#[derive(Default)]
pub struct FoundPatients {
    pub patients: Vec<FoundPatient>,
    pub more: bool,
}

/// Patients by parts of their name in any order, their birth date (2013-05-03 or 5/3/2013) or their record number; pages are
/// counted from 1.
///
/// # Errors
/// When the database fails.
pub async fn find(grant: &Grant<FindPatients>, query: &str, page: u64) -> Result<FoundPatients, Error> {
    let (words, number) = (folded(query), number_key(query));
    if words.is_empty() {
        return Ok(FoundPatients::default());
    }
    let db = grant.db();
    let in_order = patient::Entity::in_use().order_by_asc(patient::Column::SearchName).order_by_asc(patient::Column::Id);
    let all = in_order.offset(page.saturating_sub(1).saturating_mul(MOST)).limit(MOST + 1);
    let numbered = || patient::Entity::find().filter(patient::Column::MrnKey.eq(&number));
    let mut found = match birth_date(query.trim()) {
        Some(day) => all.filter(patient::Column::BirthDate.eq(day)).all(db).await?,
        None if number.chars().any(|c| c.is_ascii_digit()) => Vec::new(),
        None => named(db, all, &words).await?.all(db).await?,
    };
    let more = found.len() as u64 > MOST;
    found.truncate(MOST as usize);
    // A record number may have no digit.
    if page <= 1 {
        let known: Vec<Uuid> = found.iter().map(|patient| patient.id).collect();
        let mut numbered = numbered().all(db).await?;
        // The number of a record that went into another finds that one.
        let merged: Vec<Uuid> = numbered.iter().filter_map(|patient| patient.merged_into).collect();
        numbered.retain(|patient| patient.merged_into.is_none());
        if !merged.is_empty() {
            numbered.extend(patient::Entity::find().filter(patient::Column::Id.is_in(merged)).all(db).await?);
        }
        found.splice(0..0, numbered.into_iter().filter(|patient| !known.contains(&patient.id)));
    }
    let ids: Vec<Uuid> = found.iter().map(|patient| patient.id).collect();
    let grants = proxy_grant::Entity::find().filter(proxy_grant::Column::PatientId.is_in(ids.iter().copied())).all(db).await?;
    let proxies = account::Entity::find().filter(account::Column::Id.is_in(grants.iter().map(|grant| grant.account_id))).all(db).await?;
    let own: Vec<Option<Uuid>> = account::Entity::find()
        .filter(account::Column::PatientId.is_in(ids))
        .all(db)
        .await?
        .into_iter()
        .map(|account| account.patient_id)
        .collect();
    let now = grant.now();
    let patients = found
        .into_iter()
        .map(|patient| FoundPatient {
            id: patient.id,
            birth_date: grant.texts().date(patient.birth_date),
            age: proxy::age_on(patient.birth_date, now.today),
            has_account: own.contains(&Some(patient.id)),
            emancipated: patient.emancipated_on.is_some_and(|day| day <= now.today),
            deceased: patient.deceased,
            proxies: grants
                .iter()
                .filter(|grant| grant.patient_id == patient.id)
                .filter_map(|grant| {
                    let name = proxies.iter().find(|account| account.id == grant.account_id)?.display_name.clone();
                    Some(FoundProxy { name, level: proxy::level(&facts(grant, &patient), now) })
                })
                .collect(),
            full_name: format!("{} {}", patient.given_name, patient.family_name),
            record_number: patient.mrn,
            phone: patient.phone_mobile.or(patient.phone_home),
        })
        .collect();
    Ok(FoundPatients { patients, more })
}

/// A piece of a name that more people have is common.
const COMMON: u64 = 2000;

/// Whose name has each of these words somewhere in it.
///
/// Pieces that few people have are looked up, the rarest first. Where all pieces are common, the first of the alphabet who have
/// them are soon found by reading the names in their order.
async fn named(db: &DatabaseConnection, all: Select<patient::Entity>, query: &str) -> Result<Select<patient::Entity>, DbErr> {
    let mut rarest: Option<Vec<Uuid>> = None;
    for word in query.split_whitespace() {
        let (from, before) = name_part::range(word);
        let having: Vec<Uuid> = name_part::Entity::find()
            .select_only()
            .column(name_part::Column::PatientId)
            .filter(name_part::Column::Part.gte(from))
            .filter(name_part::Column::Part.lt(before))
            .limit(COMMON)
            .into_tuple()
            .all(db)
            .await?;
        if having.len() as u64 != COMMON && rarest.as_ref().is_none_or(|rarest| having.len() < rarest.len()) {
            rarest = Some(having);
        }
    }
    let all = query.split_whitespace().fold(all, |all, word| all.filter(patient::Column::SearchName.contains(word)));
    Ok(match rarest {
        Some(having) => all.filter(patient::Column::Id.is_in(having)),
        None => all,
    })
}

/// "2013-05-03" or "5/3/2013".
fn birth_date(text: &str) -> Option<NaiveDate> {
    text.parse().ok().or_else(|| NaiveDate::parse_from_str(text, "%m/%d/%Y").ok())
}

/// A patient, and their account if there is one.
///
/// # Errors
/// `NotFound` when there is no such patient.
pub async fn one(grant: &Grant<ViewPatientAccount>) -> Result<(patient::Model, Option<account::Model>), Error> {
    let found = patient::Entity::find_by_id(grant.patient().0).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let account = account_of(grant.db(), found.id).await?;
    Ok((found, account))
}

/// Somebody of the staff who gets an account.
pub struct NewStaff {
    pub username: String,
    pub name: String,
    pub role: StaffRole,
    pub email: String,
}

/// Makes an account without a password, and returns the token of the link with which its owner chooses one.
///
/// # Errors
/// A sentence for whoever runs the command line.
pub async fn create(system: &System, new: NewStaff) -> Result<String, String> {
    if !is_username(&new.username) {
        return Err(format!("{}: a user name has 4 to 40 letters, digits, dots or dashes.", new.username));
    }
    if !is_email(&new.email) {
        return Err(format!("{}: not an e-mail address.", new.email));
    }
    let failed = |error: DbErr| match error.sql_err() {
        Some(sea_orm::SqlErr::UniqueConstraintViolation(_)) => "This user name is taken.".to_owned(),
        _ => "The database refused the account. Has `server migrate` been run?".to_owned(),
    };
    let (tx, now) = (system.begin().await.map_err(failed)?, Utc::now());
    let row = account::ActiveModel {
        id: Set(new_id()),
        username_key: Set(username_key(&new.username)),
        username: Set(new.username),
        display_name: Set(new.name),
        password_hash: Set(String::new()),
        staff_role: Set(Some(new.role)),
        locale: Set(Locale::default().tag().to_owned()),
        created_at: Set(now),
        email: Set(Some(new.email)),
        email_code_on: Set(false),
        ..Default::default()
    };
    let account = account::Entity::insert(row).exec_with_returning(&tx).await.map_err(failed)?;
    let token = link(&tx, &account, Purpose::Password, None).await.map_err(|error| error.to_string())?;
    tx.commit().await.map_err(failed)?;
    Ok(token)
}
