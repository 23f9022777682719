use leptos::prelude::*;

use super::api::read_notes;
use crate::{
    base::i18n::texts,
    record::{
        note::{
            model::Block,
            wire::{Body, Note, Notes},
        },
        summary::{VisitHeading, patient_and_visit, visit_in_address},
    },
    view::{
        Icon,
        shown::{Asked, Shown, page},
    },
};

/// What was written about one visit.
#[component]
pub fn NotesPage() -> impl IntoView {
    page(visit_in_address(), ask)
}

fn ask(address: String) -> Asked {
    let title = texts().notes_title();
    Box::pin(async move {
        let (patient, visit) = patient_and_visit(&address)?;
        let found = read_notes(patient, visit).await?;
        Ok(Shown::view(title, move || view! { <Letter found=found.clone()/> }.into_any()))
    })
}

#[component]
fn Letter(found: Notes) -> impl IntoView {
    let t = texts();
    view! {
        <article class="letter">
            <VisitHeading visit=found.visit title=t.notes_title()/>
            {found.notes.into_iter().map(|note| view! { <NoteSection note/> }).collect_view()}
            <p class="meta">{t.notes_question()}</p>
        </article>
    }
}

#[component]
fn NoteSection(note: Note) -> impl IntoView {
    let t = texts();
    let by = [note.author, note.role].into_iter().flatten().collect::<Vec<_>>().join(", ");
    view! {
        <section class="sheet note" class:note--addendum=note.is_addendum>
            <header class="note__head">
                {note.is_addendum.then(|| view! { <p class="tag">{t.notes_addendum()}</p> })}
                <h2>{note.title}</h2>
                <p class="meta">{by}</p>
                {note.signed.map(|when| view! {
                    <p class="meta">{if note.is_addendum { t.notes_added(&when) } else { t.notes_signed(&when) }}</p>
                })}
            </header>
            <NoteBody body=note.body language=note.language correction=note.correction/>
        </section>
    }
    .into_any()
}

/// The words themselves, or why they are not here.
#[component]
pub fn NoteBody(body: Body, language: Option<String>, correction: Option<String>) -> impl IntoView {
    let t = texts();
    let wrong = |number: Option<usize>| {
        correction.as_ref().map(|address| {
            let address = number.map_or_else(|| address.clone(), |number| format!("{address}:{number}"));
            match number {
                Some(_) => view! {
                    " "<a class="wrong no-print" href=address title=t.correction_title() aria-label=t.correction_title()>{Icon::Wrong.draw()}</a>
                }
                .into_any(),
                None => view! { <p class="aside no-print"><a href=address>{t.correction_title()}</a></p> }.into_any(),
            }
        })
    };
    match body {
        Body::KeptBack => view! { <p class="kept">{t.notes_kept_back()}</p> }.into_any(),
        Body::Unsigned => view! { <p class="kept">{t.notes_unsigned()}</p> }.into_any(),
        Body::Html(html) => view! { <div class="prose" lang=language inner_html=html></div>{wrong(None)} }.into_any(),
        Body::Blocks(blocks) => view! {
            <div class="prose" lang=language>
                {blocks.into_iter().enumerate().map(|(number, block)| match block {
                    Block::Heading(words) => view! { <h3>{words}</h3> }.into_any(),
                    Block::Paragraph(words) => view! { <p>{words}{wrong(Some(number))}</p> }.into_any(),
                    Block::List(items) => {
                        let last = items.len();
                        let items = items.into_iter().enumerate().map(|(place, item)| {
                            view! { <li>{item}{if place + 1 == last { wrong(Some(number)) } else { None }}</li> }
                        });
                        view! { <ul>{items.collect_view()}</ul> }.into_any()
                    }
                }).collect_view()}
            </div>
        }
        .into_any(),
    }
}
