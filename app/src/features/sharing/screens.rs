//! Sharing: codes and links, what became of them; and the public pages of somebody who was given a code.

use leptos::server_fn::ServerFn;
use qrcode::EcLevel;

use super::{
    api,
    entity::{health_link, share},
    links,
    model::{CODE_MINUTES, LINK_DAYS, MOST_TRIES, Section, State},
    shares, take_along,
};
use crate::{
    access::{Grant, allow, policy},
    base::{error::Error, i18n::Texts, ids::PatientId},
    features::credentials::keys::Issuer,
    platform::request as web,
    view::{
        qr,
        screens::{
            FormBuilder, good, link,
            model::{Field, Form, Kind, Part, Screen},
            off, plain, query_value,
        },
    },
};

/// Looking is written down as looking; making and ending something have permissions of their own.
async fn open(patient: &str) -> Result<Grant<policy::ViewShares>, Error> {
    let patient: PatientId = patient.parse().map_err(|_| Error::NotFound)?;
    allow::<policy::ViewShares>(patient).await
}

/// The name of a section.
pub fn name(t: Texts, section: Section) -> &'static str {
    match section {
        Section::Conditions => t.health_conditions(),
        Section::Allergies => t.health_allergies(),
        Section::Medications => t.health_medications(),
        Section::Immunizations => t.health_immunizations(),
        Section::Results => t.results_title(),
        Section::Vitals => t.health_vitals(),
        Section::Procedures => t.health_procedures(),
        Section::Devices => t.health_devices(),
        Section::Preventive => t.health_preventive(),
        Section::Goals => t.health_goals_plans(),
        Section::History => t.health_history(),
        Section::CareTeam => t.health_care_team(),
        Section::Visits => t.visits_title(),
        Section::Summaries => t.portable_summaries(),
        Section::Notes => t.notes_title(),
        Section::Documents => t.health_documents(),
    }
}

/// One box for each section; what people share most is ticked.
pub fn section_fields(form: FormBuilder, t: Texts, prefix: &str, ticked: &[Section]) -> FormBuilder {
    let mut form = form.field(Field::heading(t.portable_sections()));
    for section in Section::ALL.iter().copied() {
        let field = Field::check(&format!("sections[{}]", section.as_str()), name(t, section), ticked.contains(&section));
        form = form.field(field.id(format!("{prefix}-{}", section.as_str())));
    }
    form
}

/// What somebody else needs first.
pub const USUAL: [Section; 6] =
    [Section::Conditions, Section::Allergies, Section::Medications, Section::Immunizations, Section::Results, Section::Procedures];

/// What is shared, and the ways to share.
pub async fn list(patient: &str) -> Result<Screen, Error> {
    let grant = open(patient).await?;
    let t = grant.texts();
    let base = format!("/p/{patient}/share");
    let (codes, links) = (shares::list(&grant).await?, links::list(&grant).await?);
    let makers = codes.iter().map(|row| row.account_id).chain(links.iter().map(|row| row.account_id));
    let others = shares::others(&grant, makers).await?;
    let codes = codes.iter().map(|row| entry(&grant, row, others.get(&row.account_id)));
    let made: Vec<Part> = codes.chain(links.iter().map(|row| link_entry(&grant, row, &base, others.get(&row.account_id)))).collect();
    let ways = vec![
        (link(format!("{base}/code"), t.share_code()), t.share_code_says().to_owned()),
        (link(format!("{base}/link"), t.share_link()), t.share_link_says().to_owned()),
        (link(format!("/p/{patient}/access-log"), t.log_title()), t.share_log_says().to_owned()),
    ];
    let screen = Screen::new(t.share_title(), t.share_lead())
        .narrow()
        .back(format!("/p/{patient}/health"), t.health_title())
        .sheet("", vec![Part::Ways(ways)]);
    Ok(if made.is_empty() { screen } else { screen.sheet(t.share_made(), made) })
}

/// A code; `by` is whoever made it, where that was not the reader.
fn entry(grant: &Grant<policy::ViewShares>, row: &share::Model, by: Option<&String>) -> Part {
    let (t, zone) = (grant.texts(), grant.zone());
    let tag = match row {
        row if shares::is_being_read(row) => plain(t.share_reading()),
        row if shares::is_waiting(row) => good(t.share_waiting()),
        row if row.wrong_tries >= MOST_TRIES && row.opened_at.is_none() => off(t.share_void()),
        _ => off(t.share_over()),
    };
    let mut lines = vec![t.share_code_made(&t.date_and_time(row.created_at, &zone))];
    lines.extend(by.map(|name| t.share_by(name)));
    lines.extend(row.opened_at.map(|at| t.share_opened(&t.date_and_time(at, &zone))));
    let mut parts = vec![Part::small(sections_in_words(t, &row.sections))];
    if let Some(note) = &row.note {
        parts.push(Part::small(t.share_note_from(&row.recipient)));
        parts.push(Part::Quote(note.clone()));
    }
    if shares::is_waiting(row) || shares::is_being_read(row) {
        parts.push(end(t, grant.patient(), row.id));
    }
    Part::Entry { title: row.recipient.clone(), tag, lines, parts }
}

fn link_entry(grant: &Grant<policy::ViewShares>, row: &health_link::Model, base: &str, by: Option<&String>) -> Part {
    let (t, zone) = (grant.texts(), grant.zone());
    let is_open = links::is_open(row);
    let mut lines = vec![t.share_link_until(&t.date_and_time(row.expires_at, &zone))];
    lines.extend(by.map(|name| t.share_by(name)));
    if let Some(at) = row.last_opened_at {
        lines.push(t.share_link_opened(&row.opened.to_string(), &t.date_and_time(at, &zone)));
    }
    let mut parts = vec![Part::small(sections_in_words(t, &row.sections))];
    if is_open {
        parts.push(Part::quiet(format!("{base}/{}", row.id), t.share_show()));
        parts.push(end(t, grant.patient(), row.id));
    }
    let tag = if is_open { good(t.share_open()) } else { off(t.share_over()) };
    Part::Entry { title: row.label.clone(), tag, lines, parts }
}

fn end(t: Texts, patient: PatientId, id: uuid::Uuid) -> Part {
    Form::post(api::Revoke::PATH, t.share_end()).quiet().hidden("patient", patient).hidden("id", id).done()
}

fn sections_in_words(t: Texts, sections: &str) -> String {
    Section::read(sections).into_iter().map(|section| name(t, section)).collect::<Vec<_>>().join(", ")
}

/// The form for a code.
pub async fn code(patient: &str) -> Result<Screen, Error> {
    let grant = open(patient).await?;
    let t = grant.texts();
    let minutes = CODE_MINUTES.map(|minutes| (minutes.to_string(), t.share_minutes(&minutes.to_string()))).to_vec();
    let form = Form::post(api::Share::PATH, t.share_make_code())
        .hidden("patient", patient)
        .field(Field::text("recipient", t.share_recipient()).hint(t.share_recipient_hint()));
    let form = section_fields(form, t, "section", &USUAL).field(Field::select("minutes", t.share_for(), minutes).value("60"));
    Ok(Screen::new(t.share_code(), t.share_code_lead())
        .narrow()
        .back(format!("/p/{patient}/share"), t.share_title())
        .sheet("", vec![form.done(), Part::small(t.share_rule())]))
}

/// The form for a SMART Health Link.
pub async fn health_link_form(patient: &str) -> Result<Screen, Error> {
    let grant = open(patient).await?;
    let t = grant.texts();
    let days = LINK_DAYS
        .map(|days| (days.to_string(), if days == 1 { t.share_day().to_owned() } else { t.share_days(&days.to_string()) }))
        .to_vec();
    let form = Form::post(api::MakeLink::PATH, t.share_make_link())
        .hidden("patient", patient)
        .field(Field::text("recipient", t.share_recipient()).hint(t.share_label_hint()));
    let form = section_fields(form, t, "section", &USUAL)
        .field(Field::select("days", t.share_for(), days).value("1"))
        .field(Field::text("passcode", t.share_passcode()).hint(t.share_passcode_hint()).optional());
    Ok(Screen::new(t.share_link(), t.share_link_lead())
        .narrow()
        .back(format!("/p/{patient}/share"), t.share_title())
        .sheet("", vec![form.done(), Part::small(t.share_rule())]))
}

/// A code just made, or a link with its QR code.
pub async fn one(patient: &str, id: &str) -> Result<Screen, Error> {
    let grant = open(patient).await?;
    let t = grant.texts();
    let id = id.parse().map_err(|_| Error::NotFound)?;
    let base = format!("/p/{patient}/share");
    if let Ok(row) = links::one(&grant, id).await {
        let others = shares::others(&grant, [row.account_id]).await?;
        let issuer = web::context::<Issuer>()?;
        let written = links::written(&row, &issuer).filter(|_| links::is_open(&row)).ok_or(Error::NotFound)?;
        let alt = t.share_qr_alt(&row.label);
        let parts = vec![
            Part::Picture { src: qr::picture(&written, EcLevel::M, 400)?, alt },
            Part::text(t.share_link_how()),
            Part::More { summary: t.share_link_text().to_owned(), parts: vec![Part::Quote(written)] },
            Part::Print { label: t.health_print().into() },
        ];
        return Ok(Screen::new(row.label.clone(), t.share_link_until(&t.date_and_time(row.expires_at, &grant.zone())))
            .narrow()
            .back(base.clone(), t.share_title())
            .sheet("", parts)
            .sheet("", vec![link_entry(&grant, &row, &base, others.get(&row.account_id))]));
    }
    let row = shares::one(&grant, id).await?;
    let others = shares::others(&grant, [row.account_id]).await?;
    let mut screen = Screen::new(row.recipient.clone(), "").narrow().back(base.clone(), t.share_title());
    if shares::is_waiting(&row)
        && let Some(code) = web::take_secret()?
    {
        let address = grant.link("/shared");
        let parts = vec![
            Part::Code { label: t.share_the_code().to_owned(), text: code },
            Part::numbered([t.share_step_1(&address), t.share_step_2().to_owned(), t.share_step_3().to_owned()]),
            Part::small(t.share_once(&t.date_and_time(row.expires_at, &grant.zone()))),
        ];
        screen = screen.sheet("", parts);
    }
    Ok(screen.sheet("", vec![entry(&grant, &row, others.get(&row.account_id))]))
}

/// The record as a file: what there is, and a new one.
pub async fn take_along(patient: &str, query: &str) -> Result<Screen, Error> {
    let grant = open(patient).await?;
    let t = grant.texts();
    let mut screen = Screen::new(t.take_title(), t.take_lead()).narrow().back(format!("/p/{patient}/health"), t.health_title());
    if query_value(query, "done").is_some() {
        screen = screen.notice(t.take_ordered(), t.take_ordered_text());
    }
    let mut files: Vec<Part> = Vec::new();
    for order in take_along::list(&grant).await? {
        let mut lines = vec![t.take_ordered_at(&t.date_and_time(order.created_at, &grant.zone()))];
        let mut parts = vec![Part::small(sections_in_words(t, &order.sections))];
        let tag = match order.state {
            State::Ready => {
                lines.push(t.take_until(&t.date_and_time(order.expires_at, &grant.zone())));
                parts.push(Part::Buttons {
                    main: true,
                    links: vec![link(format!("/files/take-along/{patient}/{}", order.id), t.take_fetch())],
                });
                good(t.take_ready())
            }
            State::Failed => {
                parts.push(Part::text(t.take_failed_text()));
                off(t.take_failed())
            }
            State::Waiting | State::Working => {
                parts.push(Part::Progress { label: t.take_progress(&order.percent.to_string()), percent: order.percent });
                parts.push(Part::quiet(format!("/p/{patient}/take-along"), t.take_look_again()));
                plain(t.take_working())
            }
        };
        let delete = Form::post(api::DeleteFile::PATH, t.take_delete()).quiet().hidden("patient", patient).hidden("id", order.id);
        parts.push(delete.done());
        files.push(Part::Entry { title: t.portable_document().to_owned(), tag, lines, parts });
    }
    if !files.is_empty() {
        screen = screen.sheet(t.take_files(), files);
    }
    let form = Form::post(api::TakeAlong::PATH, t.take_make()).hidden("patient", patient);
    let form = section_fields(form, t, "section", Section::ALL)
        .field(Field::new("since", t.take_since(), Kind::Date).hint(t.take_since_hint()).optional())
        .field(Field::new("until", t.take_until_day(), Kind::Date).optional())
        .field(Field::new("password", t.take_password(), Kind::Password).hint(t.take_password_hint()).autocomplete("off").optional())
        .field(Field::new("repeat", t.take_repeat(), Kind::Password).autocomplete("off").optional());
    Ok(screen.sheet(t.take_new(), vec![Part::text(t.take_what()), form.done()]))
}

/// Where somebody who was given a code begins.
pub async fn enter(query: &str) -> Result<Screen, Error> {
    let grant = allow::<policy::ReadShared>(()).await?;
    let t = grant.texts();
    let form = Form::post(api::Enter::PATH, t.shared_open())
        .field(Field::text("code", t.share_the_code()).hint(t.shared_code_hint()))
        .field(Field::new("birth_date", t.shared_birth_date(), Kind::Date))
        .done();
    let mut screen = Screen::new(t.shared_title(), t.shared_lead()).narrow();
    if query_value(query, "done").is_some() {
        screen = screen.notice(t.shared_finished(), t.shared_finished_text());
    }
    Ok(screen.sheet("", vec![form, Part::small(t.shared_rule())]))
}

/// The shared record, all on one page.
pub async fn record(query: &str) -> Result<Screen, Error> {
    let grant = allow::<policy::ReadShared>(()).await?;
    let t = grant.texts();
    let shares::Shared { row, person, chapters } = shares::read(&grant, web::cookie(api::COOKIE)).await?;
    let until = row.opened_at.map(|at| t.time(at + super::model::READING, &grant.zone())).unwrap_or_default();
    let mut screen = Screen::new(
        format!("{} {}", person.given_name, person.family_name),
        format!("{} · {}", t.health_born(&t.date(person.birth_date)), t.shared_for(&row.recipient, &until)),
    )
    .narrow();
    if query_value(query, "done").is_some() {
        screen = screen.notice(t.shared_note_left(), "");
    }
    let ways = chapters.iter().map(|chapter| link(format!("#{}", chapter.section.as_str()), chapter.heading.clone())).collect();
    screen = screen.sheet(
        "",
        vec![
            Part::Buttons { main: false, links: ways },
            Part::Print { label: t.health_print().into() },
            Form::post(api::Finish::PATH, t.shared_finish()).quiet().done(),
        ],
    );
    for chapter in chapters {
        screen = screen.named_sheet(chapter.section.as_str(), chapter.heading, chapter.parts);
    }
    let form = Form::post(api::LeaveNote::PATH, t.shared_send_note())
        .field(Field::new("note", t.shared_note(), Kind::Area).hint(t.shared_note_hint()))
        .done();
    Ok(screen.sheet(t.shared_note_title(), vec![form]))
}
