//! Staff answer requests, accept or decline them.

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    email,
    entity::request,
    kind::{About, Answer, GoOn, RequestKinds},
    model::RequestState,
    opening::tell_out,
    sought::{Fact, confirmed_words},
    store::to_decide,
};
use crate::{
    access::{
        Grant,
        policy::{AcceptRequest, AnswerHelp, ConfirmDifferences, DecideRequests, Permission},
    },
    base::{
        error::Error,
        i18n::{Locale, Texts},
        ids::PatientId,
        why::Why,
    },
    people::{account, patient, relation::StaffRole},
    platform::mail::store::{Recipient, organization_here, post},
};

/// Whom staff chose, and how they know.
pub struct Chosen {
    /// Nobody where the request names its patient.
    pub patient: Option<Uuid>,
    /// It is this person although details differ ...
    pub differences_confirmed: bool,
    /// ... as is known in this way.
    pub known_by: String,
}

/// Accepts a request and does at once what was asked. Where the chosen record says something else than was asked, staff confirm by
/// name that it is the one: that is kept with the request and told in the record's access log.
///
/// # Errors
/// `NotFound`, or `Invalid` when it cannot be done.
pub async fn accept(grant: &Grant<DecideRequests>, id: Uuid, chosen: Chosen, reason: &str) -> Result<Option<GoOn>, Error> {
    let row = to_decide(grant, id, StaffRole::FrontDesk).await?;
    let Answer::Decision(decision) = &RequestKinds::here()?.of(&row)?.answer else { return Err(Error::NotFound) };
    let (patient, sought) = match decision.about {
        About::Known(_) => (row.patient_id.ok_or(Error::NotFound)?, None),
        About::Chosen(sought) => (chosen.patient.ok_or(Error::form(Why::MISSING))?, Some(sought(&row)?)),
    };
    let tx = grant.begin().await?;
    let patient = patient::current(&tx, patient).await?.ok_or(Error::NotFound)?;
    let differing = sought.map_or_else(Vec::new, |sought| sought.differences(Texts(Locale::En), &patient));
    let confirmed = if differing.is_empty() { None } else { Some(confirmed(grant, &chosen, &differing)?) };
    let go_on = (decision.accept)(&tx, grant, &row, &patient).await?;
    let done = request::ActiveModel { patient_id: Set(Some(patient.id)), confirmed: Set(confirmed.clone()), ..Default::default() };
    request::Entity::update_many().set(done).filter(request::Column::Id.eq(row.id)).exec(&tx).await?;
    close(&tx, grant, &row, RequestState::Accepted, reason).await?;
    if confirmed.is_some() {
        grant.log_done::<ConfirmDifferences>(&tx, PatientId(patient.id)).await?;
    }
    grant.log_done::<AcceptRequest>(&tx, PatientId(patient.id)).await?;
    tx.commit().await?;
    Ok(go_on)
}

/// "Priya Shah: Date of birth. Birth certificate seen", as it is kept with the request.
fn confirmed(grant: &Grant<DecideRequests>, chosen: &Chosen, differing: &[Fact]) -> Result<String, Error> {
    let known = confirmed_words(grant.texts(), differing, chosen.differences_confirmed, &chosen.known_by)?;
    Ok(format!("{}: {known}", grant.holder()?.name))
}

/// Declines a request.
///
/// # Errors
/// `Invalid` without a reason.
pub async fn decline(grant: &Grant<DecideRequests>, id: Uuid, reason: &str) -> Result<(), Error> {
    let row = to_decide(grant, id, StaffRole::FrontDesk).await?;
    if !matches!(RequestKinds::here()?.of(&row)?.answer, Answer::Decision(_)) {
        return Err(Error::NotFound);
    }
    if reason.trim().is_empty() {
        return Err(Error::field("reason", Why::MISSING));
    }
    let tx = grant.begin().await?;
    close(&tx, grant, &row, RequestState::Declined, reason).await?;
    tx.commit().await?;
    Ok(())
}

/// Answers in words a request that is in the queue of one's role.
///
/// # Errors
/// `Invalid` without an answer, or when it was answered.
pub async fn answer_help(grant: &Grant<AnswerHelp>, id: Uuid, answer: &str) -> Result<(), Error> {
    let row = to_decide(grant, id, grant.holder()?.staff.ok_or(Error::NotFound)?).await?;
    if !matches!(RequestKinds::here()?.of(&row)?.answer, Answer::Words) {
        return Err(Error::NotFound);
    }
    if answer.trim().is_empty() || answer.chars().count() > 4000 {
        return Err(Error::field("answer_text", if answer.trim().is_empty() { Why::MISSING } else { Why::TOO_LONG }));
    }
    let tx = grant.begin().await?;
    close(&tx, grant, &row, RequestState::Accepted, answer).await?;
    tx.commit().await?;
    Ok(())
}

/// Writes down the answer, once, and tells whoever asked.
///
/// # Errors
/// `Invalid` when somebody else was faster.
pub(crate) async fn close<P: Permission>(
    tx: &impl ConnectionTrait,
    grant: &Grant<P>,
    row: &request::Model,
    state: RequestState,
    answer: &str,
) -> Result<(), Error> {
    let (kinds, now) = (RequestKinds::here()?, grant.now().instant);
    let kind = kinds.of(row)?;
    let emails = kind.emails;
    let closed = request::ActiveModel {
        state: Set(state),
        answer: Set(Some(answer.trim().to_owned())),
        answered_by: Set(Some(grant.holder()?.name.clone())),
        answered_at: Set(Some(now)),
        ..Default::default()
    };
    let closed = request::Entity::update_many()
        .set(closed)
        .filter(request::Column::Id.eq(row.id))
        .filter(request::Column::State.is_in(RequestState::PENDING))
        .exec(tx)
        .await?;
    if closed.rows_affected == 0 {
        return Err(Error::form(Why::ALREADY_DONE));
    }
    tell_out(tx, kind, row.id, now).await?;
    let account = match row.account_id {
        Some(id) => account::Entity::find_by_id(id).one(tx).await?,
        None => None,
    };
    let to = account
        .as_ref()
        .and_then(|account| account.recipient())
        .or_else(|| Some(Recipient::address(row.email.as_deref()?, Locale::from_tag(&row.locale).unwrap_or_default())));
    // Whoever is declined is told, always: staff write it for them.
    if let Some(to) = to.filter(|_| emails || state == RequestState::Declined) {
        let organization = organization_here()?;
        match account {
            // Who has no account reads the answer to a technical question in the letter itself: nowhere else could they.
            None => {
                let message = email::answer(row.number.clone(), answer.trim().to_owned());
                post(tx, &to, message, &organization, now, grant.zone()).await?;
            }
            Some(_) => {
                let message = email::answered(row.number.clone(), grant.link("/requests"));
                post(tx, &to.about(row.patient_id), message, &organization, now, grant.zone()).await?;
            }
        }
    }
    Ok(())
}
