//! Messages as a chapter of a record that is read outside of the portal.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{
    entity::{message, message_file, message_thread},
    files::of_messages,
    pages::words::topic,
    recipients,
    store::{papers, visible},
};
use crate::{
    access::{DelegatedAccess, policy::ReadMessages},
    base::{error::Error, i18n::param, ids::PatientId, period::Period},
    desk::office::words::author,
    record::chapter::{Content, or_nothing},
    view::document::Part,
};

/// So many threads are read in one statement.
const CHUNK: usize = 500;

/// The threads in which something was written within the period, the newest first, each with what was written in it. Notes of the
/// staff are no part of it.
///
/// # Errors
/// `NotFound` when the chart is closed to the reader; when the database fails.
pub(super) async fn chapter(reader: &DelegatedAccess, patient: PatientId, period: Period) -> Result<Content, Error> {
    let grant = &reader.allow::<ReadMessages>(patient)?;
    let (t, zone, db) = (grant.texts(), grant.zone(), grant.db());
    let whose = &grant.person()?.given_name;
    let threads = visible(grant).order_by_desc(message_thread::Column::LastAt).order_by_desc(message_thread::Column::Id).all(db).await?;
    let mut parts = Vec::new();
    for threads in threads.chunks(CHUNK) {
        let names = recipients::names(db, threads).await?;
        let written = message::Entity::find()
            .filter(message::Column::ThreadId.is_in(threads.iter().map(|thread| thread.id)))
            .filter(message::Column::Internal.eq(false))
            .order_by_asc(message::Column::SentAt)
            .order_by_asc(message::Column::Id);
        let mut of: HashMap<Uuid, Vec<message::Model>> = HashMap::new();
        for message in written.all(db).await?.into_iter().filter(|message| period.holds(message.sent_at, zone)) {
            of.entry(message.thread_id).or_default().push(message);
        }
        let ids: Vec<Uuid> = of.values().flatten().map(|message| message.id).collect();
        let mut files: HashMap<Uuid, Vec<message_file::Model>> = HashMap::new();
        for ids in ids.chunks(CHUNK) {
            for file in of_messages(db, ids.to_vec()).await? {
                files.entry(file.message_id.unwrap_or_default()).or_default().push(file);
            }
        }
        for (thread, name) in threads.iter().zip(names) {
            let Some(written) = of.get(&thread.id) else { continue };
            let papers = papers(db, thread, written, grant.sees_sensitive()).await?;
            let messages = written.iter().map(|message| {
                let sent = files.get(&message.id).into_iter().flatten().map(|file| &file.name);
                let with = sent.chain(papers.get(&message.sending_key).into_iter().flatten());
                let with = with.map(|name| Part::small(t.messages_file_named(name)));
                let (title, sent) = (author(t, &message.author, message.role.as_deref(), whose), t.date_and_time(message.sent_at, &zone));
                let parts = std::iter::once(Part::Quote(message.body.clone())).chain(with).collect();
                Part::Entry { title, tag: None, lines: vec![sent], parts }
            });
            let to = t.messages_chapter_to(param::Name(&name), param::Topic(topic(t, thread.topic)));
            parts.push(Part::Entry { title: thread.subject.clone(), tag: None, lines: vec![to], parts: messages.collect() });
        }
    }
    Ok((t.messages_title().to_owned(), or_nothing(t, parts, period), Vec::new()))
}
