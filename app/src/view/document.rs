//! What the record says, as data: a page draws it as HTML, and a file of the record as PDF, as HTML of its own, or as the
//! narrative of a FHIR document. Only content of the record is told so; everything else on a page is a component.

use leptos::prelude::*;
use qrcode::EcLevel;

use super::{
    link::Link,
    qr,
    sections::{AsideLink, Buttons, Disclosure, Facts, Item, Table, Tag, item_heading, translate},
};
use crate::base::i18n::Texts;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Text(String),
    Small(String),
    Heading(String),
    /// Things of one kind.
    Lines(Vec<String>),
    /// Label and value.
    Facts(Vec<(String, String)>),
    /// The words of the record, or of somebody.
    Quote(String),
    /// A small link that does not stand out; on pages only.
    Aside(Link),
    /// Ways on to other pages; on pages only.
    Buttons(Vec<Link>),
    /// One thing of several.
    Entry {
        title: String,
        tag: Option<Tag>,
        lines: Vec<String>,
        parts: Vec<Part>,
    },
    Table {
        caption: String,
        head: Vec<String>,
        rows: Vec<Vec<String>>,
    },
    /// A drawing that the server made: SVG, with everything that came from elsewhere escaped; on pages only.
    Chart {
        svg: String,
    },
    /// The names of the lines of a chart, in their order.
    Legend(Vec<String>),
    /// A QR code of an address.
    Code {
        text: String,
        alt: String,
    },
    /// Sanitised when it came in.
    Html(String),
    /// Opens on demand.
    More {
        summary: String,
        parts: Vec<Part>,
    },
}

impl Part {
    pub fn text(text: impl Into<String>) -> Self {
        Part::Text(text.into())
    }

    pub fn small(text: impl Into<String>) -> Self {
        Part::Small(text.into())
    }

    /// Labels with their values; what has no value is left out.
    pub fn facts<const N: usize>(facts: [(&str, Option<String>); N]) -> Self {
        Part::Facts(facts.into_iter().filter_map(|(label, value)| Some((label.to_owned(), value?))).collect())
    }

    pub fn button(href: impl Into<String>, label: impl Into<String>) -> Self {
        Part::Buttons(vec![Link::new(href, label)])
    }

    /// Without links, buttons and charts, which lead nowhere outside of the portal.
    pub fn outside_of_the_portal(parts: Vec<Part>) -> Vec<Part> {
        let keeps = |part: &Part| !matches!(part, Part::Aside(_) | Part::Buttons(_) | Part::Chart { .. });
        let within = |part| match part {
            Part::Entry { title, tag, lines, parts } => Part::Entry { title, tag, lines, parts: Self::outside_of_the_portal(parts) },
            Part::More { summary, parts } => Part::More { summary, parts: Self::outside_of_the_portal(parts) },
            part => part,
        };
        parts.into_iter().filter(keeps).map(within).collect()
    }
}

/// A document of its own, such as a letter or a receipt: a page shows its parts, and a file holds it whole.
pub struct Paper {
    pub texts: Texts,
    /// The name of its file, without an ending.
    pub file: String,
    /// Whose it is.
    pub name: String,
    /// What stands under the name.
    pub lines: Vec<String>,
    pub title: String,
    pub parts: Vec<Part>,
}

/// Parts of a document on a page.
#[component]
pub fn Document(parts: Vec<Part>) -> impl IntoView {
    parts.into_iter().map(draw).collect_view()
}

fn draw(part: Part) -> AnyView {
    match part {
        Part::Text(text) => view! { <p class="text">{text}</p> }.into_any(),
        Part::Small(text) => view! { <p class="meta">{text}</p> }.into_any(),
        Part::Heading(text) => item_heading(text),
        Part::Lines(lines) => list("dots", lines),
        Part::Facts(facts) => {
            let facts = facts.into_iter().map(|(label, value)| (label, Some(value))).collect();
            view! { <Facts facts/> }.into_any()
        }
        Part::Quote(text) => view! { <blockquote class="quote">{text}</blockquote> }.into_any(),
        Part::Aside(link) => view! { <AsideLink href=link.href label=link.label/> }.into_any(),
        Part::Buttons(links) => view! { <Buttons links/> }.into_any(),
        Part::Entry { title, tag, lines, parts } => view! { <Item title tag lines><Document parts/></Item> }.into_any(),
        Part::Table { caption, head, rows } => view! { <Table caption head rows/> }.into_any(),
        Part::Chart { svg } => view! { <div class="figure" inner_html=svg></div> }.into_any(),
        Part::Legend(names) => list("legend", names),
        Part::Code { text, alt } => {
            qr::picture(&text, EcLevel::M, 220).ok().map(|src| view! { <img class="picture" src=src alt=alt/> }).into_any()
        }
        Part::Html(html) => view! { <div class="prose" inner_html=html></div> }.into_any(),
        Part::More { summary, parts } => view! { <Disclosure summary><Document parts/></Disclosure> }.into_any(),
    }
}

fn list(class: &'static str, lines: Vec<String>) -> AnyView {
    let lines = lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
    view! { <ul class=class translate=translate()>{lines}</ul> }.into_any()
}
