//! A value through the years: its chart, alone or with others of its unit, and the tables behind it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::{
    access::{AccessKind, Grant, allow, policy::ViewResults},
    base::{error::Error, i18n::texts, ids::PatientId},
    features::results::{
        address::in_address,
        beside::{Beside, around},
        chart::{chart, day},
        store,
        trend::{baseline, by_unit, named_unit, other_unit},
        words::{in_words, measured, name, range_in_words, shown_unit, unit},
    },
    record::result::{entity::measurement, model::Kind},
    view::{
        document::{Document, Part},
        fields::Select,
        form::SearchForm,
        page::{Page, PageRequest},
        sections::{PrintButton, QuietButton, Section},
    },
};

/// So many others stand in one chart with a value: more lines than that cannot be told apart.
const MOST_OTHERS: usize = 3;

/// A value through the years, alone or with others of its unit.
///
/// # Errors
/// `NotFound` when nothing of that code is in the chart.
pub async fn trend(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<ViewResults>(patient).await?;
    let t = grant.texts();
    let code = request.query("code").ok_or(Error::NotFound)?;
    let mut by_unit = by_unit(store::series(&grant, &code).await?).into_iter();
    let values = by_unit.next().ok_or(Error::NotFound)?;
    let last = values.last().ok_or(Error::NotFound)?;
    let in_other_units: Vec<Vec<measurement::Model>> = by_unit.collect();
    let with_unit = values.iter().rev().find(|value| value.unit.is_some());
    let choices: Vec<(String, String)> = match with_unit.and_then(|value| value.unit.as_deref()) {
        Some(unit) => store::in_unit(&grant, unit).await?.into_iter().filter(|(found, _)| *found != code).collect(),
        None => Vec::new(),
    };
    let mut chosen: Vec<String> = request.queries("with");
    let mut seen = HashSet::new();
    chosen.retain(|code| choices.iter().any(|(found, _)| found == code) && seen.insert(code.clone()));
    chosen.truncate(MOST_OTHERS);
    let others = others(&grant, &chosen, &values).await?;
    let lines: Vec<&[measurement::Model]> = std::iter::once(&values).chain(&others).map(Vec::as_slice).collect();
    let names: Vec<String> = lines.iter().filter_map(|line| line.last()).map(|value| name(t, value)).collect();
    let back = if last.kind == Kind::Vital {
        (format!("/p/{patient}/health/vitals"), t.health_vitals())
    } else {
        (format!("/p/{patient}/results"), t.results_title())
    };
    let in_unit = with_unit.map(|value| t.results_in_unit(shown_unit(t, value))).unwrap_or_default();
    let title = names.join(" · ");
    let mut parts: Vec<Part> = chart(&grant, &title, &lines).map(|svg| Part::Chart { svg }).into_iter().collect();
    if others.is_empty() {
        parts.extend(last.low.or(last.high).map(|_| Part::small(t.results_band())));
    } else {
        parts.push(Part::Legend(names));
    }
    parts.extend(baseline(t, &values, whose(&grant).await?.as_deref()).map(Part::Text));
    parts.extend(in_other_units.iter().map(|line| Part::small(other_unit(t, line))));
    let table = if others.is_empty() { table_of(&grant, &title, &values) } else { table_together(&grant, &title, &lines) };
    let mut tables = vec![(title.clone(), vec![table])];
    tables.extend(in_other_units.iter().map(|line| {
        let name = named_unit(t, line);
        let table = table_of(&grant, &name, line);
        (name, vec![table])
    }));
    let all: Vec<&measurement::Model> =
        lines.iter().copied().chain(in_other_units.iter().map(Vec::as_slice)).flat_map(|line| line.iter().rev()).collect();
    let around = around(&grant, &all).await?;
    let csv = format!("/files/trend/{patient}?code={}", in_address(&code));
    Ok(Page::new(title, in_unit).narrow().back(back.0, back.1).body(view! {
        <Section>
            <Document parts/>
            {(!choices.is_empty()).then(|| view! { <Compare code chosen choices/> })}
        </Section>
        {tables.into_iter().map(|(heading, parts)| view! { <Section heading><Document parts/></Section> }).collect_view()}
        <Section><Beside around/></Section>
        <Section>
            <QuietButton href=csv label=t.results_csv()/>
            <PrintButton label=t.health_print()/>
        </Section>
    }))
}

/// What stands in the same chart, in the same unit.
async fn others(
    grant: &Grant<ViewResults>,
    codes: &[String],
    values: &[measurement::Model],
) -> Result<Vec<Vec<measurement::Model>>, Error> {
    let Some(newest) = values.iter().rev().find(|value| value.unit.is_some()) else { return Ok(Vec::new()) };
    let mut others = store::series_of(grant, &codes.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    for line in &mut others {
        line.retain(|value| unit(value).is_same(unit(newest)));
    }
    others.retain(|line| !line.is_empty());
    Ok(others)
}

/// One choice more than was made, as far as lines can be told apart.
#[component]
fn Compare(code: String, chosen: Vec<String>, choices: Vec<(String, String)>) -> impl IntoView {
    let t = texts();
    let count = (chosen.len() + 1).min(MOST_OTHERS).min(choices.len());
    let all: Vec<(String, String)> = std::iter::once((String::new(), t.results_alone().to_owned())).chain(choices).collect();
    let fields = (0..count).map(move |number| {
        let (id, label) =
            if number == 0 { ("with".to_owned(), t.results_compare()) } else { (format!("with-{number}"), t.results_compare_also()) };
        let value = chosen.get(number).cloned().unwrap_or_default();
        view! { <Select name="with" id label choices=all.clone() value optional=true/> }
    });
    view! {
        <SearchForm submit=t.results_compare_show()>
            <input type="hidden" name="code" value=code/>
            {fields.collect_view()}
        </SearchForm>
    }
}

/// Newest first, with range and words.
fn table_of(grant: &Grant<ViewResults>, caption: &str, values: &[measurement::Model]) -> Part {
    let t = grant.texts();
    let rows = values
        .iter()
        .rev()
        .map(|value| {
            let (range, words) = (range_in_words(t, value).unwrap_or_default(), in_words(t, value).unwrap_or_default());
            vec![day(grant, value), measured(t, value), range, words]
        })
        .collect();
    let head = [t.results_day(), t.results_value(), t.results_range(), t.results_says()].map(str::to_owned).into();
    Part::Table { caption: caption.to_owned(), head, rows }
}

/// Newest first, a column for each line; what was measured at one moment stands in one row.
fn table_together(grant: &Grant<ViewResults>, caption: &str, lines: &[&[measurement::Model]]) -> Part {
    let t = grant.texts();
    let mut moments: Vec<DateTime<Utc>> = lines.iter().flat_map(|line| line.iter()).map(|value| value.taken_at).collect();
    moments.sort_unstable();
    moments.dedup();
    let at = |line: &[measurement::Model], moment: DateTime<Utc>| {
        line.iter().filter(|value| value.taken_at == moment).map(|value| measured(t, value)).collect::<Vec<_>>().join("; ")
    };
    let day_of = |moment: DateTime<Utc>| {
        lines.iter().flat_map(|line| line.iter()).find(|value| value.taken_at == moment).map(|value| day(grant, value)).unwrap_or_default()
    };
    let rows: Vec<Vec<String>> = moments
        .into_iter()
        .rev()
        .map(|moment| std::iter::once(day_of(moment)).chain(lines.iter().map(|line| at(line, moment))).collect())
        .collect();
    let names = lines.iter().filter_map(|line| line.last()).map(|value| name(t, value));
    Part::Table { caption: caption.to_owned(), head: std::iter::once(t.results_day().to_owned()).chain(names).collect(), rows }
}

/// The given name of whoever the chart is about, when that is somebody else than the reader.
async fn whose(grant: &Grant<ViewResults>) -> Result<Option<String>, Error> {
    if grant.access_kind() == AccessKind::Own {
        return Ok(None);
    }
    Ok(Some(grant.person()?.given_name.clone()))
}
