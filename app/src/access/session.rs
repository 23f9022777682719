//! From a cookie to a [`Caller`], and from a sign-in to a cookie.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{
    caller::{Caller, Holder, Look, Person, Proxy},
    entity::account_session,
    grant::Db,
    proxy::Facts,
};
use crate::{
    base::ids::{AccountId, PatientId, new_id},
    people::{account, patient, person_look, proxy_grant},
    platform::tokens::{hash, token},
};

/// How long a session lives and what its cookie looks like.
#[derive(Clone, Copy, Debug)]
pub struct SessionRules {
    /// Without a request for so long, the session ends.
    pub idle: TimeDelta,
    /// However busy, it ends after so long.
    pub absolute: TimeDelta,
    /// Whether the browser reaches us over https. Only a server on the loopback address may say no.
    pub secure: bool,
}

/// A sign-in that was found for a cookie.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub holder: Holder,
    /// The language kept with the account.
    pub locale: String,
}

impl SessionRules {
    /// `__Host-` makes browsers refuse the cookie from subdomains, other paths and plain http.
    pub fn cookie_name(&self) -> &'static str {
        if self.secure { "__Host-session" } else { "session" }
    }

    /// The `Set-Cookie` value that keeps `token` until the browser is closed.
    pub fn cookie(&self, token: &str) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{}={token}; Path=/; HttpOnly; SameSite=Lax{secure}", self.cookie_name())
    }

    /// The `Set-Cookie` value that forgets the session.
    pub fn no_cookie(&self) -> String {
        self.cookie("") + "; Max-Age=0"
    }

    fn is_over(&self, session: &account_session::Model, now: DateTime<Utc>) -> bool {
        now - session.last_seen_at >= self.idle || now - session.created_at >= self.absolute
    }
}

/// Opens a session and returns its token: 256 random bits, of which only the hash is stored.
pub(crate) async fn open(db: &impl ConnectionTrait, account: AccountId, device: &str, strong: bool) -> Result<String, DbErr> {
    let token = token()?;
    let now = Utc::now();
    // Whoever never came back left a row behind; no session lives longer than this.
    let forgotten = account_session::Column::CreatedAt.lt(now - TimeDelta::hours(24));
    account_session::Entity::delete_many().filter(forgotten).exec(db).await?;
    account_session::Entity::insert(account_session::ActiveModel {
        id: Set(new_id()),
        token_hash: Set(hash(&token)),
        account_id: Set(account.0),
        created_at: Set(now),
        last_seen_at: Set(now),
        device: Set(Some(device.to_owned()).filter(|device| !device.is_empty())),
        strong: Set(strong),
    })
    .exec_without_returning(db)
    .await?;
    Ok(token)
}

/// Finds who is signed in with `token`, or nobody. Sessions live in real time, whatever the demo's clock says.
///
/// # Errors
/// When the database fails.
pub async fn resolve(db: &Db, rules: &SessionRules, token: &str) -> Result<Option<SignedIn>, DbErr> {
    let db = &db.0;
    let found = account_session::Entity::find().filter(account_session::Column::TokenHash.eq(hash(token))).one(db).await?;
    let Some(session) = found else { return Ok(None) };
    let now = Utc::now();
    if rules.is_over(&session, now) {
        account_session::Entity::delete_by_id(session.id).exec(db).await?;
        return Ok(None);
    }
    // Not at every request: twice a minute is exact enough for an idle limit of minutes.
    if now - session.last_seen_at > TimeDelta::seconds(30) {
        account_session::Entity::update_many()
            .set(account_session::ActiveModel { last_seen_at: Set(now), ..Default::default() })
            .filter(account_session::Column::Id.eq(session.id))
            .exec(db)
            .await?;
    }
    let account = account::Entity::find_by_id(session.account_id).one(db).await?.filter(|account| account.closed_at.is_none());
    let Some(account) = account else { return Ok(None) };
    let locale = account.locale.clone();
    Ok(Some(SignedIn { holder: holder(db, account, session.id, session.strong).await?, locale }))
}

async fn holder(db: &impl ConnectionTrait, account: account::Model, session: Uuid, strong: bool) -> Result<Holder, DbErr> {
    let own_chart = match account.patient_id {
        None => None,
        Some(id) => patient::Entity::find_by_id(id).one(db).await?.map(person),
    };
    Ok(Holder {
        account: AccountId(account.id),
        session,
        name: account.display_name,
        strong,
        staff: account.staff_role,
        own_chart,
        proxies: proxies(db, account.id).await?,
        looks: looks(db, account.id).await?,
    })
}

/// An account holder who is not here, for what they asked to be done without them; `None` when the account was closed.
///
/// # Errors
/// When the database fails.
pub(super) async fn absent(db: &impl ConnectionTrait, account: AccountId) -> Result<Option<Holder>, DbErr> {
    let found = account::Entity::find_by_id(account.0).one(db).await?.filter(|account| account.closed_at.is_none());
    match found {
        Some(account) => Ok(Some(holder(db, account, Uuid::nil(), false).await?)),
        None => Ok(None),
    }
}

/// How this account holder wants to see people. The photos stay where they are.
async fn looks(db: &impl ConnectionTrait, account: Uuid) -> Result<Vec<Look>, DbErr> {
    let rows: Vec<(Uuid, Option<i32>, Option<String>, bool)> = person_look::Entity::find()
        .select_only()
        .column(person_look::Column::PatientId)
        .column(person_look::Column::Hue)
        .column(person_look::Column::Nickname)
        .column_as(person_look::Column::Photo.is_not_null(), "has_photo")
        .filter(person_look::Column::AccountId.eq(account))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(patient, hue, nickname, has_photo)| Look {
            patient: PatientId(patient),
            hue: hue.and_then(|hue| u8::try_from(hue).ok()),
            nickname,
            has_photo,
        })
        .collect())
}

async fn proxies(db: &impl ConnectionTrait, account: Uuid) -> Result<Vec<Proxy>, DbErr> {
    let grants = proxy_grant::Entity::find()
        .filter(proxy_grant::Column::AccountId.eq(account))
        .order_by_asc(proxy_grant::Column::CreatedAt)
        .order_by_asc(proxy_grant::Column::Id)
        .all(db)
        .await?;
    let patients = patient::Entity::find().filter(patient::Column::Id.is_in(grants.iter().map(|grant| grant.patient_id))).all(db).await?;
    Ok(grants
        .into_iter()
        .filter_map(|grant| {
            let patient = patients.iter().find(|patient| patient.id == grant.patient_id)?.clone();
            Some(Proxy {
                id: grant.id,
                relationship: grant.relationship,
                hue: u8::try_from(grant.hue).unwrap_or(0),
                facts: facts(&grant, &patient),
                person: person(patient),
            })
        })
        .collect())
}

/// What decides about a stored grant.
pub(crate) fn facts(grant: &proxy_grant::Model, patient: &patient::Model) -> Facts {
    Facts {
        basis: grant.basis,
        birth_date: patient.birth_date,
        emancipated_on: patient.emancipated_on,
        level: grant.level,
        expires_at: grant.expires_at,
        ended_at: grant.ended_at,
        end_reason: grant.end_reason,
    }
}

fn person(patient: patient::Model) -> Person {
    Person {
        patient: PatientId(patient.id),
        full_name: format!("{} {}", patient.given_name, patient.family_name).trim().to_owned(),
        given_name: patient.given_name,
    }
}

/// Nobody, or who is signed in.
pub fn caller(signed_in: Option<SignedIn>) -> Caller {
    signed_in.map_or(Caller::Nobody, |found| Caller::Holder(found.holder))
}
