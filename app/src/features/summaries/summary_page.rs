use leptos::prelude::*;

use super::api::read_summary;
use crate::{
    base::i18n::texts,
    record::{
        note::NoteBody,
        summary::{
            VisitHeading, patient_and_visit, visit_in_address,
            wire::{Line, Summary},
        },
    },
    view::shown::{Asked, Shown, page},
};

/// What was found, what changes, and what to do next.
#[component]
pub fn SummaryPage() -> impl IntoView {
    page(visit_in_address(), ask)
}

fn ask(address: String) -> Asked {
    let title = texts().summary_title();
    Box::pin(async move {
        let (patient, visit) = patient_and_visit(&address)?;
        let found = read_summary(patient, visit).await?;
        Ok(Shown::view(title, move || view! { <Letter found=found.clone()/> }.into_any()))
    })
}

#[component]
fn Letter(found: Summary) -> impl IntoView {
    let t = texts();
    let medicines = !(found.started.is_empty() && found.changed.is_empty() && found.stopped.is_empty());
    let next = !(found.instructions.is_empty() && found.follow_ups.is_empty());
    view! {
        <article class="letter">
            <VisitHeading visit=found.visit title=t.summary_title()/>
            {next.then(|| view! {
                <section class="sheet next">
                    <h2>{t.summary_next()}</h2>
                    {found.instructions.into_iter().map(|body| view! { <NoteBody body language=None correction=None/> }).collect_view()}
                    {(!found.follow_ups.is_empty()).then(|| view! {
                        <h3>{t.summary_follow_ups()}</h3>
                        <Lines lines=found.follow_ups/>
                    })}
                </section>
            })}
            {medicines.then(|| view! {
                <section class="sheet">
                    <h2>{t.summary_medicines()}</h2>
                    <Group title=t.summary_start() lines=found.started/>
                    <Group title=t.summary_change() lines=found.changed/>
                    <Group title=t.summary_stop() lines=found.stopped/>
                </section>
            })}
            {found.reason.map(|reason| view! { <section class="sheet"><h2>{t.summary_reason()}</h2><p>{reason}</p></section> })}
            <Part title=t.summary_diagnoses() lines=found.diagnoses/>
            {(!found.vitals.is_empty()).then(|| view! {
                <section class="sheet">
                    <h2>{t.summary_vitals()}</h2>
                    <dl class="vitals">
                        {found.vitals.into_iter().map(|line| view! { <div><dt>{line.text}</dt><dd>{line.detail}</dd></div> }).collect_view()}
                    </dl>
                </section>
            })}
            <Part title=t.summary_tests() lines=found.tests/>
            <div class="acts no-print">
                {found.has_notes.then(|| view! { <a class="btn" href="notes">{t.visits_view_notes()}</a> })}
                <button class="btn quiet needs-wasm" type="button" data-print="">{t.summary_print()}</button>
            </div>
        </article>
    }
    .into_any()
}

#[component]
fn Part(title: &'static str, lines: Vec<Line>) -> impl IntoView {
    (!lines.is_empty()).then(|| view! { <section class="sheet"><h2>{title}</h2><Lines lines/></section> })
}

#[component]
fn Group(title: &'static str, lines: Vec<Line>) -> impl IntoView {
    (!lines.is_empty()).then(|| view! { <h3>{title}</h3><Lines lines translate="no"/> })
}

#[component]
fn Lines(
    lines: Vec<Line>,
    /// "no" of names that a browser must not translate.
    #[prop(optional)]
    translate: Option<&'static str>,
) -> impl IntoView {
    let t = texts();
    view! {
        <ul class="lines">
            {lines.into_iter().map(|line| view! {
                <li><b translate=translate>{line.text}</b>
                    {line.detail.map(|detail| view! { <span>{detail}</span> })}
                    {line.due.map(|day| view! { <span class="due">{t.summary_by(&day)}</span> })}
                </li>
            }).collect_view()}
        </ul>
    }
}
