//! What the hospital's own system writes to a patient: Communication → a message in a thread. What was sent out and comes back is
//! known by its identifier.

use chrono::Utc;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    entity::{message, message_thread},
    files::forget_with_message,
    model::{MOST, SUBJECT, Side, ThreadState, Topic},
};
use crate::{
    base::ids::new_id,
    desk::outgoing::resource::{named, systems},
    people::patient,
    record::{
        care_team::entity::clinician,
        fhir::{self, attachment, labels},
        import::{Context, Incoming, binaries, is_of_sensitive_visit, names, of_type},
        note::model::paragraphs,
        visit::entity::visit,
    },
};

/// Which resources stand among the messages now, and which of them were written here and come back: those are no news of the record.
#[derive(Default)]
pub struct Told {
    pub shown: Vec<Uuid>,
    pub own: Vec<Uuid>,
}

/// # Errors
/// When the database fails.
pub async fn all(context: &mut Context<'_>, rows: &[Incoming<'_>]) -> Result<Told, DbErr> {
    let mut told = Told::default();
    for row in of_type(rows, "Communication") {
        if comes_back(context, row).await? {
            told.own.push(row.id);
        } else if communication(context, row).await? {
            told.shown.push(row.id);
        }
    }
    Ok(told)
}

/// Whether it is a message of this chart that was written here, or what was written in one of its visits.
async fn comes_back(context: &Context<'_>, row: Incoming<'_>) -> Result<bool, DbErr> {
    let Some(chart) = row.patient else { return Ok(false) };
    if let Some(id) = named(&row.value["identifier"], systems::CHATS) {
        let visit = visit::Entity::find_by_id(id).one(context.tx).await?;
        return is_of_chart(context, visit.map(|visit| visit.patient_id), chart).await;
    }
    let Some(id) = named(&row.value["identifier"], systems::MESSAGES) else { return Ok(false) };
    let Some(own) = message::Entity::find_by_id(id).one(context.tx).await? else { return Ok(false) };
    let thread = message_thread::Entity::find_by_id(own.thread_id).one(context.tx).await?;
    is_of_chart(context, thread.map(|thread| thread.patient_id), chart).await
}

/// What is written in its payload, texts that come as files with it, and whether there are files beside.
async fn content(context: &mut Context<'_>, row: Incoming<'_>) -> Result<(String, bool), DbErr> {
    let filled = binaries::filled(context, row).await?;
    let value = &filled.value;
    let texts = fhir::items(&value["payload"]).filter_map(|payload| match payload["contentString"].as_str() {
        Some(text) => Some(text.to_owned()),
        None => attachment::text(&payload["contentAttachment"]).map(|(format, words)| paragraphs(format, &words).join("\n\n")),
    });
    let body = texts.collect::<Vec<_>>().join("\n\n").trim().chars().take(MOST).collect();
    Ok((body, attachment::files(value).next().is_some()))
}

/// Whether it is among the messages now.
async fn communication(context: &mut Context<'_>, row: Incoming<'_>) -> Result<bool, DbErr> {
    let (value, Some(chart)) = (row.value, row.patient) else { return Ok(false) };
    // Written here, of a patient that this one is not.
    if let Some(id) = named(&value["identifier"], systems::MESSAGES)
        && message::Entity::find_by_id(id).count(context.tx).await? > 0
    {
        return Ok(false);
    }
    let known = message::Entity::find().filter(message::Column::SendingKey.eq(row.id)).one(context.tx).await?;
    if value["status"] == "entered-in-error" {
        // Nobody reads what was never meant.
        if let Some(known) = known {
            forget_with_message(context.tx, known.id).await?;
        }
        return Ok(false);
    }
    let (body, has_files) = content(context, row).await?;
    let to_patient = fhir::items(&value["recipient"])
        .any(|to| context.links.resolve(row.id, to).and_then(|to| context.links.chart_of(to)) == Some(chart));
    if row.cannot_be_told
        || labels::of(value).withheld()
        || value["status"] != "completed"
        || (body.is_empty() && !has_files)
        || !to_patient
    {
        return Ok(false);
    }
    let sensitive = labels::of(value).sensitive || is_of_sensitive_visit(context, row);
    if let Some(known) = known {
        message::Entity::update_many()
            .col_expr(message::Column::Body, Expr::value(body))
            .filter(message::Column::Id.eq(known.id))
            .exec(context.tx)
            .await?;
        if sensitive {
            mark_sensitive(context, known.thread_id).await?;
        }
        return Ok(true);
    }
    let Some(author) = names::of(context, row, &value["sender"]).await? else { return Ok(false) };
    let sent = fhir::instant(&value["sent"]).unwrap_or_else(Utc::now);
    let thread = match continued(context, value, chart).await? {
        Some(thread) => thread,
        None => {
            let sender = context.links.resolve(row.id, &value["sender"]);
            let clinician = match sender {
                Some(id) => clinician::Entity::find_by_id(id).one(context.tx).await?,
                None => None,
            };
            // Without an office nobody could answer: it stays among the other records.
            let Some((clinician, department)) = clinician.and_then(|found| Some((found.id, found.department_id?))) else {
                return Ok(false);
            };
            let subject = fhir::concept(&value["topic"]).unwrap_or_else(|| author.clone());
            let thread = message_thread::Model {
                id: new_id(),
                patient_id: chart,
                topic: Topic::Other,
                subject: subject.chars().take(SUBJECT).collect(),
                department_id: department,
                clinician_id: Some(clinician),
                state: ThreadState::Answered,
                sensitive,
                created_at: sent,
                last_at: sent,
                due_at: None,
                urged_at: None,
                taken_by: None,
            };
            message_thread::Entity::insert(message_thread::ActiveModel::from(thread.clone())).exec_without_returning(context.tx).await?;
            thread
        }
    };
    let row = message::ActiveModel {
        id: Set(new_id()),
        thread_id: Set(thread.id),
        side: Set(Side::Staff),
        account_id: Set(None),
        author: Set(author.chars().take(200).collect()),
        role: Set(None),
        internal: Set(false),
        body: Set(body),
        sent_at: Set(sent),
        sending_key: Set(row.id),
        danger_confirmed: Set(false),
    };
    let once = OnConflict::column(message::Column::SendingKey).do_nothing().to_owned();
    message::Entity::insert(row).on_conflict(once).exec_without_returning(context.tx).await?;
    if sent >= thread.last_at {
        message_thread::Entity::update_many()
            .col_expr(message_thread::Column::State, Expr::value(ThreadState::Answered.as_str()))
            .col_expr(message_thread::Column::LastAt, Expr::value(sent))
            .col_expr(message_thread::Column::DueAt, Expr::value(None::<chrono::DateTime<Utc>>))
            .filter(message_thread::Column::Id.eq(thread.id))
            .exec(context.tx)
            .await?;
    }
    if sensitive && !thread.sensitive {
        mark_sensitive(context, thread.id).await?;
    }
    Ok(true)
}

/// What one message of a thread gives away, the others do.
async fn mark_sensitive(context: &Context<'_>, thread: Uuid) -> Result<(), DbErr> {
    let marked = message_thread::ActiveModel { sensitive: Set(true), ..Default::default() };
    message_thread::Entity::update_many().set(marked).filter(message_thread::Column::Id.eq(thread)).exec(context.tx).await?;
    Ok(())
}

/// The thread that it goes on with, when that is one of this chart.
async fn continued(context: &Context<'_>, value: &Value, chart: Uuid) -> Result<Option<message_thread::Model>, DbErr> {
    let by_thread = fhir::items(&value["partOf"]).find_map(|reference| named(&reference["identifier"], systems::THREADS));
    let answers = fhir::items(&value["inResponseTo"]).find_map(|reference| {
        let by_name = reference["reference"].as_str().and_then(|text| text.rsplit_once("Communication/")?.1.parse().ok());
        named(&reference["identifier"], systems::MESSAGES).or(by_name)
    });
    let id = match (by_thread, answers) {
        (Some(id), _) => Some(id),
        (None, Some(message)) => message::Entity::find_by_id(message).one(context.tx).await?.map(|found: message::Model| found.thread_id),
        (None, None) => None,
    };
    let Some(id) = id else { return Ok(None) };
    let Some(thread) = message_thread::Entity::find_by_id(id).one(context.tx).await? else { return Ok(None) };
    Ok(is_of_chart(context, Some(thread.patient_id), chart).await?.then_some(thread))
}

/// Whether something of a patient is of this chart.
async fn is_of_chart(context: &Context<'_>, of: Option<Uuid>, chart: Uuid) -> Result<bool, DbErr> {
    let Some(of) = of else { return Ok(false) };
    Ok(patient::current(context.tx, of).await?.is_some_and(|person| person.id == chart))
}
