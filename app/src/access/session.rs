//! From a cookie to a [`Caller`].

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, Statement, Value,
    sea_query::IntoCondition,
};
use uuid::Uuid;

pub(crate) use super::opening::open;
pub use super::opening::{forget, in_browser};
use super::{
    caller::{Appearance, Caller, Holder, Person, Proxy},
    db::{Db, System},
    deceased::Died,
    entity::account_session,
    proxy::Facts,
};
pub use crate::platform::session_rules::SessionRules;
use crate::{
    base::{
        end_reason::EndReason,
        ids::{AccountId, PatientId},
    },
    people::{
        patient, proxy_grant,
        relation::{AdultLevel, Basis, Relationship, StaffRole},
    },
    platform::{
        push::{entity::phone_device, phone},
        tokens::hash,
    },
};

/// What is behind the cookie of a session.
pub enum Found {
    Nobody,
    /// This account's session was over, and is deleted now.
    Ended(AccountId),
    SignedIn(SignedIn),
}

/// A sign-in that was found for a cookie.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub holder: Holder,
    /// The language kept with the account.
    pub locale: String,
}

/// Finds who is signed in with `token`. Sessions live in real time, whatever the demo's clock says. What a page does by itself is no
/// `use` of the session, and does not make it longer.
///
/// # Errors
/// When the database fails.
pub async fn resolve(db: &Db, rules: &SessionRules, token: &str, is_use: bool) -> Result<Found, DbErr> {
    let db = &db.pool;
    let rows = read(db, "account_session s JOIN account a ON a.id = s.account_id", "s.token_hash = $1", hash(token).into()).await?;
    let Some((account, session)) = rows.first().and_then(|row| Some((AccountId(row.account_id), row.session()?))) else {
        return Ok(Found::Nobody);
    };
    let now = Utc::now();
    if rules.is_over(session.created_at, session.last_seen_at, now) {
        phone::detach(db, phone_device::Column::SessionId.eq(session.id).into_condition()).await?;
        account_session::Entity::delete_by_id(session.id).exec(db).await?;
        return Ok(Found::Ended(account));
    }
    // Not at every request: twice a minute is exact enough for an idle limit of minutes.
    if is_use && now - session.last_seen_at > TimeDelta::seconds(30) {
        account_session::Entity::update_many()
            .set(account_session::ActiveModel { last_seen_at: Set(now), ..Default::default() })
            .filter(account_session::Column::Id.eq(session.id))
            .exec(db)
            .await?;
    }
    Ok(holder(rows).map_or(Found::Nobody, |(holder, locale)| Found::SignedIn(SignedIn { holder, locale })))
}

/// An account holder who is not here, for what they asked to be done without them; `None` when the account was closed.
///
/// # Errors
/// When the database fails.
pub(super) async fn absent(db: &impl ConnectionTrait, account: AccountId) -> Result<Option<Holder>, DbErr> {
    let rows = read(db, "account a LEFT JOIN account_session s ON FALSE", "a.id = $1", account.0.into()).await?;
    Ok(holder(rows).map(|(holder, _)| holder))
}

/// The same as a caller; nobody when the account was closed.
///
/// # Errors
/// When the database fails.
pub async fn absent_caller(system: &System, account: AccountId) -> Result<Caller, DbErr> {
    Ok(absent(system.db(), account).await?.map_or(Caller::Nobody, Caller::Holder))
}

/// Who is asking: a row for each grant that the account has or had, or one for an account without any. Beside the grant stand
/// the session, the account and its own chart, the same in each row.
#[derive(FromQueryResult)]
struct Row {
    session_id: Option<Uuid>,
    session_created_at: Option<DateTime<Utc>>,
    last_seen_at: Option<DateTime<Utc>>,
    second_step_passed: Option<bool>,
    account_id: Uuid,
    display_name: String,
    staff_role: Option<StaffRole>,
    locale: String,
    closed_at: Option<DateTime<Utc>>,
    own_id: Option<Uuid>,
    own_given_name: Option<String>,
    own_family_name: Option<String>,
    own_birth_date: Option<NaiveDate>,
    own_born_by: Option<NaiveDate>,
    own_several_sources: Option<bool>,
    own_look: Option<Uuid>,
    own_look_hue: Option<i32>,
    own_nickname: Option<String>,
    own_photo: bool,
    grant_id: Option<Uuid>,
    basis: Option<Basis>,
    relationship: Option<Relationship>,
    level: Option<AdultLevel>,
    may_share: Option<bool>,
    hue: Option<i32>,
    expires_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    end_reason: Option<EndReason>,
    last_used_at: Option<DateTime<Utc>>,
    patient_id: Option<Uuid>,
    given_name: Option<String>,
    family_name: Option<String>,
    birth_date: Option<NaiveDate>,
    born_by: Option<NaiveDate>,
    several_sources: Option<bool>,
    emancipated_on: Option<NaiveDate>,
    access_until: Option<NaiveDate>,
    deceased_on: Option<String>,
    look: Option<Uuid>,
    look_hue: Option<i32>,
    nickname: Option<String>,
    photo: bool,
}

/// Photos stay where they are.
async fn read(db: &impl ConnectionTrait, from: &str, wanted: &str, value: Value) -> Result<Vec<Row>, DbErr> {
    let sql = format!(
        "SELECT s.id AS session_id, s.created_at AS session_created_at, s.last_seen_at, s.strong AS second_step_passed, \
         a.id AS account_id, a.display_name, a.staff_role, a.locale, a.closed_at, \
         o.id AS own_id, o.given_name AS own_given_name, o.family_name AS own_family_name, o.birth_date AS own_birth_date, \
         o.born_by AS own_born_by, o.several_sources AS own_several_sources, \
         ol.patient_id AS own_look, ol.hue AS own_look_hue, ol.nickname AS own_nickname, ol.photo IS NOT NULL AS own_photo, \
         g.id AS grant_id, g.basis, g.relationship, g.level, g.may_share, g.hue, g.expires_at, g.ended_at, g.end_reason, g.last_used_at, \
         p.id AS patient_id, p.given_name, p.family_name, p.birth_date, p.born_by, p.several_sources, \
         p.emancipated_on, p.access_until, p.deceased_on, \
         l.patient_id AS look, l.hue AS look_hue, l.nickname, l.photo IS NOT NULL AS photo \
         FROM {from} \
         LEFT JOIN patient o ON o.id = a.patient_id AND o.merged_into IS NULL \
         LEFT JOIN person_look ol ON ol.account_id = a.id AND ol.patient_id = o.id \
         LEFT JOIN proxy_grant g ON g.account_id = a.id \
         LEFT JOIN patient p ON p.id = g.patient_id AND p.merged_into IS NULL \
         LEFT JOIN person_look l ON l.account_id = a.id AND l.patient_id = p.id \
         WHERE {wanted} ORDER BY g.created_at, g.id"
    );
    Row::find_by_statement(Statement::from_sql_and_values(db.get_database_backend(), sql, [value])).all(db).await
}

struct Session {
    id: Uuid,
    created_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
}

impl Row {
    fn session(&self) -> Option<Session> {
        Some(Session { id: self.session_id?, created_at: self.session_created_at?, last_seen_at: self.last_seen_at? })
    }

    fn own_chart(&self) -> Option<Person> {
        let full_name = full_name(self.own_given_name.as_deref()?, self.own_family_name.as_deref()?);
        Some(Person {
            patient: PatientId(self.own_id?),
            given_name: self.own_given_name.clone()?,
            full_name,
            birth_date: self.own_birth_date?,
            born_by: self.own_born_by,
            several_sources: self.own_several_sources.unwrap_or(false),
        })
    }

    /// Of the own chart, and of the chart that the grant is for.
    fn appearances(&self) -> impl Iterator<Item = Appearance> {
        let appearance = |patient: Option<Uuid>, hue: Option<i32>, nickname: &Option<String>, has_photo: bool| {
            let hue = hue.and_then(|hue| u8::try_from(hue).ok());
            Some(Appearance { patient: PatientId(patient?), hue, nickname: nickname.clone(), has_photo })
        };
        let own = appearance(self.own_look, self.own_look_hue, &self.own_nickname, self.own_photo);
        own.into_iter().chain(appearance(self.look, self.look_hue, &self.nickname, self.photo))
    }

    fn proxy(self) -> Option<Proxy> {
        let birth_date = self.birth_date?;
        Some(Proxy {
            id: self.grant_id?,
            relationship: self.relationship?,
            hue: self.hue.and_then(|hue| u8::try_from(hue).ok()).unwrap_or(0),
            facts: Facts {
                basis: self.basis?,
                birth_date,
                born_by: self.born_by,
                emancipated_on: self.emancipated_on,
                level: self.level,
                may_share: self.may_share.unwrap_or(false),
                expires_at: self.expires_at,
                ended_at: self.ended_at,
                end_reason: self.end_reason,
                died: Died::of(self.access_until, self.deceased_on.as_deref()),
            },
            person: Person {
                patient: PatientId(self.patient_id?),
                full_name: full_name(self.given_name.as_deref()?, self.family_name.as_deref()?),
                given_name: self.given_name?,
                birth_date,
                born_by: self.born_by,
                several_sources: self.several_sources.unwrap_or(false),
            },
            last_used_at: self.last_used_at,
        })
    }
}

/// The account holder and their language; `None` without an account, or when it was closed.
fn holder(rows: Vec<Row>) -> Option<(Holder, String)> {
    let first = rows.first().filter(|row| row.closed_at.is_none())?;
    let mut appearances: Vec<Appearance> = Vec::new();
    for appearance in rows.iter().flat_map(Row::appearances) {
        if !appearances.contains(&appearance) {
            appearances.push(appearance);
        }
    }
    let holder = Holder {
        account: AccountId(first.account_id),
        session: first.session_id.unwrap_or_default(),
        name: first.display_name.clone(),
        second_step_passed: first.second_step_passed.unwrap_or(false),
        staff: first.staff_role,
        own_chart: first.own_chart(),
        appearances,
        proxies: Vec::new(),
    };
    let locale = first.locale.clone();
    Some((Holder { proxies: rows.into_iter().filter_map(Row::proxy).collect(), ..holder }, locale))
}

/// What decides about a stored grant.
pub(crate) fn facts(grant: &proxy_grant::Model, patient: &patient::Model) -> Facts {
    Facts {
        basis: grant.basis,
        birth_date: patient.birth_date,
        born_by: patient.born_by,
        emancipated_on: patient.emancipated_on,
        level: grant.level,
        may_share: grant.may_share,
        expires_at: grant.expires_at,
        ended_at: grant.ended_at,
        end_reason: grant.end_reason,
        died: Died::of(patient.access_until, patient.deceased_on.as_deref()),
    }
}

fn full_name(given: &str, family: &str) -> String {
    format!("{given} {family}").trim().to_owned()
}

/// Nobody, or who is signed in.
pub fn caller(signed_in: Option<SignedIn>) -> Caller {
    signed_in.map_or(Caller::Nobody, |found| Caller::Holder(found.holder))
}
