//! Opens requests, shows them to whom they belong, and writes down what came of them.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    entity::{attachment, request},
    model::{Kind, State, due_on},
};
use crate::{
    access::{
        Grant, allow,
        policy::{AnswerHelp, AskForHelp, OpenAttachment, OpenRequest, Permission, SeeQueues, UseOwnAccount},
    },
    base::{
        error::{Error, Problem, Why},
        i18n::{Locale, Texts},
        ids::{PatientId, new_id},
        text::is_email,
    },
    features::corrections,
    people::{account, relation::StaffRole},
    platform::{
        mail::{
            letter::Letter,
            store::{Recipient, organization_here, post},
        },
        throttle as attempts,
        throttle::network,
    },
};

/// Opens a request, tells whoever asked its number and the day of the answer, and returns it.
///
/// # Errors
/// When the database fails.
pub async fn open<P: Permission>(
    grant: &Grant<P>,
    kind: Kind,
    name: &str,
    email: Option<&str>,
    patient: Option<Uuid>,
    body: Value,
) -> Result<request::Model, Error> {
    let tx = grant.begin().await?;
    let row = open_in(&tx, grant, kind, name, email, patient, body).await?;
    tx.commit().await?;
    Ok(row)
}

/// A file that comes with a request.
pub struct Attached {
    pub name: String,
    pub media_type: &'static str,
    pub body: Vec<u8>,
}

/// Opens a request of an account holder that comes with a file. Neither is there without the other.
///
/// # Errors
/// When the database fails.
pub async fn open_with_file<P: Permission>(
    grant: &Grant<P>,
    kind: Kind,
    name: &str,
    body: Value,
    file: Attached,
) -> Result<request::Model, Error> {
    let tx = grant.begin().await?;
    let row = open_in(&tx, grant, kind, name, None, None, body).await?;
    attachment::Entity::insert(attachment::ActiveModel {
        id: Set(new_id()),
        request_id: Set(row.id),
        name: Set(file.name.chars().take(100).collect()),
        media_type: Set(file.media_type.to_owned()),
        body: Set(file.body),
    })
    .exec_without_returning(&tx)
    .await?;
    tx.commit().await?;
    Ok(row)
}

async fn open_in<P: Permission>(
    tx: &DatabaseTransaction,
    grant: &Grant<P>,
    kind: Kind,
    name: &str,
    email: Option<&str>,
    patient: Option<Uuid>,
    body: Value,
) -> Result<request::Model, Error> {
    let (now, house) = (grant.now(), organization_here()?);
    let account = match grant.holder() {
        Ok(holder) => account::Entity::find_by_id(holder.account.0).one(tx).await?,
        Err(_) => None,
    };
    let due_on = due_on(kind, now.today);
    let row = request::Model {
        id: new_id(),
        number: number(kind)?,
        kind,
        state: State::Open,
        account_id: account.as_ref().map(|account| account.id),
        patient_id: patient,
        name: name.to_owned(),
        email: email.map(str::to_owned),
        locale: grant.locale().tag().to_owned(),
        body: body.to_string(),
        created_at: now.instant,
        due_on,
        answer: None,
        answered_by: None,
        answered_at: None,
    };
    request::Entity::insert(request::ActiveModel::from(row.clone())).exec_without_returning(tx).await?;
    let to = match email {
        Some(email) => Some(Recipient::address(email, grant.locale())),
        None => account.as_ref().and_then(|account| account.recipient()),
    };
    // A sign-up without a match gets no letter: it could be anybody's address. The screen has said what happens next.
    if let Some(to) = to.filter(|_| kind != Kind::SignUp) {
        let t = Texts(to.locale);
        let link = grant.link(if account.is_some() { "/requests" } else { "/help" });
        let letter = Letter::RequestReceived { number: row.number.clone(), due: t.long_date(due_on), link };
        post(tx, &to, &letter, &house, now.instant, grant.zone()).await?;
    }
    Ok(row)
}

/// "H-4821-7730": to read out on the phone.
fn number(kind: Kind) -> Result<String, Error> {
    let mut bytes = [0u8; 8];
    getrandom::fill(&mut bytes).map_err(|error| Error::unexpected("randomness", &error))?;
    let digits = format!("{:08}", u64::from_le_bytes(bytes) % 100_000_000);
    Ok(format!("{}-{}-{}", kind.letter(), &digits[..4], &digits[4..]))
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

/// Of the caller's own requests, those about whose refusal they disagreed already.
///
/// # Errors
/// When the database fails.
pub async fn disagreed(grant: &Grant<UseOwnAccount>, requests: &[Uuid]) -> Result<Vec<Uuid>, Error> {
    corrections::store::disagreed(grant.db(), requests).await
}

/// The kinds in the queues of a role.
pub fn kinds(role: StaffRole) -> impl Iterator<Item = Kind> {
    Kind::ALL.iter().copied().filter(move |kind| kind.role() == role)
}

/// One page of the caller's queues: open ones by due date, or the newest of the answered ones.
///
/// # Errors
/// When the database fails.
pub async fn queue(grant: &Grant<SeeQueues>, kind: Option<Kind>, open: bool) -> Result<Vec<request::Model>, Error> {
    let role = grant.holder()?.staff.ok_or(Error::NotFound)?;
    let kinds: Vec<Kind> = kinds(role).filter(|found| kind.is_none_or(|kind| kind == *found)).collect();
    let mut query = request::Entity::find().filter(request::Column::Kind.is_in(kinds)).limit(100);
    query = if open {
        query.filter(request::Column::State.is_in(State::PENDING)).order_by_asc(request::Column::DueOn).order_by_asc(request::Column::Id)
    } else {
        query.filter(request::Column::State.is_not_in(State::PENDING)).order_by_desc(request::Column::AnsweredAt)
    };
    Ok(query.all(grant.db()).await?)
}

/// How many requests of a kind are open.
///
/// # Errors
/// When the database fails.
pub async fn count(grant: &Grant<SeeQueues>, kind: Kind) -> Result<u64, Error> {
    let open = request::Entity::find().filter(request::Column::Kind.eq(kind)).filter(request::Column::State.is_in(State::PENDING));
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
    let role = grant.holder()?.staff;
    found.filter(|row| Some(row.kind.role()) == role).ok_or(Error::NotFound)
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
    let found = request::Entity::find_by_id(id).one(grant.db()).await?.filter(|row| row.kind.role() == role).ok_or(Error::NotFound)?;
    if !found.state.is_pending() {
        return Err(Error::form(Why::AlreadyDone));
    }
    Ok(found)
}

/// Writes down the answer, once, and tells whoever asked.
///
/// # Errors
/// `Invalid` when somebody else was faster.
pub(crate) async fn settle<P: Permission>(
    tx: &impl ConnectionTrait,
    grant: &Grant<P>,
    row: &request::Model,
    state: State,
    answer: &str,
) -> Result<(), Error> {
    let now = grant.now().instant;
    let settled = request::ActiveModel {
        state: Set(state),
        answer: Set(Some(answer.trim().to_owned())),
        answered_by: Set(Some(grant.holder()?.name.clone())),
        answered_at: Set(Some(now)),
        ..Default::default()
    };
    let settled = request::Entity::update_many()
        .set(settled)
        .filter(request::Column::Id.eq(row.id))
        .filter(request::Column::State.is_in(State::PENDING))
        .exec(tx)
        .await?;
    if settled.rows_affected == 0 {
        return Err(Error::form(Why::AlreadyDone));
    }
    let account = match row.account_id {
        Some(id) => account::Entity::find_by_id(id).one(tx).await?,
        None => None,
    };
    let to = account
        .as_ref()
        .and_then(|account| account.recipient())
        .or_else(|| Some(Recipient::address(row.email.as_deref()?, Locale::from_tag(&row.locale).unwrap_or_default())));
    if let Some(to) = to.filter(|_| row.kind != Kind::SignUp) {
        let letter = match account {
            // Who has no account reads the answer to a technical question in the letter itself: nowhere else could they.
            None => Letter::Answer { number: row.number.clone(), answer: answer.trim().to_owned() },
            Some(_) => Letter::RequestAnswered { number: row.number.clone(), link: grant.link("/requests") },
        };
        post(tx, &to, &letter, &organization_here()?, now, grant.zone()).await?;
    }
    Ok(())
}

/// Tries from one address within a quarter of an hour.
const PER_ADDRESS: i32 = 5;

/// Opens a request for technical help. Whoever is signed in need not say who they are.
///
/// # Errors
/// `Invalid` with everything that is wrong; `TooManyTries`.
pub async fn ask_help(grant: &Grant<AskForHelp>, name: &str, email: &str, topic: &str, text: &str) -> Result<request::Model, Error> {
    let key = format!("help:{}", network(grant.address()));
    attempts::limit(grant.db(), &key, PER_ADDRESS).await?;
    let mut problems = Vec::new();
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    let holder = grant.holder().ok();
    let (name, email, text) = (name.trim(), email.trim(), text.trim());
    if holder.is_none() {
        if name.is_empty() || name.chars().count() > 100 {
            refuse("name", if name.is_empty() { Why::Missing } else { Why::TooLong });
        }
        if !is_email(email) {
            refuse("email", if email.is_empty() { Why::Missing } else { Why::NotAnEmail });
        }
    }
    if text.is_empty() || text.chars().count() > 4000 {
        refuse("text", if text.is_empty() { Why::Missing } else { Why::TooLong });
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let topic = if TOPICS.contains(&topic) { topic } else { "other" };
    let body = serde_json::json!({ "topic": topic, "text": text });
    match holder {
        Some(holder) => open(grant, Kind::Help, &holder.name, None, None, body).await,
        None => open(grant, Kind::Help, name, Some(email), None, body).await,
    }
}

/// What help is asked for, by the key under which it is stored.
pub const TOPICS: [&str; 5] = ["sign_in", "code", "family", "page", "other"];

/// Answers a request for help.
///
/// # Errors
/// `Invalid` without an answer, or when it was answered.
pub async fn answer_help(grant: &Grant<AnswerHelp>, id: Uuid, answer: &str) -> Result<(), Error> {
    let row = to_decide(grant, id, StaffRole::Support).await?;
    if answer.trim().is_empty() || answer.chars().count() > 4000 {
        return Err(Error::field("answer_text", if answer.trim().is_empty() { Why::Missing } else { Why::TooLong }));
    }
    let tx = grant.begin().await?;
    settle(&tx, grant, &row, State::Accepted, answer).await?;
    tx.commit().await?;
    Ok(())
}
