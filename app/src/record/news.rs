//! "There is something new in your account": told once for all that came in since the last time, and never what it is.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, OnConflict, SelectStatement},
};
use uuid::Uuid;

use crate::{
    access::{System, proxy::level, session::facts},
    base::{clock::Clock, error::Error, i18n::Texts, ids::new_id},
    people::{account, patient, proxy_grant},
    platform::{
        entity::setting,
        mail::{
            letter::{Message, Organization},
            model::News,
            store::post,
        },
    },
    record::{
        item::entity::health_item,
        note::{entity::note, model::Disclosure},
        release::{self, Release},
        resource::{
            entity::{arrival, fhir_resource},
            model::Reason,
        },
        result::entity::{measurement, test_result},
        visit::entity::visit,
    },
};

/// Up to when results that waited have been looked for.
const TOLD: &str = "news.told_until";

/// What came in is told after so long: an import that takes minutes is one piece of news.
pub const PAUSE: TimeDelta = TimeDelta::minutes(10);

/// So many charts are told of in one transaction: nobody waits long for the database meanwhile.
const CHARTS: u64 = 100;

/// A query for what pages show of resources: `(patient_id, sensitive)`, of those whose id is among the given ones, as far as the
/// choices of their charts' owners let it be shown. Nothing else is news: not what is kept back, not what is only kept.
type NewsSource = fn(&SelectStatement, &Release) -> SelectStatement;

const SOURCES: [NewsSource; 6] = [items, notes, visits, appointments, values, results];

/// Tells whoever may read it that something came in before `until`. Returns how many letters were written.
///
/// Any number of servers may do so: each round takes the charts it tells of, and no other has them. A database that was never
/// asked begins with `now`.
///
/// # Errors
/// When the database fails; what was not told is told the next time.
pub async fn tell(system: &System, clock: &Clock, organization: &Organization, origin: &str, until: DateTime<Utc>) -> Result<usize, Error> {
    let begun = end_waits(system, clock, until).await?;
    let until = if begun { Ord::max(until, Utc::now()) } else { until };
    let message = email(format!("{origin}/home"));
    let mut told = 0;
    loop {
        let charts: Vec<Uuid> = arrival::Entity::find()
            .select_only()
            .column(arrival::Column::PatientId)
            .filter(arrival::Column::ImportedAt.lte(until))
            .order_by_asc(arrival::Column::ImportedAt)
            .limit(CHARTS)
            .into_tuple()
            .all(system.db())
            .await?;
        if charts.is_empty() {
            return Ok(told);
        }
        let tx = system.begin().await?;
        let batch = new_id();
        arrival::Entity::update_many()
            .set(arrival::ActiveModel { batch: Set(Some(batch)), ..Default::default() })
            .filter(arrival::Column::PatientId.is_in(charts))
            .filter(arrival::Column::ImportedAt.lte(until))
            .exec(&tx)
            .await?;
        let news = if begun { BTreeMap::new() } else { shown(&tx, batch, until, clock).await? };
        for (account, charts) in readers(&tx, &news, clock).await? {
            if let Some(to) = account.recipient() {
                post(&tx, &to.about(charts), &message, organization, clock.now().instant, clock.zone()).await?;
                told += 1;
            }
        }
        arrival::Entity::delete_many().filter(arrival::Column::Batch.eq(batch)).exec(&tx).await?;
        tx.commit().await?;
    }
}

/// That there is something new, and never what it is.
pub fn email(link: String) -> impl Fn(Texts, &Organization) -> Message {
    move |t, of| Message {
        news: News::Record,
        subject: t.notices_mail_new_subject(&of.product),
        paragraphs: vec![t.notices_mail_new_text(&of.product)],
        link: Some((t.mail_open(), link.clone())),
    }
}

/// Announces the results that waited, as their owners chose, and wait no longer. Of several servers, the one that moves the mark
/// from where it was does. Returns whether this database was asked for the first time: what was there before is no news.
async fn end_waits(system: &System, clock: &Clock, until: DateTime<Utc>) -> Result<bool, Error> {
    let known = setting::Entity::find_by_id(TOLD.to_owned()).one(system.db()).await?;
    let Some((row, since)) = known.and_then(|row| Some((row.value.parse::<DateTime<Utc>>().ok()?, row.value))).map(|(at, row)| (row, at))
    else {
        let begun = setting::ActiveModel { name: Set(TOLD.into()), value: Set(Utc::now().to_rfc3339()) };
        setting::Entity::insert(begun)
            .on_conflict(OnConflict::column(setting::Column::Name).update_column(setting::Column::Value).to_owned())
            .exec_without_returning(system.db())
            .await?;
        return Ok(true);
    };
    if since >= until {
        return Ok(false);
    }
    let mut charts: BTreeMap<Uuid, bool> = BTreeMap::new();
    for (chart, sensitive) in release::over(system.db(), since, until, clock.zone()).await? {
        *charts.entry(chart).or_insert(true) &= sensitive;
    }
    let tx = system.begin().await?;
    let moved = setting::Entity::update_many()
        .set(setting::ActiveModel { value: Set(until.to_rfc3339()), ..Default::default() })
        .filter(setting::Column::Name.eq(TOLD))
        .filter(setting::Column::Value.eq(row))
        .exec(&tx)
        .await?;
    if moved.rows_affected == 1 {
        let rows: Vec<arrival::ActiveModel> = charts
            .into_iter()
            .map(|(chart, sensitive)| arrival::ActiveModel {
                patient_id: Set(chart),
                imported_at: Set(until),
                reason: Set(if sensitive { Reason::SensitiveRelease } else { Reason::Release }),
                batch: Set(None),
            })
            .collect();
        for chunk in rows.chunks(1000) {
            arrival::Entity::insert_many(chunk.iter().cloned()).exec_without_returning(&tx).await?;
        }
    }
    tx.commit().await?;
    Ok(false)
}

/// The charts of a round in which something new is shown to their owners, and whether also to whoever may not see what is
/// sensitive.
async fn shown(tx: &DatabaseTransaction, batch: Uuid, until: DateTime<Utc>, clock: &Clock) -> Result<BTreeMap<Uuid, bool>, Error> {
    let taken = arrival::Entity::find().filter(arrival::Column::Batch.eq(batch)).all(tx).await?;
    let mut news: BTreeMap<Uuid, bool> = BTreeMap::new();
    let mut add = |chart: Uuid, sensitive: bool| *news.entry(chart).or_default() |= !sensitive;
    let mut charts: Vec<Uuid> = Vec::new();
    for row in taken {
        match row.reason {
            Reason::Import => charts.push(row.patient_id),
            Reason::Release => add(row.patient_id, false),
            Reason::SensitiveRelease => add(row.patient_id, true),
        }
    }
    charts.sort_unstable();
    charts.dedup();
    if charts.is_empty() {
        return Ok(news);
    }
    let imported = imported(batch);
    let release = Release::of_charts(tx, charts, until, clock.zone()).await?;
    for source in SOURCES {
        let rows = tx.query_all(&source(&imported, &release)).await?;
        for row in rows {
            add(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        }
    }
    Ok(news)
}

/// The resources that came into the charts of a round.
fn imported(batch: Uuid) -> SelectStatement {
    let of = |column| Expr::col((fhir_resource::Entity, column));
    fhir_resource::Entity::find()
        .select_only()
        .column(fhir_resource::Column::Id)
        .into_query()
        .inner_join(
            arrival::Entity,
            Condition::all()
                .add(of(fhir_resource::Column::PatientId).equals((arrival::Entity, arrival::Column::PatientId)))
                .add(of(fhir_resource::Column::ImportedAt).equals((arrival::Entity, arrival::Column::ImportedAt))),
        )
        .and_where(Expr::col((arrival::Entity, arrival::Column::Batch)).eq(batch))
        .and_where(Expr::col((arrival::Entity, arrival::Column::Reason)).eq(Reason::Import.as_str()))
        .to_owned()
}

fn items(new: &SelectStatement, release: &Release) -> SelectStatement {
    health_item::Entity::find()
        .select_only()
        .columns([health_item::Column::PatientId, health_item::Column::Sensitive])
        .distinct()
        .filter(health_item::Column::Id.in_subquery(new.clone()))
        .filter(release.items())
        .into_query()
}

fn notes(new: &SelectStatement, release: &Release) -> SelectStatement {
    note::Entity::find()
        .select_only()
        .columns([note::Column::PatientId, note::Column::Sensitive])
        .distinct()
        .filter(note::Column::ResourceId.in_subquery(new.clone()))
        .filter(note::Column::Disclosure.eq(Disclosure::Shown))
        .filter(release.notes())
        .into_query()
}

fn visits(new: &SelectStatement, _: &Release) -> SelectStatement {
    visits_by(visit::Column::EncounterId, new)
}

fn appointments(new: &SelectStatement, _: &Release) -> SelectStatement {
    visits_by(visit::Column::AppointmentId, new)
}

/// One column in a query: with both in one, no index would serve.
fn visits_by(column: visit::Column, new: &SelectStatement) -> SelectStatement {
    visit::Entity::find()
        .select_only()
        .columns([visit::Column::PatientId, visit::Column::Sensitive])
        .distinct()
        .filter(column.in_subquery(new.clone()))
        .into_query()
}

fn values(new: &SelectStatement, release: &Release) -> SelectStatement {
    measurement::Entity::find()
        .select_only()
        .columns([measurement::Column::PatientId, measurement::Column::Sensitive])
        .distinct()
        .filter(measurement::Column::ResourceId.in_subquery(new.clone()))
        .filter(release.values())
        .into_query()
}

fn results(new: &SelectStatement, release: &Release) -> SelectStatement {
    test_result::Entity::find()
        .select_only()
        .columns([test_result::Column::PatientId, test_result::Column::Sensitive])
        .distinct()
        .filter(test_result::Column::Id.in_subquery(new.clone()))
        .filter(release.results())
        .into_query()
}

/// Who is told, and of which of these charts: their owners, and whoever may read what is new in them now.
async fn readers(tx: &DatabaseTransaction, news: &BTreeMap<Uuid, bool>, clock: &Clock) -> Result<Vec<(account::Model, Vec<Uuid>)>, Error> {
    if news.is_empty() {
        return Ok(Vec::new());
    }
    let now = clock.now();
    let charts = || news.keys().copied();
    let people = patient::Entity::find().filter(patient::Column::Id.is_in(charts())).all(tx).await?;
    let grants = proxy_grant::Entity::find()
        .filter(proxy_grant::Column::PatientId.is_in(charts()))
        .filter(proxy_grant::Column::EndedAt.is_null())
        .all(tx)
        .await?;
    let may_read = |grant: &&proxy_grant::Model| {
        let person = people.iter().find(|person| person.id == grant.patient_id);
        let for_everybody = news.get(&grant.patient_id).is_some_and(|open| *open);
        person.is_some_and(|person| {
            level(&facts(grant, person), now).is_ok_and(|level| level.sees_clinical() && (for_everybody || level.sees_sensitive()))
        })
    };
    let reading: Vec<&proxy_grant::Model> = grants.iter().filter(may_read).collect();
    let readers: Vec<Uuid> = reading.iter().map(|grant| grant.account_id).collect();
    let owners = Condition::any().add(account::Column::PatientId.is_in(charts()));
    let accounts = account::Entity::find()
        .filter(account::Column::ClosedAt.is_null())
        .filter(if readers.is_empty() { owners } else { owners.add(account::Column::Id.is_in(readers)) })
        .all(tx)
        .await?;
    let of = |account: &account::Model| {
        let own = account.patient_id.filter(|own| news.contains_key(own));
        own.into_iter().chain(reading.iter().filter(|grant| grant.account_id == account.id).map(|grant| grant.patient_id)).collect()
    };
    Ok(accounts
        .into_iter()
        .map(|account| {
            let charts = of(&account);
            (account, charts)
        })
        .collect())
}
