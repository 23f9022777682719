//! What an open page of a visit hears. Nothing is kept in a server's memory: each stream reads on in the database from the number that its
//! page heard last, so that another server, or the same one started anew, goes on where it was.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    entity::{video_chat, video_participant, video_room, video_signal},
    model::{AWAY, Gate, Refused, Role},
    room::{VideoVisit, people},
    seat::{by_ticket, may_stay},
};
use crate::{
    access::{Caller, System},
    base::{clock::Now, i18n::Texts},
    desk::check_in,
    platform::tokens::hash,
    record::visit::entity::visit,
};

/// So many things are sent at once; the rest follows.
const MOST: u64 = 200;

/// What goes to the page: its number where it stays, its kind, its data.
pub struct Event {
    pub number: Option<i64>,
    pub kind: &'static str,
    pub data: Value,
}

impl Event {
    fn now(kind: &'static str, data: Value) -> Self {
        Self { number: None, kind, data }
    }

    pub fn end(why: &str) -> Self {
        Self::now("end", json!({"why": why}))
    }
}

/// An open page of somebody with a place.
pub struct Watch {
    t: Texts,
    visit: Uuid,
    ticket: String,
    me: Uuid,
    after: i64,
    people_number: i64,
    last_people: Value,
    last_notice: Value,
    is_over: bool,
}

impl Watch {
    /// Begins for the page that holds this ticket, after the number that it heard last.
    ///
    /// # Errors
    /// `NotAllowed` for a ticket that is none.
    pub async fn begin(system: &System, t: Texts, visit: Uuid, ticket: &str, after: i64) -> Result<Self, Refused> {
        let row = by_ticket(system.db(), visit, ticket).await?.ok_or(Refused::NotAllowed)?;
        let ticket = ticket.to_owned();
        let (last_people, last_notice) = (Value::Null, Value::Null);
        Ok(Self { t, visit, ticket, me: row.id, after, people_number: -1, last_people, last_notice, is_over: false })
    }

    pub fn is_over(&self) -> bool {
        self.is_over
    }

    fn over(&mut self, why: &str) -> Vec<Event> {
        self.is_over = true;
        vec![Event::end(why)]
    }

    /// What is new: one statement, and more only when something is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn look(&mut self, system: &System) -> Result<Vec<Event>, DbErr> {
        let numbers: Option<(i64, i64)> = video_room::Entity::find_by_id(self.visit)
            .select_only()
            .columns([video_room::Column::LastNumber, video_room::Column::PeopleNumber])
            .into_tuple()
            .one(system.db())
            .await?;
        let Some((last, people)) = numbers else { return Ok(self.over("removed")) };
        let mut events = Vec::new();
        if last > self.after {
            events.extend(self.said(system, last).await?);
        }
        if people != self.people_number {
            self.people_number = people;
            events.extend(self.who_is_there(system).await?);
        }
        Ok(events)
    }

    /// Every other second: says that the page is there, and looks whether it may stay, who is away, and how late the office is. `caller` is
    /// whoever is signed in at it now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn check(&mut self, system: &System, caller: &Caller, now: Now, zone: &Tz) -> Result<Vec<Event>, DbErr> {
        let db = system.db();
        let Some(visit) = visit::Entity::find_by_id(self.visit).one(db).await? else { return Ok(self.over("removed")) };
        let Some(row) = video_participant::Entity::find_by_id(self.me).one(db).await? else { return Ok(self.over("removed")) };
        if row.ticket_hash != hash(&self.ticket) {
            return Ok(self.over("elsewhere"));
        }
        if row.removed_at.is_some() {
            return Ok(self.over("removed"));
        }
        let found = VideoVisit::read(db, visit, now.instant).await?;
        match found.gate {
            Gate::Ended | Gate::Off => return Ok(self.over("ended")),
            Gate::Late => return Ok(self.over("over")),
            Gate::Open | Gate::Early(_) => {}
        }
        if !may_stay(db, caller, now, &row, &found.visit).await? {
            return Ok(self.over("removed"));
        }
        video_participant::Entity::update_many()
            .col_expr(video_participant::Column::SeenAt, Expr::value(Utc::now()))
            .filter(video_participant::Column::Id.eq(self.me))
            .exec(db)
            .await?;
        let office = check_in::offices::office(db, found.visit.department_id).await?;
        let closed = found.room.is_some_and(|room| room.closed);
        let notice = json!({"delay": office.delay(now.instant, zone), "closed": closed});
        let mut events = Vec::new();
        if notice != self.last_notice {
            self.last_notice = notice.clone();
            events.push(Event::now("notice", notice));
        }
        events.extend(self.who_is_there(system).await?);
        Ok(events)
    }

    /// Whether the person is in the visit, and so uses their session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_inside(&self, system: &System) -> Result<bool, DbErr> {
        let row = video_participant::Entity::find_by_id(self.me).one(system.db()).await?;
        Ok(row.is_some_and(|row| row.inside && !row.gone))
    }

    /// What was said after the last number, in its order.
    async fn said(&mut self, system: &System, last: i64) -> Result<Vec<Event>, DbErr> {
        let db = system.db();
        let all = people(db, self.visit).await?;
        let own = all.iter().find(|one| one.id == self.me);
        let hears_after = own.map_or(0, |one| one.hears_after);
        let signals = video_signal::Entity::find()
            .filter(video_signal::Column::VisitId.eq(self.visit))
            .filter(video_signal::Column::Number.gt(self.after.max(hears_after)))
            .filter(video_signal::Column::Number.lte(last))
            .filter(video_signal::Column::ToId.eq(self.me))
            .order_by_asc(video_signal::Column::Number)
            .limit(MOST)
            .all(db)
            .await?;
        // What was written before a guest came is not for them.
        let since = own.filter(|own| own.role == Role::Guest).map(|own| video_chat::Column::At.gte(own.since));
        let lines = video_chat::Entity::find()
            .filter(video_chat::Column::VisitId.eq(self.visit))
            .filter(video_chat::Column::Number.gt(self.after))
            .filter(video_chat::Column::Number.lte(last))
            .filter(Condition::all().add_option(since))
            .order_by_asc(video_chat::Column::Number)
            .limit(MOST)
            .all(db)
            .await?;
        // Where there is more of one than is read at once, the other waits for it.
        let until = |numbers: Vec<i64>| if numbers.len() as u64 >= MOST { numbers.last().copied().unwrap_or(last) } else { last };
        let until = until(signals.iter().map(|row| row.number).collect()).min(until(lines.iter().map(|row| row.number).collect()));
        let signal = |row: video_signal::Model| Event {
            number: Some(row.number),
            kind: "signal",
            data: json!({"from": row.from_id, "data": row.data}),
        };
        let line = |row: video_chat::Model| {
            let name = all.iter().find(|one| one.id == row.from_id).map(|one| shown_name(self.t, one)).unwrap_or_default();
            let data = json!({"from": row.from_id, "name": name, "text": row.words, "at": told(row.at)});
            Event { number: Some(row.number), kind: "chat", data }
        };
        let mut events: Vec<Event> = signals.into_iter().map(signal).chain(lines.into_iter().map(line)).collect();
        events.retain(|event| event.number.is_some_and(|number| number <= until));
        events.sort_by_key(|event| event.number);
        self.after = until;
        Ok(events)
    }

    /// Who is there, when it is not what was told last; whether this page's place is taken away, or the visit over.
    async fn who_is_there(&mut self, system: &System) -> Result<Vec<Event>, DbErr> {
        let all = people(system.db(), self.visit).await?;
        let own = all.iter().find(|one| one.id == self.me);
        if own.is_some_and(|own| own.ticket_hash != hash(&self.ticket)) {
            return Ok(self.over("elsewhere"));
        }
        if own.is_none_or(|own| own.removed_at.is_some()) {
            return Ok(self.over("removed"));
        }
        let ended = video_room::Entity::find_by_id(self.visit)
            .filter(Condition::all().add(video_room::Column::EndedAt.is_not_null()))
            .one(system.db())
            .await?;
        if ended.is_some() {
            return Ok(self.over("ended"));
        }
        let now = Utc::now();
        let list: Vec<Value> = all
            .iter()
            .filter(|one| !one.gone && one.removed_at.is_none())
            .map(|one| {
                json!({
                    "id": one.id, "name": shown_name(self.t, one), "role": one.role.as_str(), "inside": one.inside,
                    "here": one.id == self.me || now - one.seen_at < AWAY, "since": told(one.since),
                    "mic": one.mic, "camera": one.camera, "screen": one.screen, "keeps": one.keeps_chat,
                })
            })
            .collect();
        let list = json!(list);
        if list == self.last_people {
            return Ok(Vec::new());
        }
        self.last_people = list.clone();
        Ok(vec![Event::now("people", list)])
    }
}

fn told(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// A guest's name is what they typed: it is always said that they are one.
pub fn shown_name(t: Texts, one: &video_participant::Model) -> String {
    match one.role {
        Role::Guest => t.video_guest_name(&one.name),
        _ => one.name.clone(),
    }
}
