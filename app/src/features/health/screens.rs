//! The pages of the health summary.

use std::collections::HashMap;

use chrono_tz::Tz;
use uuid::Uuid;

use super::{
    store::{self, Item},
    words::{in_words, label, type_in_words},
};
use crate::{
    access::{Grant, OnBehalf, allow, policy::ViewHealthSummary},
    base::{error::Error, i18n::Texts, ids::PatientId, period::Period},
    features::{
        corrections::{
            self,
            screens::{additions, wrong_here},
        },
        results,
    },
    record::{
        annotation::{entity::amendment, model::Place},
        item::model::{Fact, Kind, State, What, remark},
        note::{
            entity::note,
            model::{Block, Format, blocks},
        },
    },
    view::screens::{
        good, link,
        model::{Link, Part, Screen, Tag},
        off, plain, query_value,
    },
};

/// The pages behind the summary, in its order: their addresses, and the kinds that each shows.
const PAGES: [(&str, &[Kind]); 12] = [
    ("conditions", &[Kind::Condition]),
    ("allergies", &[Kind::Allergy]),
    ("medications", &[Kind::Medication]),
    ("immunizations", &[Kind::Immunization]),
    ("procedures", &[Kind::Procedure]),
    ("devices", &[Kind::Device]),
    ("care-team", &[Kind::CareTeam]),
    ("goals", &[Kind::Goal, Kind::CarePlan]),
    ("history", &[Kind::FamilyHistory, Kind::SocialHistory]),
    ("preventive-care", &[Kind::Preventive]),
    ("documents", &[Kind::Document]),
    ("other", &[Kind::Other]),
];

/// CVX codes of COVID-19 vaccines, as far as they were given in the United States and abroad. Source: CDC, CVX code set.
const COVID_19: [u16; 47] = [
    207, 208, 210, 211, 212, 213, 217, 218, 219, 221, 225, 226, 227, 228, 229, 230, 300, 301, 302, 308, 309, 310, 311, 312, 313, 500, 501,
    502, 503, 504, 505, 506, 507, 508, 509, 510, 511, 512, 513, 514, 515, 516, 517, 518, 519, 520, 521,
];

/// Whether a `system|code` is a COVID-19 vaccine.
pub fn is_covid_19(code: &str) -> bool {
    let cvx = code.strip_prefix("http://hl7.org/fhir/sid/cvx|").and_then(|code| code.parse().ok());
    cvx.is_some_and(|code| COVID_19.contains(&code))
}

async fn open(patient: &str) -> Result<Grant<ViewHealthSummary>, Error> {
    let patient: PatientId = patient.parse().map_err(|_| Error::NotFound)?;
    allow::<ViewHealthSummary>(patient).await
}

/// All that is known, in short; each part leads to its page.
pub async fn summary(patient: &str) -> Result<Screen, Error> {
    let grant = open(patient).await?;
    let t = grant.texts();
    let base = format!("/p/{patient}/health");
    let shown = [Kind::Condition, Kind::Allergy, Kind::Medication, Kind::Immunization];
    let items = store::current(&grant, &shown).await?;
    let (counts, letters) = store::counts(&grant).await?;
    let mut screen = Screen::new(t.health_title(), t.health_lead()).sheet(
        "",
        vec![Part::Buttons {
            main: false,
            links: vec![
                link(format!("{base}/print"), t.health_print_title()),
                link(format!("{base}/emergency"), t.health_emergency_title()),
                link(format!("{base}/credentials"), t.credentials_title()),
                link(format!("/p/{patient}/share"), t.share_title()),
                link(format!("/p/{patient}/take-along"), t.take_title()),
            ],
        }],
    );
    for kind in shown {
        let mut here: Vec<&Item> = items.iter().filter(|item| item.kind == kind && !is_reason_for_visit(item)).collect();
        if kind == Kind::Immunization {
            // What people look for first.
            here.sort_by_key(|item| !item.code.as_deref().is_some_and(is_covid_19));
        }
        let lines: Vec<String> = here.iter().take(6).map(|item| in_one_line(&grant, item)).collect();
        let mut parts = if lines.is_empty() { vec![Part::text(nothing(t, kind))] } else { vec![Part::Lines(lines)] };
        let page = page_of(kind);
        parts.push(Part::quiet(format!("{base}/{page}"), t.health_all(&title(t, page).to_lowercase())));
        screen = screen.sheet(title(t, page), parts);
    }
    let vitals = results::screens::latest_vitals(grant.patient(), &grant).await?;
    if !vitals.is_empty() {
        let parts = vec![Part::Facts(vitals), Part::quiet(format!("{base}/vitals"), t.health_all(&t.health_vitals().to_lowercase()))];
        screen = screen.sheet(t.health_vitals(), parts);
    }
    let ways: Vec<(Link, String)> = PAGES
        .into_iter()
        .filter(|(_, kinds)| !kinds.iter().any(|kind| shown.contains(kind)))
        .map(|(page, kinds)| {
            let of_kinds: i64 = counts.iter().filter(|(kind, _)| kinds.contains(kind)).map(|(_, count)| count).sum();
            let count = if page == "documents" { of_kinds + letters } else { of_kinds };
            (link(format!("{base}/{page}"), title(t, page)), how_many(t, count))
        })
        .collect();
    Ok(screen.sheet(t.health_more(), vec![Part::Ways(ways)]))
}

fn how_many(t: Texts, count: i64) -> String {
    match count {
        0 => t.health_none().to_owned(),
        1 => t.health_one().to_owned(),
        _ => t.health_count(&count.to_string()),
    }
}

/// Check-ups and screenings that were coded as diagnoses are why somebody came, not what they have.
/// Source: ICD-10-CM, block Z00-Z13, persons encountering health services for examinations.
fn is_reason_for_visit(item: &Item) -> bool {
    let block =
        item.code.as_deref().and_then(|code| code.strip_prefix("http://hl7.org/fhir/sid/icd-10-cm|Z")?.get(..2)?.parse::<u8>().ok());
    item.kind == Kind::Condition && block.is_some_and(|block| block <= 13)
}

/// One part of the summary.
pub async fn part(patient: &str, page: &str, query: &str) -> Result<Screen, Error> {
    let (_, kinds) = PAGES.into_iter().find(|(name, _)| *name == page).ok_or(Error::NotFound)?;
    let grant = open(patient).await?;
    let t = grant.texts();
    let number: u64 = query_value(query, "page").and_then(|number| number.parse().ok()).unwrap_or(0);
    let (items, more) = store::items(&grant, kinds, number).await?;
    let is_empty = items.is_empty();
    let base = format!("/p/{patient}/health");
    let screen = Screen::new(title(t, page), lead(t, page)).narrow().back(base.clone(), t.health_title());
    let screen = if page == "other" && !items.is_empty() {
        screen.sheet("", vec![Part::Ways(items.iter().map(|item| other(&grant, item)).collect())])
    } else if page == "documents" {
        let letters = if number == 0 { store::letters(&grant).await? } else { Vec::new() };
        let added = added(&grant, &items).await?;
        documents(&grant, screen, &items, &added, letters, &base)
    } else if items.is_empty() {
        screen.sheet("", vec![Part::text(nothing(t, kinds[0]))])
    } else {
        let added = added(&grant, &items).await?;
        sections(&grant, page, items, &added).into_iter().fold(screen, |screen, (heading, parts)| screen.sheet(heading, parts))
    };
    let mut ways = Vec::new();
    if number == 0 && !is_empty && page != "other" {
        ways.push(link(format!("/files/pdf/{patient}/{page}"), t.health_pdf()));
    }
    if more {
        ways.push(link(format!("{base}/{page}?page={}", number + 1), t.health_older()));
    }
    if number > 0 {
        ways.push(link(format!("{base}/{page}?page={}", number - 1), t.health_newer()));
    }
    Ok(if ways.is_empty() { screen } else { screen.sheet("", vec![Part::Buttons { main: false, links: ways }]) })
}

/// Name, and the line with the birth date, for the cover of a record that is taken along.
///
/// # Errors
/// `NotFound` when the chart is closed to the reader.
pub async fn cover(reader: &OnBehalf, patient: PatientId) -> Result<(String, String), Error> {
    let grant = reader.allow::<ViewHealthSummary>(patient)?;
    let (person, _) = store::person(&grant).await?;
    let t = grant.texts();
    Ok((format!("{} {}", person.given_name, person.family_name), t.health_born(&t.date(person.birth_date))))
}

/// A page of the summary as a chapter of a record that is taken along: heading, parts, and the resources behind them.
///
/// # Errors
/// When the database fails.
pub(crate) async fn chapter(grant: &Grant<ViewHealthSummary>, page: &str, period: Period) -> Result<(String, Vec<Part>, Vec<Uuid>), Error> {
    let (_, kinds) = PAGES.into_iter().find(|(name, _)| *name == page).ok_or(Error::NotFound)?;
    let t = grant.texts();
    let lasts = |item: &Item| item.state == State::Active || item.at.is_none();
    let items = store::all(grant, kinds).await?;
    let items: Vec<Item> =
        items.into_iter().filter(|item| lasts(item) || item.at.is_some_and(|at| period.holds(at, grant.zone()))).collect();
    let resources = items.iter().flat_map(Item::resources).collect();
    if items.is_empty() {
        return Ok((title(t, page).to_owned(), vec![Part::text(nothing(t, kinds[0]))], resources));
    }
    let added = added(grant, &items).await?;
    let mut parts = Vec::new();
    for (heading, entries) in sections(grant, page, items, &added) {
        if !heading.is_empty() {
            parts.push(Part::Heading(heading));
        }
        parts.extend(entries);
    }
    Ok((title(t, page).to_owned(), parts, resources))
}

/// The items of a page under its headings.
fn sections(grant: &Grant<ViewHealthSummary>, page: &str, items: Vec<Item>, added: &Added) -> Vec<(String, Vec<Part>)> {
    let t = grant.texts();
    let today = grant.now().today;
    let groups: &[&str] = match page {
        "conditions" | "allergies" | "medications" | "devices" | "care-team" => &["current", "past", "visits"],
        "immunizations" => &["covid", "others", "not_done"],
        "goals" => &["goal", "plan"],
        "history" => &["family", "social"],
        "preventive-care" => &["overdue", "due", "done", "not_done"],
        _ => &[""],
    };
    let group_of = |item: &Item| -> &'static str {
        match (page, item.kind, item.state) {
            ("conditions", _, _) if is_reason_for_visit(item) => "visits",
            ("conditions" | "allergies" | "medications" | "devices" | "care-team", _, state) => {
                if state == State::Past {
                    "past"
                } else {
                    "current"
                }
            }
            ("immunizations" | "preventive-care", _, State::NotDone) => "not_done",
            ("immunizations", _, _) if item.code.as_deref().is_some_and(is_covid_19) => "covid",
            ("immunizations", _, _) => "others",
            ("goals", Kind::Goal, _) => "goal",
            ("goals", _, _) => "plan",
            ("history", Kind::FamilyHistory, _) => "family",
            ("history", _, _) => "social",
            ("preventive-care", _, State::Done) => "done",
            ("preventive-care", _, _) if item.at.is_some_and(|at| at.with_timezone(&grant.zone()).date_naive() < today) => "overdue",
            ("preventive-care", _, _) => "due",
            _ => "",
        }
    };
    groups
        .iter()
        .map(|group| {
            let parts: Vec<Part> = items.iter().filter(|item| group_of(item) == *group).map(|item| entry(grant, item, added)).collect();
            (heading(t, group).to_owned(), parts)
        })
        .filter(|(_, parts)| !parts.is_empty())
        .collect()
}

fn heading(t: Texts, group: &str) -> &'static str {
    match group {
        "current" => t.health_current(),
        "past" => t.health_past(),
        "visits" => t.health_visit_reasons(),
        "covid" => t.health_covid(),
        "others" => t.health_other_vaccines(),
        "not_done" => t.health_not_done(),
        "goal" => t.health_goals(),
        "plan" => t.health_plans(),
        "family" => t.health_family(),
        "social" => t.health_social(),
        "overdue" => t.health_overdue(),
        "due" => t.health_due(),
        "done" => t.health_done(),
        _ => "",
    }
}

fn page_of(kind: Kind) -> &'static str {
    PAGES.iter().find(|(_, kinds)| kinds.contains(&kind)).map_or("other", |(page, _)| page)
}

fn title(t: Texts, page: &str) -> &'static str {
    match page {
        "conditions" => t.health_conditions(),
        "allergies" => t.health_allergies(),
        "medications" => t.health_medications(),
        "immunizations" => t.health_immunizations(),
        "procedures" => t.health_procedures(),
        "devices" => t.health_devices(),
        "care-team" => t.health_care_team(),
        "goals" => t.health_goals_plans(),
        "history" => t.health_history(),
        "preventive-care" => t.health_preventive(),
        "documents" => t.health_documents(),
        _ => t.health_other(),
    }
}

fn lead(t: Texts, page: &str) -> &'static str {
    match page {
        "conditions" => t.health_conditions_lead(),
        "allergies" => t.health_allergies_lead(),
        "medications" => t.health_medications_lead(),
        "immunizations" => t.health_immunizations_lead(),
        "preventive-care" => t.health_preventive_lead(),
        "documents" => t.health_documents_lead(),
        "other" => t.health_other_lead(),
        _ => "",
    }
}

/// Nothing recorded is not the same as nothing there.
fn nothing(t: Texts, kind: Kind) -> &'static str {
    match kind {
        Kind::Allergy => t.health_no_allergies(),
        Kind::Medication => t.health_no_medications(),
        _ => t.health_nothing(),
    }
}

/// "Lisinopril 10 mg: 1 tablet once a day".
fn in_one_line(grant: &Grant<ViewHealthSummary>, item: &Item) -> String {
    let t = grant.texts();
    let said = |what: What| item.facts.iter().find(|fact| fact.what == what).map(|fact| in_words(t, fact));
    let detail = match item.kind {
        Kind::Medication => {
            let needed = item.facts.iter().find(|fact| fact.what == What::AsNeeded).map(|fact| {
                let label = label(t, What::AsNeeded).to_lowercase();
                if fact.said == "yes" { label } else { format!("{label} ({})", in_words(t, fact)) }
            });
            Some([said(What::Dose), said(What::Frequency), needed].into_iter().flatten().collect::<Vec<_>>().join(", "))
                .filter(|words| !words.is_empty())
        }
        Kind::Allergy => reactions(t, item),
        Kind::Immunization => item.at.map(|at| t.date(at.with_timezone(&grant.zone()).date_naive())).or_else(|| said(What::Day)),
        _ => None,
    };
    let unsure = unsure(t, item);
    let title = name(t, item);
    detail.map_or_else(|| format!("{title}{unsure}"), |detail| format!("{title}{unsure}: {detail}"))
}

/// "Hives, swelling (severe); risk: high", as far as it is known.
fn reactions(t: Texts, item: &Item) -> Option<String> {
    let of = |what: What| item.facts.iter().filter(move |fact| fact.what == what).map(|fact| in_words(t, fact)).collect::<Vec<_>>();
    let severity = of(What::Severity).first().map_or_else(String::new, |words| format!(" ({})", words.to_lowercase()));
    let reactions = Some(of(What::Reaction).join(", ")).filter(|words| !words.is_empty()).map(|words| format!("{words}{severity}"));
    let risk = of(What::Criticality).first().map(|words| format!("{}: {}", t.health_criticality(), words.to_lowercase()));
    let said: Vec<String> = reactions.into_iter().chain(risk).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// " (not confirmed)", where that is so.
fn unsure(t: Texts, item: &Item) -> String {
    if item.tentative { format!(" ({})", t.health_tentative().to_lowercase()) } else { String::new() }
}

/// The words of an item; of one that has none, what it is.
fn name(t: Texts, item: &Item) -> String {
    match (item.title.as_str(), item.kind) {
        ("", Kind::CareTeam) => t.health_care_team().to_owned(),
        ("", Kind::CarePlan) => t.health_plan().to_owned(),
        ("", _) => item.facts.iter().find(|fact| fact.what == What::Category).map_or_else(String::new, |fact| type_in_words(t, &fact.said)),
        (title, _) => title.to_owned(),
    }
}

/// What was added to items, by item.
type Added = HashMap<Uuid, Vec<amendment::Model>>;

async fn added(grant: &Grant<ViewHealthSummary>, items: &[Item]) -> Result<Added, Error> {
    corrections::store::added(grant, items.iter().flat_map(Item::resources).collect::<Vec<_>>()).await
}

/// Title, page and words of an item, for whoever asks for a correction of it.
pub(crate) fn facts_in_words(t: Texts, item: &Item, zone: Tz) -> (String, &'static str, String) {
    let day = item.at.map(|at| t.date(at.with_timezone(&zone).date_naive()));
    let facts =
        item.facts.iter().filter(|fact| fact.what != What::File).map(|fact| format!("{}: {}", label(t, fact.what), in_words(t, fact)));
    (name(t, item), page_of(item.kind), day.into_iter().chain(facts).collect::<Vec<_>>().join("\n"))
}

fn entry(grant: &Grant<ViewHealthSummary>, item: &Item, added: &Added) -> Part {
    let t = grant.texts();
    let day = |at: chrono::DateTime<chrono::Utc>| t.date(at.with_timezone(&grant.zone()).date_naive());
    let mut lines: Vec<String> = Vec::new();
    let lasts = matches!(item.kind, Kind::Condition | Kind::Allergy | Kind::Medication | Kind::CarePlan | Kind::CareTeam | Kind::Goal);
    match (item.at, item.until) {
        (Some(at), Some(until)) => lines.push(t.health_from_to(&day(at), &t.date(until))),
        (Some(at), None) if lasts => lines.push(t.health_since(&day(at))),
        (Some(at), None) => lines.push(day(at)),
        (None, Some(until)) => lines.push(t.health_until(&t.date(until))),
        (None, None) => {}
    }
    let others: Vec<String> = item.also.iter().filter_map(|(_, at)| Some(day((*at)?))).collect();
    if !others.is_empty() {
        lines.push(t.health_also_on(&others.join("; ")));
    }
    let (listed, single): (Vec<&Fact>, Vec<&Fact>) = item
        .facts
        .iter()
        .filter(|fact| fact.what != What::File)
        .partition(|fact| matches!(fact.what, What::Member | What::Activity | What::Condition));
    let facts: Vec<(String, String)> = single.into_iter().map(|fact| (label(t, fact.what).to_owned(), in_words(t, fact))).collect();
    let mut parts: Vec<Part> = Vec::new();
    if !listed.is_empty() {
        parts.push(Part::Lines(listed.into_iter().map(|fact| fact.said.clone()).collect()));
    }
    if !facts.is_empty() {
        parts.push(Part::Facts(facts));
    }
    if item.kind == Kind::Document {
        parts.extend(files(grant, item));
    }
    for id in item.resources() {
        parts.extend(additions(grant, added.get(&id).map_or(&[], Vec::as_slice)));
    }
    parts.push(wrong_here(grant, Place::item(item.id)));
    Part::Entry { title: name(t, item), tag: tag(t, item), lines, parts }
}

/// The ways to the files of a document. There is none to a file that the hospital's system keeps.
fn files(grant: &Grant<ViewHealthSummary>, item: &Item) -> Vec<Part> {
    let open = grant.texts().health_open_document();
    let address = format!("/files/record/{}/{}", grant.patient(), item.id);
    let names: Vec<&str> = item.facts.iter().filter(|fact| fact.what == What::File).map(|fact| fact.said.as_str()).collect();
    let is_elsewhere = item.facts.iter().any(|fact| fact.what == What::Remark && fact.said == remark::KEPT_ELSEWHERE);
    match names.as_slice() {
        [] if is_elsewhere => Vec::new(),
        [] | [_] => vec![Part::quiet(address, open)],
        several => {
            let way = |(number, name): (usize, &&str)| Part::quiet(format!("{address}?file={number}"), format!("{open}: {name}"));
            several.iter().enumerate().map(way).collect()
        }
    }
}

/// A record without a page: what it is, its day, and the way to the file.
fn other(grant: &Grant<ViewHealthSummary>, item: &Item) -> (Link, String) {
    let t = grant.texts();
    let what = item.facts.iter().find(|fact| fact.what == What::Category).map(|fact| type_in_words(t, &fact.said));
    let day = item.at.map(|at| t.date(at.with_timezone(&grant.zone()).date_naive()));
    let says: Vec<String> = what.filter(|_| !item.title.is_empty()).into_iter().chain(day).chain([t.health_as_sent().to_owned()]).collect();
    (link(format!("/files/record/{}/{}", grant.patient(), item.id), name(t, item)), says.join(" · "))
}

fn tag(t: Texts, item: &Item) -> Option<Tag> {
    if item.tentative {
        return plain(t.health_tentative());
    }
    match (item.kind, item.state) {
        (Kind::Immunization, State::Done) => good(t.health_given()),
        (Kind::Immunization | Kind::Procedure | Kind::Preventive | Kind::Goal | Kind::CarePlan, State::NotDone) => off(t.health_not_done()),
        (Kind::Goal | Kind::CarePlan, State::Done) => good(t.health_done()),
        (Kind::Goal | Kind::CarePlan, State::Active) => plain(t.health_current()),
        (Kind::Procedure | Kind::Goal | Kind::CarePlan, State::Planned) => plain(t.health_planned()),
        _ => None,
    }
}

fn documents(
    grant: &Grant<ViewHealthSummary>,
    screen: Screen,
    items: &[Item],
    added: &Added,
    letters: Vec<note::Model>,
    base: &str,
) -> Screen {
    let t = grant.texts();
    if items.is_empty() && letters.is_empty() {
        return screen.sheet("", vec![Part::text(t.health_nothing())]);
    }
    let letters = letters.into_iter().map(|letter| Part::Entry {
        lines: [letter.signed_at.map(|at| t.date(at.with_timezone(&grant.zone()).date_naive())), letter.author_name]
            .into_iter()
            .flatten()
            .collect(),
        title: letter.title,
        tag: None,
        parts: vec![Part::quiet(format!("{base}/documents/{}", letter.id), t.health_open_document())],
    });
    let items = items.iter().map(|item| entry(grant, item, added));
    let parts: Vec<Part> = letters.chain(items).collect();
    screen.sheet("", parts)
}

/// A letter or another text that belongs to no visit.
pub async fn document(patient: &str, id: &str) -> Result<Screen, Error> {
    let grant = open(patient).await?;
    let t = grant.texts();
    let letter = store::letter(&grant, id.parse().map_err(|_| Error::NotFound)?).await?;
    let added = corrections::store::added(&grant, [letter.id]).await?;
    let added = additions(&grant, added.get(&letter.id).map_or(&[], Vec::as_slice));
    let lead = [letter.signed_at.map(|at| t.date_and_time(at, &grant.zone())), letter.author_name.clone()];
    Ok(Screen::new(letter.title.clone(), lead.into_iter().flatten().collect::<Vec<_>>().join(" · "))
        .narrow()
        .back(format!("/p/{patient}/health/documents"), t.health_documents())
        .sheet("", text(&letter))
        .sheet(
            "",
            added.into_iter().chain([wrong_here(&grant, Place::note(letter.id)), Part::Print { label: t.health_print().into() }]).collect(),
        ))
}

/// The parts of a stored text.
pub fn text(letter: &note::Model) -> Vec<Part> {
    if letter.format == Format::Html {
        return vec![Part::Html(letter.body.clone())];
    }
    in_parts(blocks(&letter.body))
}

/// The pieces of a plain-text note as parts of a screen.
pub(crate) fn in_parts(blocks: Vec<Block>) -> Vec<Part> {
    blocks
        .into_iter()
        .map(|block| match block {
            Block::Heading(words) => Part::Heading(words),
            Block::Paragraph(words) => Part::Text(words),
            Block::List(items) => Part::Lines(items),
        })
        .collect()
}

/// The whole summary on one page.
pub async fn print(patient: &str) -> Result<Screen, Error> {
    let grant = open(patient).await?;
    let t = grant.texts();
    let (person, _) = store::person(&grant).await?;
    let born = t.health_born(&t.date(person.birth_date));
    let mut screen = Screen::new(
        format!("{} {}", person.given_name, person.family_name),
        format!("{born} · {}", t.health_print_lead(&t.date(grant.now().today))),
    )
    .narrow()
    .back(format!("/p/{patient}/health"), t.health_title())
    .sheet("", vec![Part::Print { label: t.health_print().into() }]);
    for (page, kinds) in PAGES.into_iter().filter(|(page, _)| !matches!(*page, "documents" | "other")) {
        let items = store::current(&grant, kinds).await?;
        let lines: Vec<String> = items.iter().filter(|item| !is_reason_for_visit(item)).map(|item| printed(&grant, item)).collect();
        let parts = if lines.is_empty() { vec![Part::text(nothing(t, kinds[0]))] } else { vec![Part::Lines(lines)] };
        screen = screen.sheet(title(t, page), parts);
        if page == "immunizations" {
            let vitals = results::screens::latest_vitals(grant.patient(), &grant).await?;
            if !vitals.is_empty() {
                screen = screen.sheet(t.health_vitals(), vec![Part::Facts(vitals)]);
            }
        }
    }
    Ok(screen)
}

/// One item with all that is known of it, in one line.
fn printed(grant: &Grant<ViewHealthSummary>, item: &Item) -> String {
    let t = grant.texts();
    let mut said: Vec<String> = item
        .facts
        .iter()
        .filter(|fact| fact.what != What::File)
        .map(|fact| match fact.what {
            What::Member | What::Activity | What::Condition | What::Dose | What::Value | What::Frequency => in_words(t, fact),
            _ => format!("{}: {}", label(t, fact.what), in_words(t, fact)),
        })
        .collect();
    said.extend(item.at.map(|at| t.date(at.with_timezone(&grant.zone()).date_naive())));
    // What is only planned is not printed as if it were done.
    let unsure = if item.state == State::Planned { format!(" ({})", t.health_planned().to_lowercase()) } else { unsure(t, item) };
    if said.is_empty() { format!("{}{unsure}", name(t, item)) } else { format!("{}{unsure}: {}", name(t, item), said.join("; ")) }
}

fn language(t: Texts, tag: &str) -> &str {
    match tag.split('-').next() {
        Some("en") => t.personal_english(),
        Some("es") => t.personal_spanish(),
        _ => tag,
    }
}

/// One page for a wallet or a fridge door.
pub async fn emergency(patient: &str) -> Result<Screen, Error> {
    let grant = open(patient).await?;
    let t = grant.texts();
    let (person, related) = store::person(&grant).await?;
    let items = store::current(&grant, &[Kind::Allergy, Kind::Condition, Kind::Medication, Kind::Device]).await?;
    let blood = results::screens::blood_group(grant.patient(), &grant).await?;
    let list = |kind: Kind| {
        let lines: Vec<String> =
            items.iter().filter(|item| item.kind == kind && !is_reason_for_visit(item)).map(|item| in_one_line(&grant, item)).collect();
        if lines.is_empty() { vec![Part::text(nothing(t, kind))] } else { vec![Part::Lines(lines)] }
    };
    let contacts: Vec<(String, String)> = related
        .into_iter()
        .filter_map(|found| {
            let relationship = found.relationship.unwrap_or_default();
            let who = if relationship.is_empty() { found.name } else { format!("{} ({relationship})", found.name) };
            Some((who, found.phone?))
        })
        .collect();
    let phone = person.phone_mobile.clone().or(person.phone_home.clone());
    let mut screen = Screen::new(t.health_emergency_title(), t.health_emergency_lead())
        .back(format!("/p/{patient}/health"), t.health_title())
        .sheet(
            format!("{} {}", person.given_name, person.family_name),
            vec![
                Part::facts([
                    (t.personal_birth_date(), Some(t.date(person.birth_date))),
                    (t.health_blood(), blood),
                    (t.personal_language(), person.language.as_deref().map(|tag| language(t, tag).to_owned())),
                    (t.personal_phone_mobile(), phone),
                ]),
                Part::Print { label: t.health_print().into() },
            ],
        )
        .sheet(t.health_allergies(), list(Kind::Allergy))
        .sheet(t.health_conditions(), list(Kind::Condition))
        .sheet(t.health_medications(), list(Kind::Medication));
    if items.iter().any(|item| item.kind == Kind::Device) {
        screen = screen.sheet(t.health_devices(), list(Kind::Device));
    }
    let contacts = if contacts.is_empty() { Part::text(t.health_no_contacts()) } else { Part::Facts(contacts) };
    Ok(screen.sheet(t.health_contacts(), vec![contacts, Part::small(t.health_as_of(&t.date(grant.now().today)))]))
}

/// The resource behind a document or another record, as the hospital sent it: FHIR as JSON.
///
/// # Errors
/// `NotFound` when there is no such thing in this chart.
pub async fn resource(patient: PatientId, id: Uuid) -> Result<String, Error> {
    let grant = allow::<ViewHealthSummary>(patient).await?;
    store::resource(&grant, id).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covid_vaccines_are_known_by_their_cvx_code() {
        assert!(is_covid_19("http://hl7.org/fhir/sid/cvx|208") && !is_covid_19("http://hl7.org/fhir/sid/cvx|20"));
        assert!(!is_covid_19("http://example.org|208"));
    }
}
