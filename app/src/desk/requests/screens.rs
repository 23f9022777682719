//! What I have asked, and the queues of staff.

use chrono::NaiveDate;
use leptos::server_fn::ServerFn;
use serde_json::Value;
use uuid::Uuid;

use super::{
    api,
    entity::request,
    model::{Kind as Request, State},
    store::{self, TOPICS},
};
use crate::{
    access::{allow, policy},
    base::{clock::local_date, error::Error, i18n::Texts, ids::PatientId},
    features::corrections::api::{Decide as DecideCorrection, Disagree, Review},
    platform::request as web,
    view::screens::{
        good, link,
        model::{Field, Form, Kind, Link, Part, Screen, Tag},
        off, plain, query_value,
    },
};

/// Everything I have asked, with what came of it.
pub async fn own(query: &str) -> Result<Screen, Error> {
    let grant = allow::<policy::UseOwnAccount>(()).await?;
    let t = grant.texts();
    let mut screen = Screen::new(t.requests_title(), t.requests_lead()).narrow();
    if let Some(number) = query_value(query, "sent") {
        let found = store::own(&grant).await?.into_iter().find(|row| row.number == number);
        if let Some(row) = found {
            screen = screen.notice(t.requests_sent(), t.requests_sent_text(&t.long_date(row.due_on), &row.number));
        }
    }
    let rows = store::own(&grant).await?;
    let mut parts: Vec<Part> = Vec::new();
    if rows.is_empty() {
        parts.push(Part::text(t.requests_none()));
    }
    let corrections: Vec<Uuid> = rows.iter().filter(|row| row.kind == Request::Correction).map(|row| row.id).collect();
    let disagreed = store::disagreed(&grant, &corrections).await?;
    for row in rows {
        let body: Value = serde_json::from_str(&row.body).unwrap_or_default();
        let asked = t.requests_asked(&t.date_and_time(row.created_at, &grant.zone()), &row.number);
        let mut lines = vec![asked];
        lines.extend(row.state.is_pending().then(|| t.requests_due(&t.long_date(row.due_on))));
        // Who may not read the chart any more does not read it here either.
        let chart = row.patient_id.map(PatientId).filter(|_| row.kind == Request::Correction);
        if chart.is_some_and(|patient| !grant.would_allow::<policy::AskCorrection>(&patient)) {
            parts.push(Part::Entry { title: kind_in_words(t, row.kind).into(), tag: state(t, &row), lines, parts: Vec::new() });
            continue;
        }
        let mut inside = details(t, &row, &body);
        if let Some(answer) = row.answer.clone().filter(|answer| !answer.is_empty()) {
            inside.push(Part::Heading(t.requests_answer().into()));
            inside.push(Part::Text(answer));
        }
        if let Some(patient) = chart {
            inside.extend(after_correction(t, &row, &body, patient, disagreed.contains(&row.id)));
        }
        let entry = Part::Entry { title: kind_in_words(t, row.kind).into(), tag: state(t, &row), lines, parts: inside };
        parts.push(entry);
    }
    Ok(screen.sheet("", parts).sheet("", vec![Part::quiet("/help/ask", t.help_ask())]))
}

/// Where an accepted correction stands, and what can be done about a declined one.
fn after_correction(t: Texts, row: &request::Model, body: &Value, patient: PatientId, disagreed: bool) -> Vec<Part> {
    let page = body["page"].as_str().unwrap_or_default();
    match row.state {
        State::Accepted => vec![Part::quiet(page, t.correction_see())],
        State::Declined if disagreed => vec![Part::text(t.correction_you_disagreed()), Part::quiet(page, t.correction_see())],
        State::Declined => {
            let form = Form::post(Disagree::PATH, t.correction_disagree_send())
                .quiet()
                .hidden("patient", patient)
                .hidden("id", row.id)
                .field(Field::new("words", t.correction_disagree_words(), Kind::Area).id(format!("words-{}", row.number)))
                .done();
            vec![Part::More { summary: t.correction_disagree().into(), parts: vec![Part::text(t.correction_rights()), form] }]
        }
        State::Open | State::Review => Vec::new(),
    }
}

/// The queues of one's role.
pub async fn queue(query: &str) -> Result<Screen, Error> {
    let grant = allow::<policy::SeeQueues>(()).await?;
    let t = grant.texts();
    let role = grant.holder()?.staff.ok_or(Error::NotFound)?;
    let open = query_value(query, "state").as_deref() != Some("answered");
    let kind = query_value(query, "kind").and_then(|text| store::kinds(role).find(|kind| kind.as_str() == text));
    let mut counts = Vec::new();
    for kind in store::kinds(role) {
        let label = format!("{} ({})", kind_in_words(t, kind), store::count(&grant, kind).await?);
        counts.push(link(format!("/staff/queue?kind={}", kind.as_str()), label));
    }
    counts.push(link("/staff/queue?state=answered", t.queue_answered()));
    let today = grant.now().today;
    let rows = store::queue(&grant, kind, open).await?;
    let mut parts: Vec<Part> = if rows.is_empty() { vec![Part::text(t.queue_empty())] } else { Vec::new() };
    for row in rows {
        let age = (today - local_date(row.created_at, &grant.zone())).num_days().max(0);
        let lines =
            vec![format!("{} · {}", row.number, row.name), if age == 0 { t.queue_today().into() } else { t.queue_age(&age.to_string()) }];
        let tag = if open { due(t, row.due_on, today) } else { state(t, &row) };
        let title = kind_in_words(t, row.kind).to_owned();
        parts.push(Part::Entry {
            title,
            tag,
            lines,
            parts: vec![Part::quiet(format!("/staff/requests/{}", row.id), t.queue_open(&row.number))],
        });
    }
    let mut screen = Screen::new(t.queue_title(), t.queue_lead()).narrow();
    match query_value(query, "done").as_deref() {
        Some("answered") => screen = screen.notice("", t.queue_done_answered()),
        Some("decided") => screen = screen.notice("", t.queue_done_decided()),
        _ => {}
    }
    let heading = kind.map_or(if open { t.queue_all() } else { t.queue_answered() }, |kind| kind_in_words(t, kind));
    Ok(screen.sheet(t.queue_queues(), vec![Part::Buttons { main: false, links: all_first(t, counts) }]).sheet(heading, parts))
}

fn all_first(t: Texts, mut links: Vec<Link>) -> Vec<Link> {
    links.insert(0, link("/staff/queue", t.queue_all()));
    links
}

fn due(t: Texts, on: NaiveDate, today: NaiveDate) -> Option<Tag> {
    if on < today { off(t.queue_overdue(&t.date(on))) } else { plain(t.queue_due(&t.date(on))) }
}

/// One request, with what can be done about it.
pub async fn one(id: &str) -> Result<Screen, Error> {
    let grant = allow::<policy::SeeQueues>(()).await?;
    let t = grant.texts();
    let id: Uuid = id.parse().map_err(|_| Error::NotFound)?;
    let (row, files) = store::one(&grant, id).await?;
    let body: Value = serde_json::from_str(&row.body).unwrap_or_default();
    let mut about = vec![Part::facts([
        (t.queue_number(), Some(row.number.clone())),
        (t.queue_from(), Some(row.name.clone())),
        (t.signup_email(), row.email.clone()),
        (t.queue_received(), Some(t.date_and_time(row.created_at, &grant.zone()))),
        (t.queue_due_on(), Some(t.long_date(row.due_on))),
    ])];
    about.extend(details(t, &row, &body));
    if !files.is_empty() {
        let links = files.into_iter().map(|(id, name)| link(format!("/files/attachment/{id}"), name)).collect();
        about.push(Part::Buttons { main: false, links });
    }
    let screen =
        Screen::new(kind_in_words(t, row.kind), t.queue_one_lead()).back("/staff/queue", t.queue_title()).sheet(t.queue_asked(), about);
    if !row.state.is_pending() {
        let answered = Part::facts([
            (t.queue_state(), Some(if row.state == State::Accepted { t.queue_accepted() } else { t.queue_declined() }.to_owned())),
            (t.requests_answer(), row.answer.clone()),
            (t.queue_by(), row.answered_by.clone()),
            (t.family_when(), row.answered_at.map(|at| t.date_and_time(at, &grant.zone()))),
        ]);
        return Ok(screen.sheet(t.requests_answer(), vec![answered]));
    }
    let answer = match row.kind {
        Request::Help | Request::NotMe => vec![
            Part::small(t.queue_answer_rule()),
            Form::post(api::AnswerHelp::PATH, t.queue_send_answer())
                .hidden("id", id)
                .field(Field::new("answer_text", t.requests_answer(), Kind::Area))
                .done(),
        ],
        Request::Correction => decide_correction(t, &row),
        kind => {
            let mut form = Form::post(api::Decide::PATH, t.queue_decide()).hidden("id", id).field(Field::radio(
                "decision",
                t.queue_decision(),
                [("accept", t.queue_accept(), accept_says(t, kind)), ("decline", t.queue_decline(), t.queue_decline_says())],
            ));
            if kind != Request::Details {
                form = form.field(Field::text("record_number", t.queue_record_number()).hint(t.queue_record_number_hint()).optional());
            }
            let form = form.field(Field::new("reason", t.queue_reason(), Kind::Area).hint(t.queue_reason_hint()).optional()).done();
            let mut parts = vec![form];
            if kind != Request::Details {
                parts.insert(0, Part::quiet("/staff/patients", t.staff_title()));
            }
            parts
        }
    };
    Ok(screen.sheet(t.queue_decision(), answer))
}

/// First somebody says that they look into it; then they decide.
fn decide_correction(t: Texts, row: &request::Model) -> Vec<Part> {
    let mut parts = vec![Part::small(t.correction_staff_rule())];
    if row.state == State::Open {
        parts.push(Form::post(Review::PATH, t.correction_review()).quiet().hidden("id", row.id).done());
    }
    let choices = [("accept", t.queue_accept(), t.correction_accept_says()), ("decline", t.queue_decline(), t.correction_decline_says())];
    let form = Form::post(DecideCorrection::PATH, t.queue_decide())
        .hidden("id", row.id)
        .field(Field::radio("decision", t.queue_decision(), choices))
        .field(Field::new("words", t.correction_words(), Kind::Area).hint(t.correction_words_hint()));
    parts.push(form.done());
    parts
}

fn accept_says(t: Texts, kind: Request) -> &'static str {
    match kind {
        Request::SignUp => t.queue_accept_sign_up(),
        Request::ChildAccess => t.queue_accept_child(),
        Request::Papers => t.queue_accept_papers(),
        _ => t.queue_accept_details(),
    }
}

/// What was asked, as people read it.
fn details(t: Texts, row: &request::Model, body: &Value) -> Vec<Part> {
    let text = |key: &str| body[key].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let day = |key: &str| text(key).and_then(|day| day.parse::<NaiveDate>().ok()).map(|day| t.date(day));
    match row.kind {
        Request::Help => vec![
            Part::facts([(t.help_topic(), text("topic").map(|topic| topic_in_words(t, &topic).to_owned()))]),
            Part::Text(text("text").unwrap_or_default()),
        ],
        Request::NotMe => vec![Part::facts([
            (t.log_who(), text("who")),
            (t.log_what(), text("what")),
            (t.log_when(), text("when")),
            (t.log_device(), text("device")),
        ])],
        Request::SignUp => vec![Part::facts([
            (t.family_name(), Some(row.name.clone())),
            (t.signup_birth_date(), day("birth_date")),
            (t.signup_zip(), text("zip")),
            (t.signup_phone(), text("phone")),
        ])],
        Request::ChildAccess => vec![Part::facts([
            (t.queue_child(), Some(format!("{} {}", text("given_name").unwrap_or_default(), text("family_name").unwrap_or_default()))),
            (t.signup_birth_date(), day("birth_date")),
            (
                t.family_relationship(),
                text("relationship").map(|found| if found == "guardian" { t.family_guardian() } else { t.family_parent() }.to_owned()),
            ),
        ])],
        Request::Papers => vec![Part::facts([
            (t.queue_person(), Some(format!("{} {}", text("given_name").unwrap_or_default(), text("family_name").unwrap_or_default()))),
            (t.signup_birth_date(), day("birth_date")),
            (
                t.family_papers_kind(),
                text("papers")
                    .map(|found| if found == "guardianship" { t.family_papers_guardian() } else { t.family_papers_attorney() }.to_owned()),
            ),
            (t.family_papers_until(), day("until")),
        ])],
        Request::Correction => vec![
            Part::Heading(text("title").unwrap_or_default()),
            Part::Quote(text("quote").unwrap_or_default()),
            Part::facts([(t.correction_wrong(), text("wrong")), (t.correction_right(), text("right"))]),
        ],
        Request::Details => vec![Part::facts([
            (t.personal_name(), text("for")),
            (t.personal_address(), text("address_line")),
            (t.personal_city(), text("city")),
            (t.personal_state(), text("state")),
            (t.signup_zip(), text("postal_code")),
            (t.personal_phone_mobile(), text("phone_mobile")),
            (t.personal_phone_home(), text("phone_home")),
        ])],
    }
}

fn state(t: Texts, row: &request::Model) -> Option<Tag> {
    match row.state {
        State::Open if row.kind == Request::Correction => plain(t.correction_received()),
        State::Open => plain(t.requests_open()),
        State::Review => plain(t.correction_under_review()),
        State::Accepted if matches!(row.kind, Request::Help | Request::NotMe) => good(t.requests_answered()),
        State::Accepted => good(t.queue_accepted()),
        State::Declined => off(t.queue_declined()),
    }
}

pub(crate) fn kind_in_words(t: Texts, kind: Request) -> &'static str {
    match kind {
        Request::Help => t.requests_help(),
        Request::NotMe => t.requests_not_me(),
        Request::SignUp => t.requests_sign_up(),
        Request::ChildAccess => t.requests_child(),
        Request::Papers => t.requests_papers(),
        Request::Details => t.requests_details(),
        Request::Correction => t.requests_correction(),
    }
}

fn topic_in_words(t: Texts, topic: &str) -> &'static str {
    match topic {
        "sign_in" => t.help_topic_sign_in(),
        "code" => t.help_topic_code(),
        "family" => t.help_topic_family(),
        "page" => t.help_topic_page(),
        _ => t.help_topic_other(),
    }
}

/// The form for technical help.
pub async fn ask() -> Result<Screen, Error> {
    let grant = allow::<policy::AskForHelp>(()).await?;
    let t = grant.texts();
    let mut form = Form::post(api::AskHelp::PATH, t.help_send());
    if grant.holder().is_err() {
        form = form
            .field(Field::text("name", t.family_your_name()).autocomplete("name"))
            .field(Field::new("email", t.signup_email(), Kind::Email).hint(t.help_email_hint()).autocomplete("email"));
    }
    let topics = TOPICS.iter().map(|topic| ((*topic).to_owned(), topic_in_words(t, topic).to_owned())).collect();
    let form = form
        .field(Field::select("topic", t.help_topic(), topics))
        .field(Field::new("text", t.help_text(), Kind::Area).hint(t.help_text_hint()))
        .done();
    let due = super::model::due_on(Request::Help, grant.now().today);
    Ok(Screen::new(t.help_ask(), t.help_ask_lead(&t.long_date(due)))
        .narrow()
        .back("/help", t.help_title())
        .warning("", vec![Part::text(t.frame_emergency()), Part::text(t.help_health_text())])
        .sheet("", vec![form]))
}

/// After asking: the number, and the day of the answer.
pub async fn asked() -> Result<Screen, Error> {
    let grant = allow::<policy::AskForHelp>(()).await?;
    let t = grant.texts();
    let told = web::shown_once().and_then(|told| {
        let (number, due) = told.split_once('|')?;
        Some((number.to_owned(), due.parse::<NaiveDate>().ok()?))
    });
    let Some((number, due)) = told else { return ask().await };
    let mut parts = vec![Part::Code { label: t.queue_number().into(), text: number }, Part::text(t.help_asked_due(&t.long_date(due)))];
    parts.push(if grant.holder().is_ok() {
        Part::button("/requests", t.requests_title())
    } else {
        Part::button("/sign-in", t.sign_in_title())
    });
    Ok(Screen::new(t.help_asked_title(), t.help_asked_lead()).narrow().sheet("", parts))
}
