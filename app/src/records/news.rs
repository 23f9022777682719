//! "There is something new in your account": told once for all that came in since the last time, and never what it is.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::OnConflict,
};
use uuid::Uuid;

use super::entity::fhir_resource;
use crate::{
    access::{
        System,
        entity::{account, proxy_grant, setting},
        proxy::level,
        session::facts,
    },
    clock::Clock,
    error::Error,
    ids::PatientId,
    mail::{
        letter::{House, Letter},
        store::{Recipient, post},
    },
    personal_information::entity::patient,
    results::{
        entity::{measurement, result_choice, test_result},
        model::Choice,
        release::{MOST_DAYS, Release},
    },
};

/// Up to when news has been told.
const TOLD: &str = "news.told_until";

/// What came in is told after so long: an import that takes minutes is one piece of news, and is in the database as a whole.
pub const PAUSE: TimeDelta = TimeDelta::minutes(10);

/// Tells whoever may read it that something came in before `until`. Returns how many letters were written.
///
/// Of several servers, the one that moves the mark from where it was tells; a database that was never asked begins with `now`.
///
/// # Errors
/// When the database fails.
pub async fn tell(system: &System, clock: &Clock, house: &House, origin: &str, until: DateTime<Utc>) -> Result<usize, Error> {
    let tx = system.begin().await?;
    let known = setting::Entity::find_by_id(TOLD.to_owned()).one(&tx).await?;
    let since = known.as_ref().and_then(|row| row.value.parse::<DateTime<Utc>>().ok());
    let mark = match (&known, since) {
        (Some(row), Some(since)) if since < until => {
            let moved = setting::Entity::update_many()
                .set(setting::ActiveModel { value: Set(until.to_rfc3339()), ..Default::default() })
                .filter(setting::Column::Name.eq(TOLD))
                .filter(setting::Column::Value.eq(row.value.clone()))
                .exec(&tx)
                .await?;
            (moved.rows_affected == 1).then_some(since)
        }
        (Some(_), Some(_)) => None,
        _ => {
            let begun = setting::ActiveModel { name: Set(TOLD.into()), value: Set(Utc::now().to_rfc3339()) };
            setting::Entity::insert(begun)
                .on_conflict(OnConflict::column(setting::Column::Name).do_nothing().to_owned())
                .exec_without_returning(&tx)
                .await?;
            None
        }
    };
    let Some(since) = mark else {
        tx.commit().await?;
        return Ok(0);
    };
    let patients: Vec<Uuid> = fhir_resource::Entity::find()
        .select_only()
        .column(fhir_resource::Column::PatientId)
        .distinct()
        .filter(fhir_resource::Column::ImportedAt.gt(since))
        .filter(fhir_resource::Column::ImportedAt.lte(until))
        .filter(fhir_resource::Column::PatientId.is_not_null())
        // Who somebody is, is no news; what was done with them is.
        .filter(fhir_resource::Column::ResourceType.is_not_in(["Patient", "RelatedPerson"]))
        .into_tuple()
        .all(&tx)
        .await?;
    let patients = shown(&tx, patients, since, until, clock).await?;
    let now = clock.now();
    let people = patient::Entity::find().filter(patient::Column::Id.is_in(patients.iter().copied())).all(&tx).await?;
    let grants = proxy_grant::Entity::find()
        .filter(proxy_grant::Column::PatientId.is_in(patients.iter().copied()))
        .filter(proxy_grant::Column::EndedAt.is_null())
        .all(&tx)
        .await?;
    let readers = grants.iter().filter(|grant| {
        let person = people.iter().find(|person| person.id == grant.patient_id);
        person.is_some_and(|person| level(&facts(grant, person), now).is_ok_and(|level| level.sees_clinical()))
    });
    let readers: Vec<Uuid> = readers.map(|grant| grant.account_id).collect();
    let accounts = account::Entity::find()
        .filter(account::Column::ClosedAt.is_null())
        .filter(Condition::any().add(account::Column::PatientId.is_in(patients)).add(account::Column::Id.is_in(readers)))
        .all(&tx)
        .await?;
    let letter = Letter::NewInAccount { link: format!("{origin}/home") };
    let mut told = 0;
    for to in accounts.iter().filter_map(Recipient::account) {
        post(&tx, &to, &letter, house, now.instant, clock.zone()).await?;
        told += 1;
    }
    tx.commit().await?;
    Ok(told)
}

/// Of the patients for whom something came in, those who are shown something of it; and those whose results waited, as they
/// chose, and wait no longer.
async fn shown(
    tx: &impl ConnectionTrait,
    came_in: Vec<Uuid>,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    clock: &Clock,
) -> Result<Vec<Uuid>, Error> {
    let choosers = result_choice::Entity::find()
        .select_only()
        .column(result_choice::Column::PatientId)
        .filter(result_choice::Column::Choice.ne(Choice::Now))
        .into_query();
    let lately = until - TimeDelta::days(MOST_DAYS + 1);
    let waited: Vec<Uuid> = test_result::Entity::find()
        .select_only()
        .column(test_result::Column::PatientId)
        .distinct()
        .filter(test_result::Column::PatientId.in_subquery(choosers))
        .filter(test_result::Column::AvailableAt.gt(lately))
        .into_tuple()
        .all(tx)
        .await?;
    let mut told: Vec<Uuid> = came_in.iter().copied().filter(|patient| !waited.contains(patient)).collect();
    for patient in waited {
        let before = Release::of(tx, PatientId(patient), since, clock.zone()).await?;
        let now = Release::of(tx, PatientId(patient), until, clock.zone()).await?;
        let of_patient = || test_result::Entity::find().filter(test_result::Column::PatientId.eq(patient)).filter(now.results());
        let freed = before.holds()
            && of_patient().filter(before.results().not()).filter(test_result::Column::AvailableAt.lte(until)).count(tx).await? > 0;
        if freed || (came_in.contains(&patient) && something_to_see(tx, patient, since, until, &now).await?) {
            told.push(patient);
        }
    }
    Ok(told)
}

/// Whether anything of what came in is shown already.
async fn something_to_see(
    tx: &impl ConnectionTrait,
    patient: Uuid,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    release: &Release,
) -> Result<bool, Error> {
    let new = fhir_resource::Entity::find()
        .filter(fhir_resource::Column::PatientId.eq(patient))
        .filter(fhir_resource::Column::ImportedAt.gt(since))
        .filter(fhir_resource::Column::ImportedAt.lte(until));
    let others = ["Patient", "RelatedPerson", "Observation", "DiagnosticReport"];
    if new.clone().filter(fhir_resource::Column::ResourceType.is_not_in(others)).count(tx).await? > 0 {
        return Ok(true);
    }
    let new = new.select_only().column(fhir_resource::Column::Id).into_query();
    let results = test_result::Entity::find().filter(test_result::Column::Id.in_subquery(new.clone())).filter(release.results());
    let values = measurement::Entity::find().filter(measurement::Column::ResourceId.in_subquery(new)).filter(release.values());
    Ok(results.count(tx).await? > 0 || values.count(tx).await? > 0)
}
