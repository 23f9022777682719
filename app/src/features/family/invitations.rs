//! Invitations of an adult into one's own chart: written, sent, answered, taken back.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{
    entity::invitation,
    giving::{Given, give, last_moment, may_be_proxy},
    grants::{find, tell_patient},
    model::{INVITATION_LIFE, InvitationState, WRONG_BIRTH_DATES},
};
use crate::{
    access::{
        Grant,
        policy::{ManageAccess, ManageOwnAccount, Permission, ReadInvitation},
    },
    base::{
        error::{Error, Problem},
        ids::{PatientId, new_id},
        text::{date, is_email},
        why::Why,
    },
    features::{
        account::core::own,
        family::{email, problem},
    },
    people::{
        patient,
        relation::{AdultLevel, Basis, Relationship},
    },
    platform::{
        mail::store::{Recipient, organization_here, post},
        throttle::count_in_row,
        tokens::{hash, token},
    },
};

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
    pub may_share: bool,
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
        refuse("name", if name.is_empty() { Why::MISSING } else { Why::TOO_LONG });
    }
    if !is_email(email) {
        refuse("email", if email.is_empty() { Why::MISSING } else { Why::NOT_AN_EMAIL });
    }
    let relationship = find(Relationship::ALL, &typed.relationship, Relationship::as_str);
    if relationship.is_none() {
        refuse("relationship", Why::MISSING);
    }
    let level = find(AdultLevel::ALL, &typed.level, AdultLevel::as_str);
    if level.is_none() {
        refuse("level", Why::MISSING);
    }
    let until = Error::gather(last_moment(grant, &typed.until), &mut problems)?.flatten();
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
        may_share: Set(typed.may_share),
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

/// An invitation of the caller's own chart.
///
/// # Errors
/// `NotFound` for another chart's.
pub async fn own_invitation(grant: &Grant<ManageAccess>, id: Uuid) -> Result<invitation::Model, Error> {
    let found = invitation::Entity::find_by_id(id).one(grant.db()).await?;
    found.filter(|row| row.patient_id == grant.patient().0).ok_or(Error::NotFound)
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
        return Err(Error::form(Why::ALREADY_DONE));
    }
    let patient = patient::Entity::find_by_id(found.patient_id).one(&tx).await?.ok_or(Error::NotFound)?;
    let letter = email::invitation(patient.given_name, grant.link(&format!("/invitation?token={token}")));
    post(&tx, &Recipient::address(&found.email, grant.locale()), letter, &organization_here()?, now, grant.zone()).await?;
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
    found.filter(|row| row.state == InvitationState::Sent && row.expires_at > grant.now().instant).ok_or(Error::form(Why::LINK_OVER))
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
/// Access to the chart that is there already is replaced by what the invitation gives.
///
/// # Errors
/// `Invalid`: a wrong birth date (three, and the invitation is void), one's own chart, or a minor.
pub async fn accept(grant: &Grant<ManageOwnAccount>, token: &str, birth_date: &str) -> Result<PatientId, Error> {
    let found = open_invitation(grant, token).await?;
    let typed = date("birth_date", birth_date)?;
    let now = grant.now();
    let account = own(grant).await?;
    may_be_proxy(grant.db(), &account, found.patient_id, now.today, "").await?;
    let patient = patient::Entity::find_by_id(found.patient_id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let this = || invitation::Column::Id.eq(found.id);
    if !count_in_row::<invitation::Entity>(grant.db(), this(), invitation::Column::WrongTries, WRONG_BIRTH_DATES).await? {
        return Err(Error::form(Why::LINK_OVER));
    }
    if patient.birth_date != typed {
        invitation::Entity::update_many()
            .set(invitation::ActiveModel { state: Set(InvitationState::Void), ..Default::default() })
            .filter(this())
            .filter(invitation::Column::State.eq(InvitationState::Sent))
            .filter(invitation::Column::WrongTries.gte(WRONG_BIRTH_DATES))
            .exec(grant.db())
            .await?;
        return Err(Error::field("birth_date", problem::BIRTH_DATE_WRONG));
    }
    let tx = grant.begin().await?;
    answer(&tx, found.id, InvitationState::Accepted, now.instant).await?;
    let given = Given {
        account: account.id,
        patient: found.patient_id,
        basis: Basis::AdultAdult,
        relationship: found.relationship,
        level: Some(found.level),
        may_share: found.may_share,
        until: found.access_until,
        by: Some(found.invited_by.clone()),
    };
    give(&tx, given, now.instant).await?;
    tell_patient(&tx, grant, found.patient_id, email::invitation_answered(grant.link("/sharing"))).await?;
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
    tell_patient(&tx, grant, found.patient_id, email::invitation_answered(grant.link("/sharing"))).await?;
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
    if answered.rows_affected == 0 { Err(Error::form(Why::LINK_OVER)) } else { Ok(()) }
}
