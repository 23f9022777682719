//! What happens at midnight without a click: access that is over by age is written down as ended, and people are told before
//! it happens. Whether a chart is open never depends on it: that is computed on every request.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};
use uuid::Uuid;

use super::{
    grants::end_row,
    model::{BIRTHDAY_NOTICES, EXPIRY_NOTICES},
};
use crate::{
    access::{
        Level, System,
        proxy::{ADULT_AGE, TEEN_AGE, birthday, level},
        session::facts,
    },
    base::{
        clock::{Clock, Now},
        end_reason::EndReason,
        error::Error,
        i18n::Texts,
    },
    features::{account::core::account_of, family::email},
    people::{account, patient, proxy_grant, relation::Basis},
    platform::{
        entity::job_run,
        mail::{
            letter::{Message, Organization},
            store::{Recipient, post},
        },
    },
};

/// Grants are read so many at a time.
const CHUNK: u64 = 500;

/// What one night did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Night {
    pub ended: usize,
    pub told: usize,
}

/// One night's work, for one grant after the other.
struct Work<'a> {
    system: &'a System,
    clock: &'a Clock,
    organization: &'a Organization,
    origin: &'a str,
    now: Now,
}

/// Does the work of a day, unless it is done. Each grant is a commit of its own, so that pages never wait for the night; a night
/// that broke off goes on where it was, since what was ended is ended and what was told is marked.
///
/// # Errors
/// When the database fails; the next try does the rest.
pub async fn run(system: &System, clock: &Clock, organization: &Organization, origin: &str) -> Result<Option<Night>, Error> {
    let work = Work { system, clock, organization, origin, now: clock.now() };
    let (db, name) = (system.db(), format!("midnight {}", work.now.today));
    if job_run::Entity::find_by_id(name.clone()).one(db).await?.is_some() {
        return Ok(None);
    }
    let mut night = Night::default();
    let mut after = Uuid::nil();
    loop {
        let open = proxy_grant::Entity::find()
            .filter(proxy_grant::Column::EndedAt.is_null())
            .filter(proxy_grant::Column::Id.gt(after))
            .order_by_asc(proxy_grant::Column::Id)
            .limit(CHUNK);
        let rows = open.all(db).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        let people = patient::Entity::in_use().filter(patient::Column::Id.is_in(rows.iter().map(|row| row.patient_id))).all(db).await?;
        let people: HashMap<Uuid, patient::Model> = people.into_iter().map(|person| (person.id, person)).collect();
        let holders = account::Entity::find().filter(account::Column::Id.is_in(rows.iter().map(|row| row.account_id))).all(db).await?;
        let holders: HashMap<Uuid, account::Model> = holders.into_iter().map(|holder| (holder.id, holder)).collect();
        for row in rows {
            if let (Some(person), Some(holder)) = (people.get(&row.patient_id), holders.get(&row.account_id)) {
                work.one(&row, person, holder, &mut night).await?;
            }
        }
    }
    job_run::Entity::insert(job_run::ActiveModel { name: Set(name), at: Set(work.now.instant) })
        .on_conflict(OnConflict::column(job_run::Column::Name).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(Some(night))
}

impl Work<'_> {
    async fn one(
        &self,
        row: &proxy_grant::Model,
        person: &patient::Model,
        holder: &account::Model,
        night: &mut Night,
    ) -> Result<(), Error> {
        match level(&facts(row, person), self.now) {
            Err(reason) => self.end(row, person, holder, reason, night).await,
            Ok(open) => self.notice(row, person, holder, open, night).await,
        }
    }

    /// Writes down that access is over, and tells whoever had it.
    async fn end(
        &self,
        row: &proxy_grant::Model,
        person: &patient::Model,
        holder: &account::Model,
        reason: EndReason,
        night: &mut Night,
    ) -> Result<(), Error> {
        let tx = self.system.begin().await?;
        if !end_row(&tx, row.id, reason, ended_at(reason, person, row.expires_at, self.now, self.clock)).await? {
            return Ok(());
        }
        night.ended += 1;
        if let Some(to) = holder.recipient() {
            self.post(&tx, &to, email::access_ended(self.link("/home")), night).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Tells what will change by age or date: on its day, or as soon as there is a night after it, and once.
    async fn notice(
        &self,
        row: &proxy_grant::Model,
        person: &patient::Model,
        holder: &account::Model,
        open: Level,
        night: &mut Night,
    ) -> Result<(), Error> {
        let (today, zone) = (self.now.today, self.clock.zone());
        let before_given = || row.created_at.with_timezone(&zone).date_naive().min(today) - TimeDelta::days(1);
        let told = row.noticed_on.unwrap_or_else(before_given);
        let expires = row.expires_at.map(|at| at.with_timezone(&zone).date_naive());
        let expires = expires.and_then(|day| due(day, told, today, &EXPIRY_NOTICES));
        let age = match (row.basis, open) {
            // Whoever has died turns no age.
            _ if person.deceased => None,
            (Basis::ParentChild | Basis::Papers, Level::Full) => Some(TEEN_AGE),
            (Basis::ParentChild, Level::Demographics) => Some(ADULT_AGE),
            _ => None,
        };
        let turns = age.and_then(|age| Some((age, due(birthday(person.birth_date, age), told, today, &BIRTHDAY_NOTICES)?)));
        if expires.is_none() && turns.is_none() {
            return Ok(());
        }
        let tx = self.system.begin().await?;
        let marked = proxy_grant::Entity::update_many()
            .set(proxy_grant::ActiveModel { noticed_on: Set(Some(today)), ..Default::default() })
            .filter(proxy_grant::Column::Id.eq(row.id))
            .filter(Condition::any().add(proxy_grant::Column::NoticedOn.is_null()).add(proxy_grant::Column::NoticedOn.lt(today)))
            .exec(&tx)
            .await?;
        if marked.rows_affected == 0 {
            return Ok(());
        }
        if let Some(days) = expires {
            let message = email::access_expires(days, self.link("/sharing"));
            let owner = account_of(&tx, person.id).await?;
            for to in [holder.recipient(), owner.and_then(|owner| owner.recipient())].into_iter().flatten() {
                self.post(&tx, &to, &message, night).await?;
            }
        }
        if let Some((age, days)) = turns {
            self.tell_birthday(&tx, person, age, days, holder.recipient().as_ref(), night).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Tells the parent, and the child at the address on file when it is not the parent's own.
    async fn tell_birthday(
        &self,
        tx: &impl ConnectionTrait,
        person: &patient::Model,
        age: i32,
        days: i64,
        parent: Option<&Recipient>,
        night: &mut Night,
    ) -> Result<(), Error> {
        if let Some(to) = parent {
            let (child, link) = (person.given_name.clone(), self.link("/sharing"));
            match age {
                TEEN_AGE => self.post(tx, to, email::child_turns_thirteen(child, days, link), night).await?,
                _ => self.post(tx, to, email::child_turns_eighteen(child, days, link), night).await?,
            }
        }
        let own = person.email.as_deref().filter(|email| parent.is_none_or(|parent| !parent.email.eq_ignore_ascii_case(email)));
        if let Some(address) = own {
            let locale = person.language.as_deref().and_then(crate::base::i18n::Locale::from_tag).unwrap_or_default();
            let to = Recipient::address(address, locale);
            match age {
                TEEN_AGE => self.post(tx, &to, email::you_turn_thirteen(days, self.link("/help/proxy-access")), night).await?,
                _ => self.post(tx, &to, email::you_turn_eighteen(days, self.link("/sign-up")), night).await?,
            }
        }
        Ok(())
    }

    async fn post(
        &self,
        tx: &impl ConnectionTrait,
        to: &Recipient,
        message: impl Fn(Texts, &Organization) -> Message,
        night: &mut Night,
    ) -> Result<(), Error> {
        post(tx, to, message, self.organization, self.now.instant, self.clock.zone()).await?;
        night.told += 1;
        Ok(())
    }

    fn link(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

/// When access ended by itself: the midnight of the birthday, the last moment it was given for, or now.
fn ended_at(
    reason: EndReason,
    person: &patient::Model,
    expires_at: Option<chrono::DateTime<Utc>>,
    now: Now,
    clock: &Clock,
) -> chrono::DateTime<Utc> {
    match reason {
        EndReason::TurnedEighteen => {
            let wall = birthday(person.birth_date, ADULT_AGE).and_time(NaiveTime::MIN);
            let local = clock.zone().from_local_datetime(&wall).earliest();
            local.map_or(now.instant, |local| local.with_timezone(&Utc))
        }
        EndReason::Expired => expires_at.unwrap_or(now.instant),
        EndReason::Emancipated | EndReason::Revoked | EndReason::Deceased => now.instant,
    }
}

/// How many days are left until `day`, when one of its notices has come due since somebody was `told`.
fn due(day: NaiveDate, told: NaiveDate, today: NaiveDate, notices: &[i64]) -> Option<i64> {
    let since = |before: &i64| {
        let on = day - TimeDelta::days(*before);
        told < on && on <= today
    };
    let left = (day - today).num_days();
    (left > 0 && notices.iter().any(since)).then_some(left)
}
