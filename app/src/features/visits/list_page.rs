use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};

use super::{
    api::list_visits,
    visit_card::VisitCard,
    wire::{Choices, Filter, Visits},
};
use crate::{
    base::{
        error::Error,
        i18n::{param, texts},
    },
    view::{
        PageHead,
        shown::{Asked, Shown, page},
    },
};

/// Visits to come, and what was said at the ones before.
#[component]
pub fn VisitsPage() -> impl IntoView {
    let (params, location) = (use_params_map(), use_location());
    page(Signal::derive(move || format!("{}?{}", params.read().get("patient").unwrap_or_default(), location.search.get())), ask)
}

fn ask(address: String) -> Asked {
    let t = texts();
    Box::pin(async move {
        let (patient, search) = address.split_once('?').ok_or(Error::NotFound)?;
        let filter = filter(search);
        let found = list_visits(patient.parse().map_err(|_| Error::NotFound)?, filter.clone()).await?;
        Ok(Shown::view(t.visits_title(), move || {
            view! {
                <PageHead title=t.visits_title() lead=t.visits_lead()/>
                <Lists found=found.clone() filter=filter.clone()/>
            }
            .into_any()
        }))
    })
}

/// What the address asks for; what it asks wrongly is not asked at all.
fn filter(search: &str) -> Filter {
    let value = |name: &str| {
        let pairs = search.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(found, _)| *found == name).map(|(_, value)| value).next()
    };
    Filter {
        year: value("year").and_then(|year| year.parse().ok()),
        department: value("department").and_then(|id| id.parse().ok()),
        clinician: value("clinician").and_then(|id| id.parse().ok()),
        page: value("page").and_then(|page| page.parse().ok()),
    }
}

#[component]
fn Lists(found: Visits, filter: Filter) -> impl IntoView {
    let t = texts();
    let whole = filter.page.unwrap_or(1) <= 1;
    let chosen = Filter { page: None, ..filter.clone() } != Filter::default();
    let nothing = found.upcoming.is_empty() && found.past.is_empty();
    let none_past = if chosen { t.visits_none_match().to_owned() } else { t.visits_none_past(&found.given_name) };
    let none_coming = if chosen { t.visits_none_match().to_owned() } else { t.visits_none_upcoming(&found.given_name) };
    view! {
        <div class="cols" class:cols--one=nothing && !chosen>
            <div>
                {whole.then(|| view! {
                    <section>
                        <h2>{t.visits_upcoming()}</h2>
                        <div class="acts"><a class="btn" href="visits/book">{t.appointments_book_title()}</a></div>
                        {found.upcoming.is_empty().then(|| view! { <p class="empty">{none_coming}</p> })}
                        {found.upcoming.into_iter().map(|visit| view! { <VisitCard visit past=false/> }).collect_view()}
                    </section>
                })}
                <section class="past">
                    <h2 id="past">{t.visits_past()}</h2>
                    {found.past.is_empty().then(|| view! { <p class="empty">{none_past}</p> })}
                    {found.past.into_iter().map(|visit| view! { <VisitCard visit past=true/> }).collect_view()}
                    <Pages page=found.page pages=found.pages filter=filter.clone()/>
                </section>
            </div>
            {(!nothing || chosen).then(|| view! { <aside class="side"><Filters choices=found.choices filter chosen/></aside> })}
        </div>
    }
}

/// A form that asks for the same page again: it works without JavaScript, and without leaving the page with it.
#[component]
fn Filters(choices: Choices, filter: Filter, chosen: bool) -> impl IntoView {
    let t = texts();
    let year = filter.year.map(|year| year.to_string());
    let years = choices.years.into_iter().map(|year| (year.to_string(), year.to_string())).collect();
    view! {
        <details class="sheet filter" open=chosen>
            <summary><h2>{t.visits_show()}</h2></summary>
            <form method="get">
            <Choice name="year" label=t.visits_year() all=t.visits_all_years() options=years chosen=year/>
            <Choice name="department" label=t.visits_department() all=t.visits_all_departments() options=choices.departments
                chosen=filter.department.map(|id| id.to_string())/>
            <Choice name="clinician" label=t.visits_clinician() all=t.visits_all_clinicians() options=choices.clinicians
                chosen=filter.clinician.map(|id| id.to_string())/>
            <div class="acts">
                <button class="btn quiet" type="submit">{t.visits_apply()}</button>
                {chosen.then(|| view! { <a class="link" href="?">{t.visits_show_all()}</a> })}
            </div>
            </form>
        </details>
    }
}

#[component]
fn Choice(
    name: &'static str,
    label: &'static str,
    all: &'static str,
    /// Value and words.
    options: Vec<(String, String)>,
    chosen: Option<String>,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select id=name name=name>
                <option value="">{all}</option>
                {options.into_iter().map(|(value, words)| {
                    let selected = chosen.as_deref() == Some(value.as_str());
                    view! { <option value=value selected=selected>{words}</option> }
                }).collect_view()}
            </select>
        </div>
    }
}

#[component]
fn Pages(page: u64, pages: u64, filter: Filter) -> impl IntoView {
    let t = texts();
    let to = move |page: u64| {
        let mut query = format!("?page={page}");
        for (name, value) in [
            ("year", filter.year.map(|year| year.to_string())),
            ("department", filter.department.map(|id| id.to_string())),
            ("clinician", filter.clinician.map(|id| id.to_string())),
        ] {
            if let Some(value) = value {
                query += &format!("&{name}={value}");
            }
        }
        query
    };
    (pages > 1).then(|| {
        view! {
            <nav class="pages" aria-label=t.visits_pages()>
                {(page > 1).then(|| view! { <a class="btn quiet" rel="prev" href=to(page - 1)>{t.visits_newer()}</a> })}
                <p>{t.visits_page_of(param::Page(&page.to_string()), param::Pages(&pages.to_string()))}</p>
                {(page < pages).then(|| view! { <a class="btn quiet" rel="next" href=to(page + 1)>{t.visits_older()}</a> })}
            </nav>
        }
    })
}
