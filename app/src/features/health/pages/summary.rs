//! All that is known, in short.

use leptos::prelude::*;

use super::lines;
use crate::{
    access::{allow, policy::ViewHealthSummary},
    base::{error::Error, i18n::Texts, ids::PatientId},
    features::{
        health::{
            item::is_reason_for_visit,
            line::in_one_line,
            page::HealthPage,
            store::{self, Item},
        },
        results,
    },
    record::item::{model::Kind, vaccines::is_covid_19},
    view::{
        document::{Document, Part},
        link::Link,
        page::{Page, PageRequest},
        sections::{Buttons, KeptNames, LinkList, Section},
    },
};

/// The kinds that stand on the summary itself.
const SHOWN: [Kind; 4] = [Kind::Condition, Kind::Allergy, Kind::Medication, Kind::Immunization];
/// So many items of a kind stand there.
const MOST: usize = 6;

/// All that is known, in short; each part leads to its page.
///
/// # Errors
/// `NotFound` or `AccessEnded` when this chart is not open to the caller.
pub async fn summary(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<ViewHealthSummary>(patient).await?;
    let t = grant.texts();
    let base = format!("/p/{patient}/health");
    let (items, absences) = store::current_and_absent(&grant, &SHOWN).await?;
    let (counts, letters) = store::counts(&grant).await?;
    let mut sheets: Vec<(&'static str, Vec<Part>)> = Vec::new();
    for kind in SHOWN {
        let mut here: Vec<&Item> = items.iter().filter(|item| item.kind == kind && !is_reason_for_visit(item)).collect();
        if kind == Kind::Immunization {
            // What people look for first.
            here.sort_by_key(|item| !item.code.as_deref().is_some_and(is_covid_19));
        }
        let page = HealthPage::of(kind);
        let mut parts = lines(t, kind, &here, &absences, MOST, |item| in_one_line(&grant, item));
        parts.push(Part::button(format!("{base}/{}", page.name()), t.health_all(&page.title(t).to_lowercase())));
        sheets.push((page.title(t), parts));
    }
    let vitals = results::latest_vitals(&grant).await?;
    if !vitals.is_empty() {
        let all = Part::button(format!("{base}/vitals"), t.health_all(&t.health_vitals().to_lowercase()));
        sheets.push((t.health_vitals(), vec![Part::Facts(vitals), all]));
    }
    let others = HealthPage::ALL.into_iter().filter(|page| !page.kinds().iter().any(|kind| SHOWN.contains(kind)));
    let others = others.map(|page| {
        let of_kinds: i64 = counts.iter().filter(|(kind, _)| page.kinds().contains(kind)).map(|(_, count)| count).sum();
        let letters = if page == HealthPage::Documents { letters } else { 0 };
        (Link::new(format!("{base}/{}", page.name()), page.title(t)), how_many(t, of_kinds + letters))
    });
    let others = others.collect();
    let ways = vec![
        Link::new(format!("{base}/print"), t.health_print_title()),
        Link::new(format!("{base}/emergency"), t.health_emergency_title()),
        Link::new(format!("{base}/credentials"), t.credentials_title()),
        Link::new(format!("/p/{patient}/share"), t.share_title()),
        Link::new(format!("/p/{patient}/take-along"), t.take_title()),
    ];
    Ok(Page::new(t.health_title(), t.health_lead()).body(view! {
        <Section><Buttons links=ways/></Section>
        {sheets.into_iter().map(|(heading, parts)| view! {
            <Section heading><KeptNames kept=heading == HealthPage::Medications.title(t)><Document parts/></KeptNames></Section>
        }).collect_view()}
        <Section heading=t.health_more()><LinkList links=others/></Section>
    }))
}

fn how_many(t: Texts, count: i64) -> String {
    match count {
        0 => t.health_none().to_owned(),
        1 => t.health_one().to_owned(),
        _ => t.health_count(&count.to_string()),
    }
}
