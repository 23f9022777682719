use leptos::prelude::*;

use super::{model::Block, wire::Body};
use crate::{base::i18n::texts, view::Icon};

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
