//! Gives, changes and ends access to a chart.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, SqlErr,
    sea_query::OnConflict,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    entity::invitation,
    model::{INVITATION_LIFE, InvitationState, LONGEST_ACCESS_DAYS, WRONG_BIRTH_DATES},
};
use crate::{
    access::{
        Grant, Level, Person,
        policy::{ManageAccess, ManageOwnAccount, Permission, ReadInvitation, RecordAccess, UseOwnAccount},
        proxy::{self, age_on, is_adult},
        session::facts,
    },
    base::{
        end_reason::EndReason,
        error::{Error, Problem, Why},
        ids::{PatientId, new_id},
        text::{date, is_email, same_name},
    },
    desk::requests::{self, model::Kind},
    features::account::core::{birth_date_of, own},
    people::{
        account, patient, person_look, proxy_grant, related_person,
        relation::{AdultLevel, Basis, Relationship},
    },
    platform::{
        mail::{
            letter::Letter,
            store::{Recipient, organization_here, post},
        },
        throttle::count_in_row,
        tokens::{hash, token},
    },
    record::{
        note::{entity::note, model::Disclosure},
        visit::entity::visit,
    },
};

/// Somebody who may open a chart, as its owner sees them.
pub struct Access {
    pub id: Uuid,
    pub name: String,
    pub relationship: Relationship,
    pub basis: Basis,
    pub level: Result<Level, EndReason>,
    pub chosen: Option<AdultLevel>,
    pub since: DateTime<Utc>,
    pub until: Option<DateTime<Utc>>,
    pub last_used: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub given_by: Option<String>,
    pub end_note: Option<String>,
    /// Where this person's letters go.
    pub email: Option<String>,
}

/// Who has, or had, access to a chart.
///
/// # Errors
/// When the database fails.
pub async fn accesses(grant: &Grant<impl Permission>, patient: Uuid) -> Result<Vec<Access>, Error> {
    let db = grant.db();
    let person = patient::Entity::find_by_id(patient).one(db).await?.ok_or(Error::NotFound)?;
    let rows = proxy_grant::Entity::find()
        .filter(proxy_grant::Column::PatientId.eq(patient))
        .order_by_desc(proxy_grant::Column::CreatedAt)
        .all(db)
        .await?;
    let accounts = account::Entity::find().filter(account::Column::Id.is_in(rows.iter().map(|row| row.account_id))).all(db).await?;
    let now = grant.now();
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let account = accounts.iter().find(|account| account.id == row.account_id)?;
            Some(Access {
                id: row.id,
                name: account.display_name.clone(),
                relationship: row.relationship,
                basis: row.basis,
                level: proxy::level(&facts(&row, &person), now),
                chosen: row.level,
                since: row.created_at,
                until: row.expires_at,
                last_used: row.last_used_at,
                ended_at: row.ended_at,
                given_by: row.given_by,
                end_note: row.end_note,
                email: account.email.clone(),
            })
        })
        .collect())
}

/// The invitations of a chart that are not answered yet.
///
/// # Errors
/// When the database fails.
pub async fn invitations(grant: &Grant<ManageAccess>) -> Result<Vec<invitation::Model>, Error> {
    Ok(invitation::Entity::find()
        .filter(invitation::Column::PatientId.eq(grant.patient().0))
        .filter(invitation::Column::State.is_in([InvitationState::Draft, InvitationState::Sent]))
        .order_by_desc(invitation::Column::CreatedAt)
        .all(grant.db())
        .await?)
}

/// What somebody types who invites.
pub struct Invite {
    pub name: String,
    pub email: String,
    pub relationship: String,
    pub level: String,
    pub until: String,
}

/// Writes an invitation that is not sent yet: the patient sees first what the other will see.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub async fn draft(grant: &Grant<ManageAccess>, typed: Invite) -> Result<Uuid, Error> {
    let mut problems = Vec::new();
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    let (name, email) = (typed.name.trim(), typed.email.trim());
    if name.is_empty() || name.chars().count() > 100 {
        refuse("name", if name.is_empty() { Why::Missing } else { Why::TooLong });
    }
    if !is_email(email) {
        refuse("email", if email.is_empty() { Why::Missing } else { Why::NotAnEmail });
    }
    let relationship = find(Relationship::ALL, &typed.relationship, Relationship::as_str);
    if relationship.is_none() {
        refuse("relationship", Why::Missing);
    }
    let level = find(AdultLevel::ALL, &typed.level, AdultLevel::as_str);
    if level.is_none() {
        refuse("level", Why::Missing);
    }
    let until = match last_moment(grant, &typed.until) {
        Ok(until) => until,
        Err(Error::Invalid(found)) => {
            problems.extend(found);
            None
        }
        Err(other) => return Err(other),
    };
    let (Some(relationship), Some(level), true) = (relationship, level, problems.is_empty()) else { return Err(Error::Invalid(problems)) };
    let (id, now) = (new_id(), grant.now().instant);
    invitation::Entity::insert(invitation::ActiveModel {
        id: Set(id),
        patient_id: Set(grant.patient().0),
        invited_by: Set(grant.holder()?.name.clone()),
        name: Set(name.to_owned()),
        email: Set(email.to_owned()),
        relationship: Set(relationship),
        level: Set(level),
        access_until: Set(until),
        // Nobody knows a token for it until it is sent.
        token_hash: Set(token()?),
        state: Set(InvitationState::Draft),
        wrong_tries: Set(0),
        created_at: Set(now),
        expires_at: Set(now + INVITATION_LIFE),
        answered_at: Set(None),
    })
    .exec_without_returning(grant.db())
    .await?;
    Ok(id)
}

/// The end of the chosen day; without one, a year from today. Never longer than a year: then it is renewed.
fn last_moment(grant: &Grant<impl Permission>, until: &str) -> Result<Option<DateTime<Utc>>, Error> {
    let today = grant.now().today;
    let longest = today + TimeDelta::days(LONGEST_ACCESS_DAYS);
    let day = if until.trim().is_empty() { longest } else { date("until", until)? };
    if day <= today {
        return Err(Error::field("until", Why::NotFuture));
    }
    Ok(Some(midnight_after(grant, day.min(longest))))
}

/// The first moment after a day, where the organisation is.
pub(crate) fn midnight_after(grant: &Grant<impl Permission>, day: NaiveDate) -> DateTime<Utc> {
    let wall = (day + TimeDelta::days(1)).and_time(NaiveTime::MIN);
    let zone = grant.zone();
    let local = zone.from_local_datetime(&wall).earliest().or_else(|| zone.from_local_datetime(&(wall + TimeDelta::hours(1))).earliest());
    local.map_or_else(|| wall.and_utc(), |local| local.with_timezone(&Utc))
}

fn find<T: Copy>(all: &[T], text: &str, name: fn(T) -> &'static str) -> Option<T> {
    all.iter().copied().find(|found| name(*found) == text)
}

/// An invitation of the caller's own chart.
///
/// # Errors
/// `NotFound` for another chart's.
pub async fn own_invitation(grant: &Grant<ManageAccess>, id: Uuid) -> Result<invitation::Model, Error> {
    let found = invitation::Entity::find_by_id(id).one(grant.db()).await?;
    found.filter(|row| row.patient_id == grant.patient().0).ok_or(Error::NotFound)
}

/// What a level opens of this chart, counted today.
pub struct Preview {
    /// When and with what name, as somebody of that level reads it.
    pub upcoming: Vec<(DateTime<Utc>, String)>,
    pub past_visits: u64,
    pub notes: u64,
    pub notes_hidden: u64,
}

/// # Errors
/// When the database fails.
pub async fn preview(grant: &Grant<ManageAccess>, level: AdultLevel) -> Result<Preview, Error> {
    let (db, now, level) = (grant.db(), grant.now().instant, Level::Adult(level));
    let visits = || {
        let all = visit::Entity::find().filter(visit::Column::PatientId.eq(grant.patient().0));
        if level.sees_sensitive() { all } else { all.filter(visit::Column::Sensitive.eq(false)) }
    };
    let upcoming = visits()
        .filter(visit::Column::StartsAt.gte(now))
        .filter(visit::Column::Status.eq(crate::record::visit::model::Status::Booked))
        .order_by_asc(visit::Column::StartsAt)
        .limit(3)
        .all(db)
        .await?;
    let past_visits = visits().filter(visit::Column::StartsAt.lt(now)).count(db).await?;
    let notes = || {
        note::Entity::find().filter(note::Column::PatientId.eq(grant.patient().0)).filter(note::Column::Disclosure.eq(Disclosure::Shown))
    };
    let all = notes().count(db).await?;
    let plain = notes().filter(note::Column::Sensitive.eq(false)).count(db).await?;
    let seen = match (level.sees_clinical(), level.sees_sensitive()) {
        (false, _) => 0,
        (true, false) => plain,
        (true, true) => all,
    };
    Ok(Preview {
        upcoming: upcoming.into_iter().filter_map(|visit| Some((visit.starts_at?, visit.title))).collect(),
        past_visits,
        notes: seen,
        notes_hidden: all - seen,
    })
}

/// Sends an invitation that was looked at.
///
/// # Errors
/// `Invalid` when it was sent or withdrawn before.
pub async fn send(grant: &Grant<ManageAccess>, id: Uuid) -> Result<(), Error> {
    let found = own_invitation(grant, id).await?;
    let (token, now) = (token()?, grant.now().instant);
    let tx = grant.begin().await?;
    let sent = invitation::ActiveModel {
        state: Set(InvitationState::Sent),
        token_hash: Set(hash(&token)),
        expires_at: Set(now + INVITATION_LIFE),
        ..Default::default()
    };
    let sent = invitation::Entity::update_many()
        .set(sent)
        .filter(invitation::Column::Id.eq(id))
        .filter(invitation::Column::State.is_in([InvitationState::Draft, InvitationState::Sent]))
        .exec(&tx)
        .await?;
    if sent.rows_affected == 0 {
        return Err(Error::form(Why::AlreadyDone));
    }
    let patient = patient::Entity::find_by_id(found.patient_id).one(&tx).await?.ok_or(Error::NotFound)?;
    let letter = Letter::Invitation { patient: patient.given_name, link: grant.link(&format!("/invitation?token={token}")) };
    post(&tx, &Recipient::address(&found.email, grant.locale()), &letter, &organization_here()?, now, grant.zone()).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes an invitation back that was not answered.
///
/// # Errors
/// `NotFound` for another chart's.
pub async fn withdraw(grant: &Grant<ManageAccess>, id: Uuid) -> Result<(), Error> {
    own_invitation(grant, id).await?;
    let withdrawn = invitation::ActiveModel { state: Set(InvitationState::Withdrawn), ..Default::default() };
    invitation::Entity::update_many()
        .set(withdrawn)
        .filter(invitation::Column::Id.eq(id))
        .filter(invitation::Column::State.is_in([InvitationState::Draft, InvitationState::Sent]))
        .exec(grant.db())
        .await?;
    Ok(())
}

/// An invitation that may still be answered by whoever holds its link.
///
/// # Errors
/// `Invalid` when it is over.
pub(crate) async fn open_invitation(grant: &Grant<impl Permission>, token: &str) -> Result<invitation::Model, Error> {
    let found = invitation::Entity::find().filter(invitation::Column::TokenHash.eq(hash(token))).one(grant.db()).await?;
    found.filter(|row| row.state == InvitationState::Sent && row.expires_at > grant.now().instant).ok_or(Error::form(Why::LinkOver))
}

/// Who invites, for the page behind the link.
///
/// # Errors
/// `Invalid` when the invitation is over.
pub async fn invited_by(grant: &Grant<ReadInvitation>, token: &str) -> Result<(invitation::Model, String), Error> {
    let found = open_invitation(grant, token).await?;
    let patient = patient::Entity::find_by_id(found.patient_id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    Ok((found, patient.given_name))
}

/// Accepts an invitation: the link, and the patient's birth date, which a stranger who got the letter by mistake does not know.
///
/// # Errors
/// `Invalid`: a wrong birth date (three, and the invitation is void), one's own chart, a minor, or access that is there already.
pub async fn accept(grant: &Grant<ManageOwnAccount>, token: &str, birth_date: &str) -> Result<PatientId, Error> {
    let found = open_invitation(grant, token).await?;
    let typed = date("birth_date", birth_date)?;
    let holder = grant.holder()?;
    let now = grant.now();
    if holder.own_chart.as_ref().is_some_and(|own| own.patient.0 == found.patient_id) {
        return Err(Error::form(Why::NotYourOwn));
    }
    let account = own(grant).await?;
    if !birth_date_of(grant.db(), &account).await?.is_some_and(|born| is_adult(born, now.today)) {
        return Err(Error::form(Why::UnderAge));
    }
    let patient = patient::Entity::find_by_id(found.patient_id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let this = || invitation::Column::Id.eq(found.id);
    if !count_in_row::<invitation::Entity>(grant.db(), this(), invitation::Column::WrongTries, WRONG_BIRTH_DATES).await? {
        return Err(Error::form(Why::LinkOver));
    }
    if patient.birth_date != typed {
        invitation::Entity::update_many()
            .set(invitation::ActiveModel { state: Set(InvitationState::Void), ..Default::default() })
            .filter(this())
            .filter(invitation::Column::State.eq(InvitationState::Sent))
            .filter(invitation::Column::WrongTries.gte(WRONG_BIRTH_DATES))
            .exec(grant.db())
            .await?;
        return Err(Error::field("birth_date", Why::BirthDateWrong));
    }
    let tx = grant.begin().await?;
    answer(&tx, found.id, InvitationState::Accepted, now.instant).await?;
    let given = Given {
        account: account.id,
        patient: found.patient_id,
        basis: Basis::AdultAdult,
        relationship: found.relationship,
        level: Some(found.level),
        until: found.access_until,
        by: Some(found.invited_by.clone()),
    };
    give(&tx, given, now.instant).await?;
    tell_patient(&tx, grant, found.patient_id, &Letter::InvitationAnswered { link: grant.link("/sharing") }).await?;
    tx.commit().await?;
    Ok(PatientId(found.patient_id))
}

/// Declines an invitation.
///
/// # Errors
/// `Invalid` when it is over.
pub async fn decline(grant: &Grant<ReadInvitation>, token: &str) -> Result<(), Error> {
    let found = open_invitation(grant, token).await?;
    let tx = grant.begin().await?;
    answer(&tx, found.id, InvitationState::Declined, grant.now().instant).await?;
    tell_patient(&tx, grant, found.patient_id, &Letter::InvitationAnswered { link: grant.link("/sharing") }).await?;
    tx.commit().await?;
    Ok(())
}

async fn answer(tx: &impl ConnectionTrait, id: Uuid, state: InvitationState, now: DateTime<Utc>) -> Result<(), Error> {
    let answered = invitation::ActiveModel { state: Set(state), answered_at: Set(Some(now)), ..Default::default() };
    let answered = invitation::Entity::update_many()
        .set(answered)
        .filter(invitation::Column::Id.eq(id))
        .filter(invitation::Column::State.eq(InvitationState::Sent))
        .exec(tx)
        .await?;
    if answered.rows_affected == 0 { Err(Error::form(Why::LinkOver)) } else { Ok(()) }
}

/// Access that is given.
pub(crate) struct Given {
    pub account: Uuid,
    pub patient: Uuid,
    pub basis: Basis,
    pub relationship: Relationship,
    pub level: Option<AdultLevel>,
    pub until: Option<DateTime<Utc>>,
    /// The name of whoever gave it; nothing when the record itself did.
    pub by: Option<String>,
}

/// Gives access, in place of what the same account had to the same chart.
///
/// # Errors
/// `Invalid` when the same access is given somewhere else at this moment.
pub(crate) async fn give(tx: &impl ConnectionTrait, given: Given, now: DateTime<Utc>) -> Result<Uuid, Error> {
    let replaced = proxy_grant::ActiveModel { ended_at: Set(Some(now)), end_reason: Set(Some(EndReason::Revoked)), ..Default::default() };
    proxy_grant::Entity::update_many()
        .set(replaced)
        .filter(proxy_grant::Column::AccountId.eq(given.account))
        .filter(proxy_grant::Column::PatientId.eq(given.patient))
        .filter(proxy_grant::Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    let hues: Vec<i32> = proxy_grant::Entity::find()
        .select_only()
        .column(proxy_grant::Column::Hue)
        .filter(proxy_grant::Column::AccountId.eq(given.account))
        .into_tuple()
        .all(tx)
        .await?;
    // The own chart has the first colour; of the others, the least used one.
    let hue = (1..8).min_by_key(|hue| hues.iter().filter(|used| *used == hue).count()).unwrap_or(1);
    let id = new_id();
    proxy_grant::Entity::insert(proxy_grant::ActiveModel {
        id: Set(id),
        account_id: Set(given.account),
        patient_id: Set(given.patient),
        basis: Set(given.basis),
        relationship: Set(given.relationship),
        level: Set(given.level),
        hue: Set(hue),
        created_at: Set(now),
        expires_at: Set(given.until),
        given_by: Set(given.by),
        ..Default::default()
    })
    .exec_without_returning(tx)
    .await
    .map_err(|error| match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Error::form(Why::HasAccess),
        _ => error.into(),
    })?;
    Ok(id)
}

/// Changes what an adult may see, and until when.
///
/// # Errors
/// `NotFound` for access to another chart; `Invalid`.
pub async fn change(grant: &Grant<ManageAccess>, id: Uuid, level: &str, until: &str) -> Result<(), Error> {
    let level = find(AdultLevel::ALL, level, AdultLevel::as_str).ok_or(Error::field("level", Why::Missing))?;
    let until = last_moment(grant, until)?;
    let row = proxy_grant::ActiveModel { level: Set(Some(level)), expires_at: Set(until), ..Default::default() };
    let changed = proxy_grant::Entity::update_many()
        .set(row)
        .filter(proxy_grant::Column::Id.eq(id))
        .filter(proxy_grant::Column::PatientId.eq(grant.patient().0))
        .filter(proxy_grant::Column::Basis.eq(Basis::AdultAdult))
        .filter(proxy_grant::Column::EndedAt.is_null())
        .exec(grant.db())
        .await?;
    if changed.rows_affected == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// Ends somebody's access to the caller's own chart, at once, and tells them.
///
/// # Errors
/// `NotFound` for access to another chart.
pub async fn end(grant: &Grant<ManageAccess>, id: Uuid) -> Result<(), Error> {
    end_one(grant, id, None).await
}

/// Ends somebody's access to a patient's chart as staff; the reason is kept.
///
/// # Errors
/// `NotFound` for access to another chart.
pub async fn end_with_reason(grant: &Grant<RecordAccess>, id: Uuid, reason: &str) -> Result<(), Error> {
    let noted = format!("{}: {}", grant.holder()?.name, reason.trim().chars().take(200).collect::<String>());
    end_one(grant, id, Some(noted)).await
}

async fn end_one(grant: &Grant<impl Permission<Scope = PatientId>>, id: Uuid, noted: Option<String>) -> Result<(), Error> {
    let found = proxy_grant::Entity::find_by_id(id).one(grant.db()).await?;
    let found = found.filter(|row| row.patient_id == grant.patient().0 && row.ended_at.is_none()).ok_or(Error::NotFound)?;
    let tx = grant.begin().await?;
    end_row(&tx, found.id, EndReason::Revoked, grant.now().instant).await?;
    if let Some(noted) = noted {
        let row = proxy_grant::ActiveModel { end_note: Set(Some(noted)), ..Default::default() };
        proxy_grant::Entity::update_many().set(row).filter(proxy_grant::Column::Id.eq(found.id)).exec(&tx).await?;
    }
    if let Some(account) = account::Entity::find_by_id(found.account_id).one(&tx).await?
        && let Some(to) = account.recipient()
    {
        let letter = Letter::AccessEnded { link: grant.link("/sharing") };
        post(&tx, &to, &letter, &organization_here()?, grant.now().instant, grant.zone()).await?;
    }
    tx.commit().await?;
    Ok(())
}

pub(crate) async fn end_row(tx: &impl ConnectionTrait, id: Uuid, reason: EndReason, at: DateTime<Utc>) -> Result<bool, sea_orm::DbErr> {
    let ended = proxy_grant::ActiveModel { ended_at: Set(Some(at)), end_reason: Set(Some(reason)), ..Default::default() };
    let ended = proxy_grant::Entity::update_many()
        .set(ended)
        .filter(proxy_grant::Column::Id.eq(id))
        .filter(proxy_grant::Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(ended.rows_affected == 1)
}

/// Gives back one's own access to somebody's chart, and tells the patient.
///
/// # Errors
/// When the database fails.
pub async fn give_up(grant: &Grant<crate::access::policy::GiveUpAccess>) -> Result<(), Error> {
    let account = grant.holder()?.account.0;
    let tx = grant.begin().await?;
    let now = grant.now().instant;
    let ended = proxy_grant::ActiveModel { ended_at: Set(Some(now)), end_reason: Set(Some(EndReason::Revoked)), ..Default::default() };
    proxy_grant::Entity::update_many()
        .set(ended)
        .filter(proxy_grant::Column::AccountId.eq(account))
        .filter(proxy_grant::Column::PatientId.eq(grant.patient().0))
        .filter(proxy_grant::Column::EndedAt.is_null())
        .exec(&tx)
        .await?;
    tell_patient(&tx, grant, grant.patient().0, &Letter::AccessEnded { link: grant.link("/sharing") }).await?;
    tx.commit().await?;
    Ok(())
}

/// Writes to the patient's own account, if there is one.
async fn tell_patient(tx: &impl ConnectionTrait, grant: &Grant<impl Permission>, patient: Uuid, letter: &Letter) -> Result<(), Error> {
    let owner = account::Entity::find().filter(account::Column::PatientId.eq(patient)).one(tx).await?;
    if let Some(to) = owner.as_ref().and_then(|account| account.recipient()) {
        post(tx, &to, letter, &organization_here()?, grant.now().instant, grant.zone()).await?;
    }
    Ok(())
}

/// A child, as a parent names it.
pub struct Child {
    pub given_name: String,
    pub family_name: String,
    pub birth_date: String,
    pub relationship: String,
    pub attested: bool,
}

/// What came of asking for a child's chart.
pub enum Asked {
    Given(PatientId),
    /// The front desk decides; the number of the request.
    Waiting(String),
}

/// Asks for access to a child's chart. It is there at once when the record names the parent already; else staff decide.
///
/// # Errors
/// `Invalid` for an adult's name or date, without the attestation, or from a minor.
pub async fn ask_for_child(grant: &Grant<ManageOwnAccount>, typed: Child) -> Result<Asked, Error> {
    let now = grant.now();
    let mut problems = Vec::new();
    for (field, text) in [("given_name", &typed.given_name), ("family_name", &typed.family_name)] {
        if text.trim().is_empty() {
            problems.push(Problem { field: field.into(), why: Why::Missing });
        } else if text.chars().count() > 100 {
            problems.push(Problem { field: field.into(), why: Why::TooLong });
        }
    }
    if !typed.attested {
        problems.push(Problem { field: "attested".into(), why: Why::NotConfirmed });
    }
    let relationship = match typed.relationship.as_str() {
        "parent" => Relationship::Parent,
        "guardian" => Relationship::Guardian,
        _ => {
            problems.push(Problem { field: "relationship".into(), why: Why::Missing });
            Relationship::Parent
        }
    };
    let born = match date("birth_date", &typed.birth_date) {
        Ok(born) => born,
        Err(Error::Invalid(found)) => {
            problems.extend(found);
            return Err(Error::Invalid(problems));
        }
        Err(other) => return Err(other),
    };
    if is_adult(born, now.today) || born > now.today {
        problems.push(Problem { field: "birth_date".into(), why: Why::NotAChild });
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let account = own(grant).await?;
    if !birth_date_of(grant.db(), &account).await?.is_some_and(|born| is_adult(born, now.today)) {
        return Err(Error::form(Why::UnderAge));
    }
    let mut matches = patient::Entity::find()
        .filter(patient::Column::BirthDate.eq(born))
        .all(grant.db())
        .await?
        .into_iter()
        .filter(|child| same_name(&child.given_name, &typed.given_name) && same_name(&child.family_name, &typed.family_name));
    let child = match (matches.next(), matches.next()) {
        (Some(child), None) => Some(child),
        _ => None,
    };
    if let Some(child) = &child
        && matches!(grant.holder()?.proxy(PatientId(child.id), now), Some((_, Ok(_))))
    {
        return Err(Error::form(Why::HasAccess));
    }
    if let Some(child) = &child
        && child.emancipated_on.is_none()
        && is_named(grant, child, &account).await?
    {
        let tx = grant.begin().await?;
        let given =
            Given { account: account.id, patient: child.id, basis: Basis::ParentChild, relationship, level: None, until: None, by: None };
        give(&tx, given, now.instant).await?;
        if let Some(to) = account.recipient() {
            post(&tx, &to, &Letter::AccessGiven { link: grant.link("/sharing") }, &organization_here()?, now.instant, grant.zone()).await?;
        }
        tx.commit().await?;
        return Ok(Asked::Given(PatientId(child.id)));
    }
    let body = json!({
        "given_name": typed.given_name.trim(),
        "family_name": typed.family_name.trim(),
        "birth_date": born,
        "relationship": relationship,
    });
    let row = requests::store::open(grant, Kind::ChildAccess, &account.display_name, None, child.map(|child| child.id), body).await?;
    Ok(Asked::Waiting(row.number))
}

/// Whether the record itself names this account's owner as a person related to the child: the full name, and something that the
/// two records share, since names are not rare: a phone number, the street address, or a proved e-mail address.
async fn is_named(grant: &Grant<ManageOwnAccount>, child: &patient::Model, account: &account::Model) -> Result<bool, Error> {
    let key = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let last_ten = |text: &str| {
        let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
        digits[digits.len().saturating_sub(10)..].iter().collect::<String>()
    };
    let related = related_person::Entity::find().filter(related_person::Column::PatientId.eq(child.id)).all(grant.db()).await?;
    let Some(named) = related.iter().find(|person| key(&person.name) == key(&account.display_name)) else { return Ok(false) };
    let same_email = account.email_verified_at.is_some()
        && matches!((&account.email, &child.email), (Some(one), Some(other)) if one.eq_ignore_ascii_case(other));
    if same_email {
        return Ok(true);
    }
    let Some(own) = account.patient_id else { return Ok(false) };
    let Some(own) = patient::Entity::find_by_id(own).one(grant.db()).await? else { return Ok(false) };
    let same_street =
        matches!((&own.address_line, &child.address_line), (Some(one), Some(other)) if !key(one).is_empty() && key(one) == key(other));
    let theirs = [&named.phone, &child.phone_mobile, &child.phone_home, &child.phone_work].map(|phone| phone.as_deref().map(last_ten));
    let mine = [&own.phone_mobile, &own.phone_home, &own.phone_work].map(|phone| phone.as_deref().map(last_ten));
    let same_phone = mine.iter().flatten().any(|phone| phone.len() == 10 && theirs.iter().flatten().any(|other| other == phone));
    Ok(same_street || same_phone)
}

/// Papers that somebody brings: a power of attorney, a guardianship.
pub struct Papers {
    pub given_name: String,
    pub family_name: String,
    pub birth_date: String,
    pub kind: String,
    pub until: String,
    pub file_name: String,
    pub file: Vec<u8>,
}

/// Opens a request for staff to look at papers.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub async fn bring_papers(grant: &Grant<ManageOwnAccount>, typed: Papers) -> Result<String, Error> {
    let mut problems = Vec::new();
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    for (field, text) in [("given_name", &typed.given_name), ("family_name", &typed.family_name)] {
        if text.trim().is_empty() {
            refuse(field, Why::Missing);
        }
    }
    if !matches!(typed.kind.as_str(), "power_of_attorney" | "guardianship") {
        refuse("kind", Why::Missing);
    }
    let media_type = media_type(&typed.file);
    if typed.file.is_empty() {
        refuse("file", Why::Missing);
    } else if typed.file.len() > crate::base::text::MOST_BYTES {
        refuse("file", Why::FileLarge);
    } else if media_type.is_none() {
        refuse("file", Why::FileKind);
    }
    let born = date("birth_date", &typed.birth_date)?;
    let until = if typed.until.trim().is_empty() { None } else { Some(date("until", &typed.until)?) };
    let (Some(media_type), true) = (media_type, problems.is_empty()) else { return Err(Error::Invalid(problems)) };
    let account = own(grant).await?;
    let body = json!({
        "given_name": typed.given_name.trim(),
        "family_name": typed.family_name.trim(),
        "birth_date": born,
        "papers": typed.kind,
        "until": until,
    });
    let papers = requests::store::Attached { name: typed.file_name, media_type, body: typed.file };
    let row = requests::store::open_with_file(grant, Kind::Papers, &account.display_name, body, papers).await?;
    Ok(row.number)
}

/// What a file is by its first bytes, whatever its name says.
fn media_type(file: &[u8]) -> Option<&'static str> {
    match file {
        [b'%', b'P', b'D', b'F', b'-', ..] => Some("application/pdf"),
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        _ => None,
    }
}

/// A chart somebody acts for, and how they see it.
pub struct Mine {
    pub person: Person,
    pub relationship: Relationship,
    pub basis: Basis,
    pub level: Level,
    pub until: Option<DateTime<Utc>>,
    pub age: i32,
}

/// The charts that are open to the caller, but their own.
///
/// # Errors
/// `SignInNeeded`.
pub fn mine(grant: &Grant<UseOwnAccount>) -> Result<Vec<Mine>, Error> {
    let now = grant.now();
    Ok(grant
        .holder()?
        .acts_for(now)
        .into_iter()
        .filter_map(|(found, level)| {
            Some(Mine {
                person: found.person.clone(),
                relationship: found.relationship,
                basis: found.facts.basis,
                level: level.ok()?,
                until: found.facts.expires_at,
                age: age_on(found.facts.birth_date, now.today),
            })
        })
        .collect())
}

/// How the caller sees one person.
///
/// # Errors
/// When the database fails.
pub async fn look(grant: &Grant<crate::access::policy::OpenChart>) -> Result<Option<person_look::Model>, Error> {
    Ok(person_look::Entity::find_by_id((grant.holder()?.account.0, grant.patient().0)).one(grant.db()).await?)
}

/// Keeps a colour and a nickname; `photo` is left as it is when nothing is given.
///
/// # Errors
/// `Invalid` for a nickname that is too long.
pub async fn keep_look(
    grant: &Grant<crate::access::policy::OpenChart>,
    hue: Option<i32>,
    nickname: Option<String>,
    photo: Option<Option<Vec<u8>>>,
) -> Result<(), Error> {
    if nickname.as_ref().is_some_and(|name| name.chars().count() > 30) {
        return Err(Error::field("nickname", Why::TooLong));
    }
    let mut columns = vec![person_look::Column::Hue, person_look::Column::Nickname];
    let mut row = person_look::ActiveModel {
        account_id: Set(grant.holder()?.account.0),
        patient_id: Set(grant.patient().0),
        hue: Set(hue.filter(|hue| (0..8).contains(hue))),
        nickname: Set(nickname.filter(|name| !name.is_empty())),
        photo: Set(None),
    };
    if let Some(photo) = photo {
        row.photo = Set(photo);
        columns = vec![person_look::Column::Photo];
    }
    person_look::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([person_look::Column::AccountId, person_look::Column::PatientId]).update_columns(columns).to_owned(),
        )
        .exec_without_returning(grant.db())
        .await?;
    Ok(())
}

/// Records access from a paper form, or from papers that were looked at.
///
/// # Errors
/// `Invalid` for an account that is not there, or one's own chart.
pub async fn record(
    grant: &Grant<RecordAccess>,
    username: &str,
    basis: Basis,
    relationship: Relationship,
    level: Option<AdultLevel>,
    until: &str,
) -> Result<(), Error> {
    let account = account::Entity::find()
        .filter(account::Column::UsernameKey.eq(crate::base::text::username_key(username)))
        .one(grant.db())
        .await?
        .ok_or(Error::field("username", Why::DetailsWrong))?;
    let now = grant.now();
    if account.patient_id == Some(grant.patient().0) {
        return Err(Error::form(Why::NotYourOwn));
    }
    if !birth_date_of(grant.db(), &account).await?.is_some_and(|born| is_adult(born, now.today)) {
        return Err(Error::field("username", Why::UnderAge));
    }
    let until = match basis {
        Basis::ParentChild => None,
        Basis::Papers if until.trim().is_empty() => None,
        Basis::AdultAdult | Basis::Papers => last_moment(grant, until)?,
    };
    let tx = grant.begin().await?;
    let by = Some(grant.holder()?.name.clone());
    give(&tx, Given { account: account.id, patient: grant.patient().0, basis, relationship, level, until, by }, now.instant).await?;
    if let Some(to) = account.recipient() {
        post(&tx, &to, &Letter::AccessGiven { link: grant.link("/sharing") }, &organization_here()?, now.instant, grant.zone()).await?;
    }
    tell_patient(&tx, grant, grant.patient().0, &Letter::AccessGiven { link: grant.link("/sharing") }).await?;
    tx.commit().await?;
    Ok(())
}

/// Records that a minor is emancipated, from today on: every parent's access is over.
///
/// # Errors
/// `Invalid` for an adult.
pub async fn record_emancipation(grant: &Grant<RecordAccess>) -> Result<(), Error> {
    let patient = patient::Entity::find_by_id(grant.patient().0).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let now = grant.now();
    if is_adult(patient.birth_date, now.today) || patient.emancipated_on.is_some() {
        return Err(Error::form(Why::AlreadyDone));
    }
    let tx = grant.begin().await?;
    let on = patient::ActiveModel { emancipated_on: Set(Some(now.today)), ..Default::default() };
    patient::Entity::update_many().set(on).filter(patient::Column::Id.eq(patient.id)).exec(&tx).await?;
    let parents = proxy_grant::Entity::find()
        .filter(proxy_grant::Column::PatientId.eq(patient.id))
        .filter(proxy_grant::Column::EndedAt.is_null())
        .filter(proxy_grant::Column::Basis.ne(Basis::AdultAdult))
        .all(&tx)
        .await?;
    for row in parents {
        end_row(&tx, row.id, EndReason::Emancipated, now.instant).await?;
        if let Some(account) = account::Entity::find_by_id(row.account_id).one(&tx).await?
            && let Some(to) = account.recipient()
        {
            let letter = Letter::AccessEnded { link: grant.link("/sharing") };
            post(&tx, &to, &letter, &organization_here()?, now.instant, grant.zone()).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}
