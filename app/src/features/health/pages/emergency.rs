//! One page for a wallet or a fridge door.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::lines;
use crate::{
    access::{Grant, allow, policy::ViewHealthSummary},
    base::{
        error::Error,
        i18n::Texts,
        ids::PatientId,
        terms::{language, relationship},
    },
    features::{
        health::{
            item::is_reason_for_visit,
            line::in_one_line,
            store::{self, Item},
        },
        results,
    },
    platform::batch::Batch,
    record::item::model::{Kind, State},
    view::{
        Notice,
        document::{Document, Part},
        keep_offline::{KeepOffline, Kept},
        page::{Page, PageRequest, html},
        sections::{Facts, KeptNames, PrintButton, QuietButton, Section},
    },
};

/// What somebody who helps needs to know.
///
/// # Errors
/// `NotFound` or `AccessEnded` when this chart is not open to the caller.
pub async fn emergency(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<ViewHealthSummary>(patient).await?;
    let t = grant.texts();
    let shows_all = request.query("sensitive").as_deref() == Some("shown");
    let card = card(grant, shows_all).await?;
    let choice = (card.hidden > 0).then(|| choice(t, patient, card.hidden, shows_all));
    let page = Page::new(t.health_emergency_title(), t.health_emergency_lead());
    Ok(page.back(format!("/p/{patient}/health"), t.health_title()).body(view! {
        {choice}
        <Section heading=card.name>
            <Document parts=card.facts/>
            <PrintButton label=t.health_print()/>
            <KeepOffline id=format!("emergency:{patient}") sensitive=shows_all/>
        </Section>
        {card.rest}
    }))
}

/// The same, to be kept on a phone.
///
/// # Errors
/// As the page.
pub async fn kept(grant: Grant<ViewHealthSummary>, shows_all: bool, until: Option<DateTime<Utc>>) -> Result<Kept, Error> {
    let (t, saved) = (grant.texts(), grant.now().instant);
    let card = card(grant, shows_all).await?;
    let title = format!("{}: {}", card.name, t.health_emergency_title());
    let html = html(view! { <Document parts=card.facts/>{card.rest} });
    Ok(Kept { title, html, images: Vec::new(), saved, until })
}

struct Card {
    name: String,
    /// How many entries are sensitive.
    hidden: usize,
    facts: Vec<Part>,
    rest: AnyView,
}

async fn card(grant: Grant<ViewHealthSummary>, shows_all: bool) -> Result<Card, Error> {
    let t = grant.texts();
    const SHOWN: [Kind; 4] = [Kind::Allergy, Kind::Condition, Kind::Medication, Kind::Device];
    let mut batch = Batch::default();
    let (person, current) = (store::ask_person(&mut batch, &grant), store::Current::ask(&mut batch, &grant, &SHOWN));
    let mut answers = batch.read(grant.db()).await?;
    let ((person, related), current) = (person(&mut answers)?, current(&mut answers)?);
    let all = current.of(&SHOWN);
    // Whoever finds the card reads it: what is sensitive stands there when its owner wants it to.
    let (told, open) = (grant.without_sensitive(), current.but_sensitive(&SHOWN));
    let hidden = all.0.len() - open.0.len();
    let is_complete = hidden == 0 || shows_all;
    let (grant, (items, absences)) = if shows_all { (grant, all) } else { (told, open) };
    let blood = results::blood_group(&grant).await?;
    let list = |kind: Kind| {
        // What is only intended nobody takes yet.
        let is_taken = |item: &&Item| item.kind != Kind::Medication || item.state != State::Planned;
        let items: Vec<&Item> = items.iter().filter(|item| item.kind == kind && !is_reason_for_visit(item)).filter(is_taken).collect();
        lines(t, kind, &items, &absences, usize::MAX, |item| in_one_line(&grant, item))
    };
    let (allergies, conditions, medications) = (list(Kind::Allergy), list(Kind::Condition), list(Kind::Medication));
    let devices = items.iter().any(|item| item.kind == Kind::Device).then(|| list(Kind::Device));
    let contacts: Vec<(String, Option<String>)> = related
        .into_iter()
        .filter(|found| found.phone.is_some())
        .map(|found| {
            let relationship = found.relationship.map(|said| relationship(t, &said)).unwrap_or_default();
            (if relationship.is_empty() { found.name } else { format!("{} ({relationship})", found.name) }, found.phone)
        })
        .collect();
    let phone = person.phone_mobile.clone().or(person.phone_home.clone());
    let facts = vec![Part::facts([
        (t.personal_birth_date(), Some(t.when_as_said(&person.born()))),
        (t.health_blood(), blood),
        (t.personal_language(), person.language.as_deref().map(|tag| language(t, tag).to_owned())),
        (t.personal_phone_mobile(), phone),
    ])];
    let as_of = t.health_as_of(&t.date(grant.now().today));
    let name = format!("{} {}", person.given_name, person.family_name);
    let rest = view! {
        <Section heading=t.health_allergies()><Document parts=allergies/></Section>
        <Section heading=t.health_conditions()><Document parts=conditions/></Section>
        <Section heading=t.health_medications()><KeptNames><Document parts=medications/></KeptNames></Section>
        {devices.map(|parts| view! { <Section heading=t.health_devices()><Document parts/></Section> })}
        <Section heading=t.health_contacts()>
            {if contacts.is_empty() {
                view! { <p class="text">{t.health_no_contacts()}</p> }.into_any()
            } else {
                view! { <Facts facts=contacts/> }.into_any()
            }}
            <p class="meta">{as_of}</p>
            {(!is_complete).then(|| view! { <p class="meta">{t.health_emergency_incomplete()}</p> })}
        </Section>
    };
    Ok(Card { name, hidden, facts, rest: rest.into_any() })
}

/// Says that entries are sensitive, and leads to the card with or without them.
fn choice(t: Texts, patient: PatientId, count: usize, shown: bool) -> impl IntoView {
    let (here, count) = (format!("/p/{patient}/health/emergency"), count.to_string());
    let (says, href, label) = if shown {
        (t.health_emergency_shown(&count), here, t.health_emergency_hide())
    } else {
        (t.health_emergency_hidden(&count), format!("{here}?sensitive=shown"), t.health_emergency_show())
    };
    view! { <div class="no-print"><Notice><p class="text">{says}</p><QuietButton href label/></Notice></div> }
}
