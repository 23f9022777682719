//! Opens requests and finds them for those to whom they belong.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{
    entity::{attachment, request},
    kind::{RequestDetails, RequestKind, RequestKinds},
    model::RequestState,
    opening::tell_out,
};
use crate::{
    access::{
        Grant, allow,
        policy::{ManageOwnAccount, OpenAttachment, OpenRequest, Permission, SeeQueues, UseOwnAccount},
    },
    base::{error::Error, ids::PatientId, why::Why},
    people::{account, patient, relation::StaffRole},
};

/// What this person's side has told or asked of one kind in the last year, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn open_of<P: Permission<Scope = PatientId>>(grant: &Grant<P>, kind: &str) -> Result<Vec<request::Model>, Error> {
    let since = grant.now().instant - chrono::TimeDelta::days(366);
    let of = request::Entity::find()
        .filter(request::Column::Kind.eq(kind))
        .filter(request::Column::PatientId.in_subquery(patient::with_merged(grant.patient().0).into_query()))
        .filter(request::Column::CreatedAt.gte(since));
    Ok(of.order_by_desc(request::Column::CreatedAt).limit(20).all(grant.db()).await?)
}

/// What the account holder has asked, newest first.
///
/// # Errors
/// When the database fails.
pub async fn own(grant: &Grant<UseOwnAccount>) -> Result<Vec<request::Model>, Error> {
    let account = grant.holder()?.account.0;
    Ok(request::Entity::find()
        .filter(request::Column::AccountId.eq(account))
        .order_by_desc(request::Column::CreatedAt)
        .limit(50)
        .all(grant.db())
        .await?)
}

/// Whether the account holder asks for one of a kind already, and waits.
///
/// # Errors
/// When the database fails.
pub async fn any_open<P: Permission, D: RequestDetails>(grant: &Grant<P>, same: impl Fn(&D) -> bool) -> Result<bool, Error> {
    let rows = request::Entity::find()
        .filter(request::Column::AccountId.eq(grant.holder()?.account.0))
        .filter(request::Column::Kind.eq(D::KEY))
        .filter(request::Column::State.is_in(RequestState::PENDING))
        .all(grant.db())
        .await?;
    for row in &rows {
        if same(&row.details()?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes back a request of one's own that nobody has decided.
///
/// # Errors
/// `NotFound` for somebody else's; `Invalid` when it was decided meanwhile.
pub async fn withdraw(grant: &Grant<ManageOwnAccount>, id: Uuid) -> Result<(), Error> {
    let own = request::Entity::find_by_id(id).filter(request::Column::AccountId.eq(grant.holder()?.account.0));
    let own = own.one(grant.db()).await?.ok_or(Error::NotFound)?;
    let tx = grant.begin().await?;
    let withdrawn =
        request::ActiveModel { state: Set(RequestState::Withdrawn), answered_at: Set(Some(grant.now().instant)), ..Default::default() };
    let withdrawn = request::Entity::update_many()
        .set(withdrawn)
        .filter(request::Column::Id.eq(id))
        .filter(request::Column::State.is_in(RequestState::PENDING))
        .exec(&tx)
        .await?;
    if withdrawn.rows_affected == 0 {
        return Err(Error::form(Why::ALREADY_DONE));
    }
    tell_out(&tx, RequestKinds::here()?.of(&own)?, id, grant.now().instant).await?;
    tx.commit().await?;
    Ok(())
}

/// One page of the caller's queues: open ones by due date, or the newest of the answered ones.
///
/// # Errors
/// When the database fails.
pub async fn queue(grant: &Grant<SeeQueues>, kind: Option<&RequestKind>, open: bool) -> Result<Vec<request::Model>, Error> {
    let role = grant.holder()?.staff.ok_or(Error::NotFound)?;
    let kinds = RequestKinds::here()?;
    let kinds = kinds.of_role(role).map(|found| found.key).filter(|found| kind.is_none_or(|kind| kind.key == *found));
    let mut query = request::Entity::find().filter(request::Column::Kind.is_in(kinds)).limit(100);
    query = if open {
        query
            .filter(request::Column::State.is_in(RequestState::PENDING))
            .order_by_asc(request::Column::DueOn)
            .order_by_asc(request::Column::Id)
    } else {
        query.filter(request::Column::State.is_not_in(RequestState::PENDING)).order_by_desc(request::Column::AnsweredAt)
    };
    Ok(query.all(grant.db()).await?)
}

/// How many requests of a kind are open.
///
/// # Errors
/// When the database fails.
pub async fn count(grant: &Grant<SeeQueues>, kind: &RequestKind) -> Result<u64, Error> {
    let open =
        request::Entity::find().filter(request::Column::Kind.eq(kind.key)).filter(request::Column::State.is_in(RequestState::PENDING));
    Ok(open.count(grant.db()).await?)
}

/// A request in the caller's queues, with the names of its files. The person it is about finds in their access log that it was
/// read.
///
/// # Errors
/// `NotFound` for one in another role's queue; when the reading cannot be logged.
pub async fn one(grant: &Grant<SeeQueues>, id: Uuid) -> Result<(request::Model, Vec<(Uuid, String)>), Error> {
    let found = in_queue(grant, id).await?;
    if let Some(patient) = about(grant, &found).await? {
        allow::<OpenRequest>(patient).await?;
    }
    let files: Vec<(Uuid, String)> = attachment::Entity::find()
        .select_only()
        .columns([attachment::Column::Id, attachment::Column::Name])
        .filter(attachment::Column::RequestId.eq(id))
        .into_tuple()
        .all(grant.db())
        .await?;
    Ok((found, files))
}

/// The patient whom a request names.
///
/// # Errors
/// When the database fails.
pub async fn subject(grant: &Grant<SeeQueues>, row: &request::Model) -> Result<Option<patient::Model>, Error> {
    let Some(id) = row.patient_id else { return Ok(None) };
    Ok(patient::current(grant.db(), id).await?)
}

/// A file of a request in the caller's queues. Logged as the request itself.
///
/// # Errors
/// As [`one`].
pub async fn file(grant: &Grant<SeeQueues>, id: Uuid) -> Result<attachment::Model, Error> {
    let found = attachment::Entity::find_by_id(id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let request = in_queue(grant, found.request_id).await?;
    if let Some(patient) = about(grant, &request).await? {
        allow::<OpenAttachment>(patient).await?;
    }
    Ok(found)
}

async fn in_queue(grant: &Grant<SeeQueues>, id: Uuid) -> Result<request::Model, Error> {
    let found = request::Entity::find_by_id(id).one(grant.db()).await?;
    let found = found.ok_or(Error::NotFound)?;
    if Some(RequestKinds::here()?.of(&found)?.role) != grant.holder()?.staff {
        return Err(Error::NotFound);
    }
    Ok(found)
}

/// Whose access log tells of a request: the person it is about; before staff have found them, whoever asked.
async fn about(grant: &Grant<SeeQueues>, row: &request::Model) -> Result<Option<PatientId>, Error> {
    if let Some(patient) = row.patient_id {
        return Ok(Some(PatientId(patient)));
    }
    let Some(account) = row.account_id else { return Ok(None) };
    Ok(account::Entity::find_by_id(account).one(grant.db()).await?.and_then(|account| account.patient_id).map(PatientId))
}

/// An open request of one of these kinds, for whoever decides about it.
///
/// # Errors
/// `NotFound` for another kind; `Invalid` when it was decided already.
pub(crate) async fn to_decide<P: Permission>(grant: &Grant<P>, id: Uuid, role: StaffRole) -> Result<request::Model, Error> {
    let found = request::Entity::find_by_id(id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    if RequestKinds::here()?.of(&found)?.role != role {
        return Err(Error::NotFound);
    }
    if !found.state.is_pending() {
        return Err(Error::form(Why::ALREADY_DONE));
    }
    Ok(found)
}
