//! Finds patients for staff. Demographics and access only: nothing clinical.

use chrono::{NaiveDate, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::{
    access::{
        Grant, Level, System,
        policy::{FindPatients, RecordAccess, ViewPatientAccount},
        proxy,
        session::facts,
    },
    base::{
        end_reason::EndReason,
        error::Error,
        i18n::Locale,
        ids::{PatientId, new_id},
        text::{is_email, is_username, username_key},
        why::Why,
    },
    features::{
        account::{
            core::account_of,
            recovery::{model::Purpose, store::link},
        },
        personal::overlay,
        staff::problem,
    },
    people::{account, find, patient, proxy_grant, relation::StaffRole, staff_office},
    record::{
        care_team::entity::{clinician, department},
        resource::entity::fhir_resource,
    },
};

const MOST: u64 = 20;

pub struct FoundPatient {
    pub id: Uuid,
    pub full_name: String,
    /// "May 3, 1988".
    pub birth_date: String,
    /// Completed years.
    pub age: Option<i32>,
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
    let db = grant.db();
    let (found, more) = find::find(db, query, page, MOST).await?;
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
            birth_date: grant.texts().when_as_said(&patient.born()),
            age: patient.known_birth_date().map(|born| proxy::age_on(born, now.today)),
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

/// A patient, and their account if there is one.
///
/// # Errors
/// `NotFound` when there is no such patient.
pub async fn one(grant: &Grant<ViewPatientAccount>) -> Result<(patient::Model, Option<account::Model>), Error> {
    let found =
        patient::Entity::in_use().filter(patient::Column::Id.eq(grant.patient().0)).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let account = account_of(grant.db(), found.id).await?;
    Ok((found, account))
}

/// The chart of this patient, or the one into which it went.
///
/// # Errors
/// `NotFound` when there is no such patient.
pub async fn current(grant: &Grant<ViewPatientAccount>) -> Result<PatientId, Error> {
    Ok(PatientId(patient::current(grant.db(), grant.patient().0).await?.ok_or(Error::NotFound)?.id))
}

/// Takes the day of birth that staff read on somebody's papers.
///
/// # Errors
/// `Invalid` when the record has a day already, or excludes this one.
pub async fn complete_birth_date(grant: &Grant<RecordAccess>, born: NaiveDate) -> Result<(), Error> {
    let tx = grant.begin().await?;
    let found = patient::Entity::in_use().filter(patient::Column::Id.eq(grant.patient().0)).one(&tx).await?.ok_or(Error::NotFound)?;
    let last = found.born_by.ok_or(Error::form(Why::ALREADY_DONE))?;
    if !(found.birth_date..=last).contains(&born) {
        return Err(Error::field("birth_date", problem::NOT_IN_RECORD));
    }
    overlay::complete(&tx, found.id, born, grant.now().instant).await?;
    tx.commit().await?;
    Ok(())
}

/// Somebody of the staff who gets an account.
pub struct NewStaff {
    pub username: String,
    pub name: String,
    pub role: StaffRole,
    pub email: String,
    /// Which clinician they are, as their Practitioner is referred to.
    pub practitioner: Option<String>,
    /// For which departments they answer, as their Location or Organization is referred to.
    pub departments: Vec<String>,
    /// What is overdue there is theirs too.
    pub supervisor: bool,
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
    let offices = offices(system, &new).await?;
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
    for office in offices {
        let row = staff_office::ActiveModel { account_id: Set(account.id), ..office };
        staff_office::Entity::insert(row).exec_without_returning(&tx).await.map_err(failed)?;
    }
    let token = link(&tx, &account, Purpose::Password, None).await.map_err(|error| error.to_string())?;
    tx.commit().await.map_err(failed)?;
    Ok(token)
}

/// The departments for which somebody new answers.
async fn offices(system: &System, new: &NewStaff) -> Result<Vec<staff_office::ActiveModel>, String> {
    let db = system.db();
    let failed = |error: DbErr| format!("The database cannot be read ({error}).");
    let named = async |reference: &str| {
        let found = fhir_resource::Entity::find().filter(fhir_resource::Column::LocalReference.eq(reference)).all(db).await;
        match found.map_err(failed)?.as_slice() {
            [] => Err(format!("{reference}: is not in the record.")),
            [one] => Ok(one.id),
            _ => Err(format!("{reference}: several sources have one. Nobody is added to a department by it.")),
        }
    };
    let mut found: Vec<(Uuid, Option<Uuid>)> = Vec::new();
    if let Some(reference) = &new.practitioner {
        let clinician = clinician::Entity::find_by_id(named(reference).await?).one(db).await.map_err(failed)?;
        let clinician = clinician.ok_or_else(|| format!("{reference}: is no clinician in the record."))?;
        if clinician.department_id.is_none() && new.departments.is_empty() {
            return Err(format!("{reference}: the record does not say where they work. Name a department with --department."));
        }
        found.extend(clinician.department_id.map(|department| (department, Some(clinician.id))));
        for reference in &new.departments {
            found.push((named(reference).await?, Some(clinician.id)));
        }
    } else {
        for reference in &new.departments {
            found.push((named(reference).await?, None));
        }
    }
    for (department, _) in &found {
        if department::Entity::find_by_id(*department).one(db).await.map_err(failed)?.is_none() {
            return Err("A department that was named is no place in the record where people are seen.".into());
        }
    }
    if found.is_empty() && new.role.answers_messages() {
        return Err("Say for which departments they answer: with --practitioner, or with --department.".into());
    }
    found.sort_unstable();
    found.dedup();
    Ok(found
        .into_iter()
        .map(|(department, clinician)| staff_office::ActiveModel {
            department_id: Set(department),
            clinician_id: Set(clinician),
            supervisor: Set(new.supervisor),
            ..Default::default()
        })
        .collect())
}
