//! What the household and the staff wrote to each other.

use app::{
    access::System,
    desk::office::{
        due::due_at,
        entity::{clinician_away, message_office, saved_reply},
        store::Office,
    },
    features::messages::{
        entity::{e_visit, message, message_file, message_opened, message_thread},
        files::write_piece,
        model::{FileState, Side, ThreadState, Topic},
    },
    people::{account, proxy_grant},
    platform::secret::Secret,
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter};
use serde::Deserialize;
use uuid::Uuid;

use super::household::{patient_row, resource};

#[derive(Deserialize)]
struct Thread {
    patient: Uuid,
    department: Uuid,
    clinician: Option<Uuid>,
    topic: Topic,
    subject: String,
    /// Where it stands, where that is not what the last message says.
    state: Option<ThreadState>,
    e_visit: Option<EVisit>,
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct EVisit {
    price_cents: i64,
    reason: String,
    by: String,
    hours_ago: i64,
}

/// How offices answer.
#[derive(Deserialize)]
struct Offices {
    prices: Vec<Price>,
    away: Vec<Leave>,
    replies: Vec<Reply>,
}

#[derive(Deserialize)]
struct Price {
    department: Uuid,
    e_visit_cents: i64,
}

#[derive(Deserialize)]
struct Leave {
    clinician: Uuid,
    in_days: i64,
    days: i64,
}

#[derive(Deserialize)]
struct Reply {
    department: Uuid,
    title: String,
    english: String,
    spanish: String,
}

#[derive(Deserialize)]
struct Message {
    /// The user name of whoever wrote it.
    by: String,
    hours_ago: i64,
    text: String,
    /// For the staff alone.
    #[serde(default)]
    internal: bool,
    /// The name of a picture that goes with it.
    picture: Option<String>,
}

/// Writes the threads, as old as they are to be at `now`.
pub async fn write(system: &System, now: DateTime<Utc>, zone: Tz) -> Result<(), DbErr> {
    let threads: Vec<Thread> =
        serde_json::from_str(include_str!("threads.json")).map_err(|error| DbErr::Custom(format!("threads.json: {error}")))?;
    let tx = system.begin().await?;
    let accounts = account::Entity::find().all(&tx).await?;
    let of = |username: &str| {
        accounts.iter().find(|account| account.username == username).ok_or_else(|| DbErr::RecordNotFound(username.to_owned()))
    };
    for thread in threads {
        let (id, patient) = (Uuid::now_v7(), patient_row(&tx, thread.patient).await?.id);
        let clinician = match thread.clinician {
            Some(clinician) => Some(resource(&tx, "Practitioner", clinician).await?),
            None => None,
        };
        let (mut state, mut asked_at, mut last_at) = (ThreadState::Waiting, None, now);
        let mut rows = Vec::new();
        for said in &thread.messages {
            let (by, at) = (of(&said.by)?, now - TimeDelta::hours(said.hours_ago));
            let proxy = proxy_grant::Entity::find()
                .filter(proxy_grant::Column::AccountId.eq(by.id))
                .filter(proxy_grant::Column::PatientId.eq(patient))
                .one(&tx)
                .await?;
            let (side, role) = match (by.staff_role, proxy) {
                (Some(role), _) => (Side::Staff, Some(role.as_str())),
                (None, Some(proxy)) => (Side::Proxy, Some(proxy.relationship.as_str())),
                (None, None) => (Side::Patient, None),
            };
            match (side, said.internal) {
                (Side::Staff, true) => {}
                (Side::Staff, false) => (state, asked_at, last_at) = (ThreadState::Answered, None, at),
                _ => (state, asked_at, last_at) = (ThreadState::Waiting, asked_at.or(Some(at)), at),
            }
            rows.push(message::ActiveModel {
                id: Set(Uuid::now_v7()),
                thread_id: Set(id),
                side: Set(side),
                account_id: Set(Some(by.id)),
                author: Set(by.display_name.clone()),
                role: Set(role.map(str::to_owned)),
                internal: Set(said.internal),
                body: Set(said.text.clone()),
                sent_at: Set(at),
                sending_key: Set(Uuid::now_v7()),
                danger_confirmed: Set(false),
            });
        }
        if let Some(settled) = thread.state {
            (state, asked_at) = (settled, None);
        }
        if let Some(offer) = &thread.e_visit {
            let by = of(&offer.by)?;
            let row = e_visit::ActiveModel {
                thread_id: Set(id),
                price_cents: Set(offer.price_cents),
                reason: Set(offer.reason.clone()),
                offered_by: Set(by.id),
                offered_by_name: Set(by.display_name.clone()),
                offered_at: Set(now - TimeDelta::hours(offer.hours_ago)),
                accepted: Set(None),
                decided_by: Set(None),
                decided_at: Set(None),
            };
            e_visit::Entity::insert(row).exec_without_returning(&tx).await?;
        }
        let begun = thread.messages.first().map_or(now, |first| now - TimeDelta::hours(first.hours_ago));
        message_thread::Entity::insert(message_thread::ActiveModel {
            id: Set(id),
            patient_id: Set(patient),
            topic: Set(thread.topic),
            subject: Set(thread.subject),
            department_id: Set(resource(&tx, "Location", thread.department).await?),
            clinician_id: Set(clinician),
            state: Set(state),
            sensitive: Set(false),
            created_at: Set(begun),
            last_at: Set(last_at),
            due_at: Set(asked_at.map(|at| due_at(at, 3, &zone))),
            urged_at: Set(None),
            taken_by: Set(None),
        })
        .exec_without_returning(&tx)
        .await?;
        // What was answered days ago was read.
        let reader =
            accounts.iter().find(|account| Some(account.username.as_str()) == thread.messages.first().map(|said| said.by.as_str()));
        for (row, said) in rows.iter().zip(&thread.messages) {
            if let Some(reader) = reader.filter(|_| said.hours_ago > 48 && !said.internal && row.side == Set(Side::Staff)) {
                let opened = message_opened::ActiveModel {
                    message_id: row.id.clone(),
                    account_id: Set(reader.id),
                    name: Set(reader.display_name.clone()),
                    role: Set(None),
                    at: Set(now - TimeDelta::hours(said.hours_ago - 12)),
                };
                message_opened::Entity::insert(opened).exec_without_returning(&tx).await?;
            }
        }
        message::Entity::insert_many(rows).exec_without_returning(&tx).await?;
    }
    let offices: Offices =
        serde_json::from_str(include_str!("offices.json")).map_err(|error| DbErr::Custom(format!("offices.json: {error}")))?;
    for price in offices.prices {
        let row = message_office::ActiveModel {
            department_id: Set(resource(&tx, "Location", price.department).await?),
            reply_days: Set(Office::USUAL.reply_days),
            sensitive: Set(false),
            e_visit_cents: Set(Some(price.e_visit_cents)),
            refill_percent: Set(Office::USUAL.refill_percent),
            refill_days: Set(Office::USUAL.refill_days),
        };
        message_office::Entity::insert(row).exec_without_returning(&tx).await?;
    }
    let today = now.with_timezone(&zone).date_naive();
    for leave in offices.away {
        let from_on = today + TimeDelta::days(leave.in_days);
        let row = clinician_away::ActiveModel {
            id: Set(Uuid::now_v7()),
            clinician_id: Set(resource(&tx, "Practitioner", leave.clinician).await?),
            from_on: Set(from_on),
            until_on: Set(from_on + TimeDelta::days(leave.days)),
            cover_id: Set(None),
        };
        clinician_away::Entity::insert(row).exec_without_returning(&tx).await?;
    }
    for reply in offices.replies {
        let row = saved_reply::ActiveModel {
            id: Set(Uuid::now_v7()),
            department_id: Set(resource(&tx, "Location", reply.department).await?),
            title: Set(reply.title),
            english: Set(reply.english),
            spanish: Set(reply.spanish),
        };
        saved_reply::Entity::insert(row).exec_without_returning(&tx).await?;
    }
    tx.commit().await
}

/// Adds the pictures: they are sealed with the secret of the server.
pub async fn add_pictures(system: &System, secret: &Secret) -> Result<(), String> {
    let told = |error: DbErr| error.to_string();
    let threads: Vec<Thread> = serde_json::from_str(include_str!("threads.json")).map_err(|error| error.to_string())?;
    let db = system.db();
    for (text, name) in threads.iter().flat_map(|thread| &thread.messages).filter_map(|said| Some((&said.text, said.picture.as_ref()?))) {
        let found = message::Entity::find().filter(message::Column::Body.eq(text)).one(db).await.map_err(told)?;
        let Some(written) = found else { continue };
        let thread = message_thread::Entity::find_by_id(written.thread_id).one(db).await.map_err(told)?.ok_or("no thread")?;
        let (id, picture) = (Uuid::now_v7(), include_bytes!("rash.jpg"));
        let row = message_file::ActiveModel {
            id: Set(id),
            message_id: Set(Some(written.id)),
            account_id: Set(written.account_id.unwrap_or_default()),
            patient_id: Set(thread.patient_id),
            thread_id: Set(thread.id),
            name: Set(name.clone()),
            media_type: Set("image/jpeg".into()),
            size: Set(i64::try_from(picture.len()).unwrap_or_default()),
            sha256: Set(String::new()),
            state: Set(FileState::Ready),
            scanned: Set(true),
            added_at: Set(written.sent_at),
        };
        message_file::Entity::insert(row).exec_without_returning(db).await.map_err(told)?;
        write_piece(db, secret, id, 0, picture).await.map_err(|error| error.to_string())?;
    }
    Ok(())
}
