//! "There is something new in your account": told once for all that came in since the last time, and never what it is.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{OnConflict, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use crate::{
    access::{System, proxy::level, session::facts},
    base::{clock::Clock, error::Error, ids::PatientId},
    people::{account, patient, proxy_grant},
    platform::{
        entity::setting,
        mail::{
            letter::{Letter, Organization},
            store::post,
        },
    },
    record::{
        item::entity::health_item,
        note::{entity::note, model::Disclosure},
        release::{MOST_DAYS, Release},
        resource::entity::fhir_resource,
        result::{
            entity::{measurement, result_choice, test_result},
            model::Choice,
        },
        visit::entity::visit,
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
pub async fn tell(system: &System, clock: &Clock, organization: &Organization, origin: &str, until: DateTime<Utc>) -> Result<usize, Error> {
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
    let news = shown(&tx, patients, since, until, clock).await?;
    let patients: Vec<Uuid> = news.iter().map(|news| news.patient).collect();
    let now = clock.now();
    let people = patient::Entity::find().filter(patient::Column::Id.is_in(patients.iter().copied())).all(&tx).await?;
    let grants = proxy_grant::Entity::find()
        .filter(proxy_grant::Column::PatientId.is_in(patients.iter().copied()))
        .filter(proxy_grant::Column::EndedAt.is_null())
        .all(&tx)
        .await?;
    let readers = grants.iter().filter(|grant| {
        let person = people.iter().find(|person| person.id == grant.patient_id);
        let open = news.iter().any(|news| news.patient == grant.patient_id && news.for_everybody);
        person.is_some_and(|person| {
            level(&facts(grant, person), now).is_ok_and(|level| level.sees_clinical() && (open || level.sees_sensitive()))
        })
    });
    let readers: Vec<Uuid> = readers.map(|grant| grant.account_id).collect();
    let accounts = account::Entity::find()
        .filter(account::Column::ClosedAt.is_null())
        .filter(Condition::any().add(account::Column::PatientId.is_in(patients)).add(account::Column::Id.is_in(readers)))
        .all(&tx)
        .await?;
    let letter = Letter::NewInAccount { link: format!("{origin}/home") };
    let mut told = 0;
    for to in accounts.iter().filter_map(|account| account.recipient()) {
        post(&tx, &to, &letter, organization, now.instant, clock.zone()).await?;
        told += 1;
    }
    tx.commit().await?;
    Ok(told)
}

/// Something new in a chart that is shown to its owner.
struct News {
    patient: Uuid,
    /// Also to whoever may not see what is sensitive.
    for_everybody: bool,
}

/// Of the patients for whom something came in, those who are shown something of it; and those whose results waited, as they
/// chose, and wait no longer.
async fn shown(
    tx: &impl ConnectionTrait,
    came_in: Vec<Uuid>,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    clock: &Clock,
) -> Result<Vec<News>, Error> {
    let choosers = result_choice::Entity::find()
        .select_only()
        .column(result_choice::Column::PatientId)
        .filter(result_choice::Column::Choice.ne(Choice::Now))
        .into_query();
    let lately = until - TimeDelta::days(MOST_DAYS + 1);
    let waited: BTreeSet<Uuid> = test_result::Entity::find()
        .select_only()
        .column(test_result::Column::PatientId)
        .distinct()
        .filter(test_result::Column::PatientId.in_subquery(choosers))
        .filter(test_result::Column::AvailableAt.gt(lately))
        .into_tuple::<Uuid>()
        .all(tx)
        .await?
        .into_iter()
        .collect();
    let all: BTreeSet<Uuid> = came_in.into_iter().chain(waited.iter().copied()).collect();
    let mut told = Vec::new();
    for patient in all {
        let now = Release::of(tx, PatientId(patient), until, clock.zone()).await?;
        let before = if waited.contains(&patient) { Some(Release::of(tx, PatientId(patient), since, clock.zone()).await?) } else { None };
        let look = Look { patient, since, until, before, now };
        if look.finds(tx, true).await? {
            told.push(News { patient, for_everybody: look.finds(tx, false).await? });
        }
    }
    Ok(told)
}

/// A look for what is new in one chart.
struct Look {
    patient: Uuid,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    /// What was shown the last time, where something waited.
    before: Option<Release>,
    now: Release,
}

impl Look {
    /// Whether there is anything that pages show, `with_sensitive` parts or without them. Nothing else is news: not what is kept
    /// back, not what is only kept.
    async fn finds(&self, tx: &impl ConnectionTrait, with_sensitive: bool) -> Result<bool, Error> {
        let open = |sensitive: SimpleExpr| if with_sensitive { Condition::all() } else { Condition::all().add(sensitive) };
        let new = self.imported();
        let items = health_item::Entity::find()
            .filter(health_item::Column::Id.in_subquery(new.clone()))
            .filter(self.now.items())
            .filter(open(health_item::Column::Sensitive.eq(false)));
        let notes = note::Entity::find()
            .filter(note::Column::ResourceId.in_subquery(new.clone()))
            .filter(note::Column::Disclosure.eq(Disclosure::Shown))
            .filter(self.now.notes())
            .filter(open(note::Column::Sensitive.eq(false)));
        let of_visit = Condition::any()
            .add(visit::Column::EncounterId.in_subquery(new.clone()))
            .add(visit::Column::AppointmentId.in_subquery(new.clone()));
        let visits = visit::Entity::find().filter(of_visit).filter(open(visit::Column::Sensitive.eq(false)));
        let values = measurement::Entity::find()
            .filter(measurement::Column::ResourceId.in_subquery(new.clone()))
            .filter(self.now.values())
            .filter(open(measurement::Column::Sensitive.eq(false)));
        let results = test_result::Entity::find()
            .filter(test_result::Column::PatientId.eq(self.patient))
            .filter(self.arrived(new))
            .filter(self.now.results())
            .filter(open(test_result::Column::Sensitive.eq(false)));
        Ok(items.one(tx).await?.is_some()
            || results.one(tx).await?.is_some()
            || values.one(tx).await?.is_some()
            || notes.one(tx).await?.is_some()
            || visits.one(tx).await?.is_some())
    }

    /// Results that came in, and those that waited and wait no longer.
    fn arrived(&self, new: SelectStatement) -> Condition {
        let arrived = Condition::any().add(test_result::Column::Id.in_subquery(new));
        match &self.before {
            Some(before) if before.holds() => {
                arrived.add(Condition::all().add(before.results().not()).add(test_result::Column::AvailableAt.lte(self.until)))
            }
            _ => arrived,
        }
    }

    /// The resources that came in.
    fn imported(&self) -> SelectStatement {
        fhir_resource::Entity::find()
            .select_only()
            .column(fhir_resource::Column::Id)
            .filter(fhir_resource::Column::PatientId.eq(self.patient))
            .filter(fhir_resource::Column::ImportedAt.gt(self.since))
            .filter(fhir_resource::Column::ImportedAt.lte(self.until))
            .into_query()
    }
}
