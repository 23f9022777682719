//! The growth charts of a child, with a table behind each.

use leptos::prelude::*;
use sea_orm::EntityTrait;

use super::{
    chart::chart,
    measured::{Measured, Taken, body_mass, by_length},
    reference::{Measure, Reference, Sex},
    words::{age_in_words, percentile, score, short},
};
use crate::{
    access::{allow, policy::ViewHealthSummary},
    base::{error::Error, i18n::Texts, ids::PatientId},
    people::patient,
    view::{
        document::{Document, Part},
        page::{Page, PageRequest},
        sections::{PrintButton, Section},
    },
};

/// Every chart for which there are measurements.
///
/// # Errors
/// `NotFound` when the chart is nobody's or closed to the caller.
pub async fn charts(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<ViewHealthSummary>(patient).await?;
    let t = grant.texts();
    let person = patient::Entity::find_by_id(patient.0).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let page = Page::new(t.growth_title(), t.growth_lead()).narrow().back(format!("/p/{patient}/health/vitals"), t.health_vitals());
    let sex = match person.sex.as_deref() {
        Some("female") => Some(Sex::Female),
        Some("male") => Some(Sex::Male),
        _ => None,
    };
    // Of a year or a month nobody knows the age at which something was measured.
    let born = person.known_birth_date().ok_or(Error::NotFound)?;
    let Measured { weights, heights, heads, masses } = Measured::read(&grant, born).await?;
    let masses = body_mass(&weights, &heights, masses);
    let by_length = by_length(&weights, &heights);
    let all = [
        (Measure::Weight, t.growth_weight(), "kg", weights),
        (Measure::Height, t.growth_height(), "cm", heights),
        (Measure::Head, t.growth_head(), "cm", heads),
        (Measure::Bmi, t.growth_bmi(), "kg/m²", masses),
    ];
    if all.iter().all(|(.., found)| found.is_empty()) {
        return Ok(page.body(view! { <Section><p class="text">{t.growth_none()}</p></Section> }));
    }
    let mut sheets: Vec<(&'static str, Vec<Part>)> = all
        .iter()
        .filter(|(.., found)| !found.is_empty())
        .map(|(measure, name, unit, found)| (*name, of_measure(t, *measure, sex, name, unit, found)))
        .collect();
    if let (Some(sex), false) = (sex, by_length.is_empty()) {
        sheets.push((t.growth_by_length(), vec![table_by_length(t, sex, by_length)]));
    }
    Ok(page.body(view! {
        <Section>
            {match sex {
                Some(_) => view! { <p class="text">{t.growth_explained()}</p><p class="meta">{t.growth_source()}</p> }.into_any(),
                None => view! { <p class="text">{t.growth_no_sex()}</p> }.into_any(),
            }}
        </Section>
        {sheets.into_iter().map(|(heading, parts)| view! { <Section heading><Document parts/></Section> }).collect_view()}
        <Section>
            <p class="meta">{t.growth_ask()}</p>
            <PrintButton label=t.health_print()/>
        </Section>
    }))
}

/// The charts of a measure, one for each reference, and its table.
fn of_measure(t: Texts, measure: Measure, sex: Option<Sex>, name: &str, unit: &str, found: &[Taken]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for reference in [Reference::Who, Reference::Cdc] {
        let here: Vec<Taken> = found.iter().copied().filter(|taken| Reference::at(taken.months) == Some(reference)).collect();
        if let Some(svg) = chart(t, reference, measure, sex, name, unit, &here) {
            let heading = match reference {
                Reference::Who => t.growth_until_two(),
                Reference::Cdc => t.growth_from_two(),
            };
            parts.extend([Part::Heading(heading.to_owned()), Part::Chart { svg }]);
        }
    }
    parts.push(table(t, measure, sex, name, unit, found));
    parts
}

fn table(t: Texts, measure: Measure, sex: Option<Sex>, name: &str, unit: &str, found: &[Taken]) -> Part {
    let rows = found
        .iter()
        .rev()
        .map(|taken| {
            let standing = sex
                .zip(Reference::at(taken.months))
                .and_then(|(sex, reference)| reference.standing(measure, sex, taken.months, taken.value));
            vec![
                t.date(taken.day),
                age_in_words(t, taken.age),
                format!("{} {unit}", short(taken.value)),
                percentile(t, standing),
                score(standing),
            ]
        })
        .collect();
    let head = [t.results_day(), t.growth_age(), t.results_value(), t.growth_percentile_head(), t.growth_z()].map(str::to_owned).into();
    Part::Table { caption: name.to_owned(), head, rows }
}

fn table_by_length(t: Texts, sex: Sex, by_length: Vec<(Taken, f64)>) -> Part {
    let rows = by_length
        .into_iter()
        .rev()
        .map(|(weight, length)| {
            let standing = Reference::Who.standing(Measure::WeightForLength, sex, length, weight.value);
            vec![
                t.date(weight.day),
                format!("{} cm", short(length)),
                format!("{} kg", short(weight.value)),
                percentile(t, standing),
                score(standing),
            ]
        })
        .collect();
    let head = [t.results_day(), t.growth_height(), t.growth_weight(), t.growth_percentile_head(), t.growth_z()].map(str::to_owned);
    Part::Table { caption: t.growth_by_length().to_owned(), head: head.into(), rows }
}
