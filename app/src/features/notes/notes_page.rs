use leptos::prelude::*;

use super::api::read_notes;
use crate::{
    base::i18n::texts,
    record::{
        note::{
            NoteBody,
            wire::{Note, Notes},
        },
        summary::{VisitHeading, patient_and_visit, visit_in_address},
    },
    view::shown::{Asked, Shown, page},
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
                {note.source.map(|source| view! { <p class="meta">{source}</p> })}
                {note.signed.map(|when| view! {
                    <p class="meta">{if note.is_addendum { t.notes_added(&when) } else { t.notes_signed(&when) }}</p>
                })}
            </header>
            <NoteBody body=note.body language=note.language correction=note.correction/>
        </section>
    }
    .into_any()
}
