//! What the script of a visit by video says and hears: small forms, and one stream a page. Each is checked anew: the ticket, and the session,
//! the grant, the department or the guest's link behind it.

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use app::{
    access::{Access, Caller, Grant, System, allow, as_system, policy, session},
    base::{
        error::Error,
        i18n::{Locale, Texts},
        ids::PatientId,
    },
    desk::{
        scheduling::staff_visits::patient_of_visit,
        video::{
            closing, entering, guests,
            model::Refused,
            seat::Seat,
            speaking::{self, Presence},
            watching::{Event, Watch},
        },
    },
};
use axum::{
    Form, Json, Router,
    body::Body,
    extract::{FromRequest, Path, Query, Request, State as Extract},
    http::{HeaderName, StatusCode},
    response::{
        IntoResponse, Response, Sse,
        sse::{self, KeepAlive},
    },
    routing::{get, post},
};
use chrono::Utc;
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval},
};
use uuid::Uuid;

use crate::{State, files::with_contexts, shield::cookie};

/// So often a stream looks for what is new.
const LOOK: Duration = Duration::from_millis(350);
/// So often it looks whether it may go on.
const CHECK: Duration = Duration::from_secs(2);
/// So often it says that it is there.
const BEAT: Duration = Duration::from_secs(15);

pub fn routes() -> Router<State> {
    Router::new()
        .route("/p/{patient}/visits/{visit}/video/events", get(events_of_patient))
        .route("/p/{patient}/visits/{visit}/video/{act}", post(act_of_patient))
        .route("/staff/visits/{visit}/video/events", get(events_of_staff))
        .route("/staff/visits/{visit}/video/{act}", post(act_of_staff))
        .route("/video/guest/{code}/events", get(events_of_guest))
        .route("/video/guest/{code}/{act}", post(act_of_guest))
}

/// Whether a path is one of these routes: below a room, and no page.
pub fn is_of_room(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    matches!(
        parts.as_slice(),
        ["", "p", _, "visits", _, "video", _] | ["", "staff", "visits", _, "video", _] | ["", "video", "guest", _, _]
    )
}

/// Whether a path is the page of a room: its document may use camera and microphone.
pub fn is_room(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    matches!(parts.as_slice(), ["", "p", _, "visits", _, "video"] | ["", "staff", "visits", _, "video"] | ["", "video", "guest", _])
}

/// By which door somebody comes.
#[derive(Clone)]
enum Door {
    Patient(PatientId, Uuid),
    Staff(Uuid),
    Guest(String),
}

async fn act_of_patient(
    Extract(state): Extract<State>,
    Path((patient, visit, act)): Path<(Uuid, Uuid, String)>,
    request: Request,
) -> Response {
    answer(state, Door::Patient(PatientId(patient), visit), act, request).await
}

async fn act_of_staff(Extract(state): Extract<State>, Path((visit, act)): Path<(Uuid, String)>, request: Request) -> Response {
    answer(state, Door::Staff(visit), act, request).await
}

async fn act_of_guest(Extract(state): Extract<State>, Path((code, act)): Path<(String, String)>, request: Request) -> Response {
    answer(state, Door::Guest(code), act, request).await
}

/// What a page may send.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    ticket: String,
    to: String,
    data: String,
    inside: bool,
    mic: bool,
    camera: bool,
    screen: bool,
    text: String,
    key: String,
    agree: bool,
    more: bool,
    who: String,
}

async fn answer(state: State, door: Door, act: String, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let form = Form::<Said>::from_request(Request::from_parts(parts.clone(), body), &state).await;
    let said = match form {
        Ok(Form(said)) => said,
        Err(refused) => return refused.into_response(),
    };
    let done = with_contexts(state.clone(), Request::from_parts(parts, Body::empty()), || async move {
        Ok::<_, Error>(do_it(&state, door, &act, said).await)
    });
    match done.await {
        Ok(Ok(answer)) => Json(answer).into_response(),
        Ok(Err(refused)) => refusal(&refused),
        Err(error) => refusal(&Refused::Failed(error)),
    }
}

fn refusal(refused: &Refused) -> Response {
    let status = match refused {
        Refused::NotAllowed => StatusCode::FORBIDDEN,
        Refused::Failed(Error::TooManyTries { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Refused::Failed(error) => {
            tracing::warn!(%error, "a visit by video");
            StatusCode::SERVICE_UNAVAILABLE
        }
        Refused::Unfit => StatusCode::UNPROCESSABLE_ENTITY,
        Refused::Early | Refused::Late | Refused::Ended | Refused::Full | Refused::Elsewhere => StatusCode::CONFLICT,
    };
    (status, Json(json!({"error": refused.as_str()}))).into_response()
}

async fn do_it(state: &State, door: Door, act: &str, said: Said) -> Result<Value, Refused> {
    if act == "enter" {
        let entered = match door {
            Door::Patient(patient, visit) => entering::as_patient(&allow::<policy::JoinVideo>(patient).await?, visit, &said.ticket).await?,
            Door::Staff(visit) => {
                let patient = patient_of_visit(&allow::<policy::SeeSchedules>(()).await?, visit).await?;
                entering::as_staff(&allow::<policy::HoldVideo>(patient).await?, visit, &said.ticket).await?
            }
            Door::Guest(code) => entering::as_guest(&allow::<policy::UseVideoRoom>(()).await?, &code, &said.ticket).await?,
        };
        let mut answer = state.ice.for_browser(Utc::now().timestamp())?;
        answer["ticket"] = json!(entered.ticket);
        answer["me"] = json!(entered.me);
        return Ok(answer);
    }
    let grant = allow::<policy::UseVideoRoom>(()).await?;
    let seat = seat(&grant, door, &said.ticket).await?;
    match act {
        "signal" => speaking::signal(&grant, &seat, &said.to, &said.data).await?,
        "state" => {
            let now = Presence { inside: said.inside, mic: said.mic, camera: said.camera, screen: said.screen };
            speaking::state(&grant, &seat, now).await?;
        }
        "chat" => speaking::chat(&grant, &seat, &said.text, &said.key).await?,
        "keep-chat" => speaking::keep_chat(&grant, &seat, said.agree).await?,
        "leave" => speaking::leave(&grant, &seat).await?,
        "ice" => return Ok(state.ice.for_browser(Utc::now().timestamp())?),
        "admit" => speaking::admit(&grant, &seat, said.more).await?,
        "remove" => speaking::remove(&grant, &seat, &said.who).await?,
        "end" => closing::end(&grant, &seat).await?,
        _ => return Err(Refused::Unfit),
    }
    Ok(json!({}))
}

/// The place of a ticket, at the door by which it was given.
async fn seat(grant: &Grant<policy::UseVideoRoom>, door: Door, ticket: &str) -> Result<Seat, Refused> {
    match door {
        Door::Patient(_, visit) | Door::Staff(visit) => Seat::of(grant, visit, ticket).await,
        Door::Guest(code) => {
            let (guest, found) = guests::by_code(grant, &code).await?.ok_or(Refused::NotAllowed)?;
            let seat = Seat::of(grant, found.visit.id, ticket).await?;
            if seat.row.guest_id == Some(guest.id) { Ok(seat) } else { Err(Refused::NotAllowed) }
        }
    }
}

#[derive(Deserialize)]
struct Heard {
    #[serde(default)]
    ticket: String,
    #[serde(default)]
    after: i64,
}

async fn events_of_patient(
    Extract(state): Extract<State>,
    Path((patient, visit)): Path<(Uuid, Uuid)>,
    heard: Query<Heard>,
    request: Request,
) -> Response {
    events(state, Door::Patient(PatientId(patient), visit), heard, request).await
}

async fn events_of_staff(Extract(state): Extract<State>, Path(visit): Path<Uuid>, heard: Query<Heard>, request: Request) -> Response {
    events(state, Door::Staff(visit), heard, request).await
}

async fn events_of_guest(Extract(state): Extract<State>, Path(code): Path<String>, heard: Query<Heard>, request: Request) -> Response {
    events(state, Door::Guest(code), heard, request).await
}

/// What happens in the room: `people`, `signal`, `chat`, `notice`, `beat`, and `end` with the reason.
async fn events(state: State, door: Door, Query(heard): Query<Heard>, request: Request) -> Response {
    let headers = request.headers().clone();
    let token = cookie(&headers, state.rules.cookie_name()).map(str::to_owned);
    let locale = request.extensions().get::<Access>().map_or(Locale::default(), |access| access.locale);
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0);
    let ticket = heard.ticket.clone();
    let found = with_contexts(state.clone(), request, || async move {
        let grant = allow::<policy::UseVideoRoom>(()).await?;
        Ok::<_, Error>(seat(&grant, door, &ticket).await.map(|seat| seat.visit()))
    });
    let visit = match found.await {
        Ok(Ok(visit)) => visit,
        Ok(Err(refused)) => return at_the_door(&refused),
        Err(error) => return refusal(&Refused::Failed(error)),
    };
    let system = as_system(&state.db, "video");
    let page = match Watch::begin(&system, Texts(locale), visit, &heard.ticket, heard.after.max(last)).await {
        Ok(page) => page,
        Err(refused) => return at_the_door(&refused),
    };
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (_, stopping) = state.live.listen();
    let listener =
        Listener { system, state, token, page, stopping, look, checked: None, beat: Instant::now(), ready: VecDeque::new(), failed: false };
    stream_of(stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok::<_, Infallible>(event), listener))
    }))
}

/// Whoever is not let in hears why, and does not ask again: a stream that is refused is tried again for ever.
fn at_the_door(refused: &Refused) -> Response {
    let why = match refused {
        Refused::Ended => "ended",
        Refused::Late => "over",
        Refused::Elsewhere => "elsewhere",
        Refused::NotAllowed => "removed",
        _ => return refusal(refused),
    };
    stream_of(stream::iter([Ok::<_, Infallible>(sent(&Event::end(why)))]))
}

fn stream_of(events: impl stream::Stream<Item = Result<sse::Event, Infallible>> + Send + 'static) -> Response {
    let unbuffered = [(HeaderName::from_static("x-accel-buffering"), "no")];
    (unbuffered, Sse::new(events).keep_alive(KeepAlive::default())).into_response()
}

fn sent(event: &Event) -> sse::Event {
    let sent = sse::Event::default().event(event.kind).data(event.data.to_string());
    match event.number {
        Some(number) => sent.id(number.to_string()),
        None => sent,
    }
}

/// An open page of a room.
struct Listener {
    system: System,
    state: State,
    /// The session of whoever is signed in there.
    token: Option<String>,
    page: Watch,
    stopping: watch::Receiver<bool>,
    look: tokio::time::Interval,
    checked: Option<Instant>,
    beat: Instant,
    ready: VecDeque<sse::Event>,
    failed: bool,
}

impl Listener {
    async fn next(&mut self) -> Option<sse::Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            // What cannot be looked up is tried by the page again.
            if self.page.is_over() || self.failed {
                return None;
            }
            tokio::select! {
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                _ = self.look.tick() => {}
            }
            match self.hear().await {
                Ok(events) => self.ready.extend(events.iter().map(sent)),
                Err(error) => {
                    tracing::warn!(kind = ?error.sql_err(), "a visit by video cannot be followed");
                    self.failed = true;
                }
            }
            if self.beat.elapsed() >= BEAT {
                self.beat = Instant::now();
                self.ready.push_back(sse::Event::default().event("beat").data("{}"));
            }
        }
    }

    async fn hear(&mut self) -> Result<Vec<Event>, sea_orm::DbErr> {
        let mut events = Vec::new();
        if self.checked.is_none_or(|at| at.elapsed() >= CHECK) {
            self.checked = Some(Instant::now());
            let caller = self.caller().await?;
            let (now, zone) = (self.state.clock.now(), self.state.clock.zone());
            events.extend(self.page.check(&self.system, &caller, now, &zone).await?);
        }
        if !self.page.is_over() {
            events.extend(self.page.look(&self.system).await?);
        }
        Ok(events)
    }

    /// Whoever is signed in now. Whoever is in a visit uses their session: it does not end for want of clicks.
    async fn caller(&self) -> Result<Caller, sea_orm::DbErr> {
        let Some(token) = &self.token else { return Ok(Caller::Nobody) };
        let inside = self.page.is_inside(&self.system).await?;
        let found = match session::resolve(&self.state.db, &self.state.rules, token, inside).await? {
            session::Found::SignedIn(found) => Some(found),
            session::Found::Nobody | session::Found::Ended(_) => None,
        };
        Ok(session::caller(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_and_what_is_below_them_are_told_apart() {
        for room in ["/p/1/visits/2/video", "/staff/visits/2/video", "/video/guest/ab"] {
            assert!(is_room(room) && !is_of_room(room), "{room}");
            let below = format!("{room}/enter");
            assert!(is_of_room(&below) && !is_room(&below), "{below}");
        }
        for other in ["/staff/video", "/p/1/visits/2", "/video/guest", "/p/1/visits/2/video/a/b"] {
            assert!(!is_room(other) && !is_of_room(other), "{other}");
        }
    }
}
