//! What pages of the server are built from.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use leptos::prelude::*;

use super::{link::Link, page::PageRequest};
use crate::base::i18n::texts;

/// How many headings stand above: the headings of items are one below.
#[derive(Clone, Copy)]
struct UnderHeading(bool);

pub(super) fn is_under_heading() -> bool {
    use_context::<UnderHeading>().is_none_or(|UnderHeading(under)| under)
}

/// Names that a browser must not translate, such as those of medicines: "Lasix" is no word of any language.
#[derive(Clone, Copy)]
struct Untranslated(bool);

pub(super) fn translate() -> Option<&'static str> {
    use_context::<Untranslated>().is_some_and(|Untranslated(untranslated)| untranslated).then_some("no")
}

/// Titles and lists in it stay as they are when a browser translates the page.
#[component]
pub fn KeptNames(#[prop(default = true)] kept: bool, children: Children) -> impl IntoView {
    provide_context(Untranslated(kept));
    let children = children();
    provide_context(Untranslated(false));
    children
}

/// A card with a heading; an `id` lets links point at it.
#[component]
pub fn Section(#[prop(optional, into)] heading: String, #[prop(optional, into)] id: Option<String>, children: Children) -> impl IntoView {
    provide_context(UnderHeading(!heading.is_empty()));
    let children = children();
    let heading = (!heading.is_empty()).then(|| view! { <h2>{heading}</h2> });
    provide_context(UnderHeading(true));
    view! { <section class="sheet stack" id=id>{heading}{children}</section> }.into_any()
}

/// Where somebody is in a process of several pages.
#[component]
pub fn Steps<const N: usize>(labels: [&'static str; N], current: usize) -> impl IntoView {
    let steps = labels.into_iter().enumerate().map(|(index, label)| {
        let here = (index == current).then_some("step");
        view! { <li class:is-done=index < current aria-current=here>{label}</li> }
    });
    view! { <ol class="steps" aria-label=texts().ui_steps()>{steps.collect_view()}</ol> }
}

/// A part of a page that is asked for anew when something changed: in one thread, or in any (`public/page.js`).
#[component]
pub fn LivePart(id: &'static str, #[prop(optional_no_strip)] of: Option<uuid::Uuid>, children: Children) -> impl IntoView {
    let of = of.map(|of| of.to_string()).unwrap_or_default();
    view! { <div class="live" id=id data-live=of>{children()}</div> }
}

/// A part of a page that is asked for anew every so many seconds while it is looked at (`public/page.js`): of what changes without
/// anybody telling, such as how long somebody waits.
#[component]
pub fn RenewedPart(id: &'static str, seconds: u32, children: Children) -> impl IntoView {
    view! { <div class="live" id=id data-every=seconds.to_string()>{children()}</div> }
}

/// Says aloud that such a part was renewed; where no script runs, when the page was made, and how to see it anew.
#[component]
pub fn LiveStatus(#[prop(into)] made_at: String) -> impl IntoView {
    let t = texts();
    let here = use_context::<PageRequest>().map(|request| request.path().to_owned()).unwrap_or_default();
    view! {
        <p class="visually-hidden" role="status" data-renewed=t.ui_renewed()></p>
        <p class="meta without-script">{made_at}" "<a href=here>{t.ui_look_again()}</a></p>
    }
}

/// Labels with their values; what has no value is left out.
#[component]
pub fn Facts(facts: Vec<(String, Option<String>)>) -> impl IntoView {
    let rows = facts.into_iter().filter_map(|(label, value)| Some(view! { <div><dt>{label}</dt><dd>{value?}</dd></div> }));
    view! { <dl class="list">{rows.collect_view()}</dl> }
}

/// Ways on to other pages, one under the other, each with a word on what is there.
#[component]
pub fn LinkList(links: Vec<(Link, String)>) -> impl IntoView {
    let rows = links.into_iter().map(|(link, says)| {
        let rel = link.rel();
        view! { <li><a href=link.href rel=rel><b>{link.label}</b><span>{says}</span></a></li> }
    });
    view! { <ul class="ways">{rows.collect_view()}</ul> }
}

/// Links that look like buttons; with `main`, the first stands out.
#[component]
pub fn Buttons(links: Vec<Link>, #[prop(optional)] main: bool) -> impl IntoView {
    let links = links.into_iter().enumerate().map(|(index, link)| {
        let rel = link.rel();
        view! { <a class="btn" class:quiet=!(main && index == 0) href=link.href rel=rel>{link.label}</a> }
    });
    view! { <div class="acts no-print">{links.collect_view()}</div> }
}

/// The one main way on.
#[component]
pub fn MainButton(#[prop(into)] href: String, #[prop(into)] label: String) -> impl IntoView {
    view! { <Buttons links=vec![Link::new(href, label)] main=true/> }
}

/// A way on that does not stand out.
#[component]
pub fn QuietButton(#[prop(into)] href: String, #[prop(into)] label: String) -> impl IntoView {
    view! { <Buttons links=vec![Link::new(href, label)]/> }
}

/// A small link that does not stand out at all.
#[component]
pub fn AsideLink(#[prop(into)] href: String, #[prop(into)] label: String) -> impl IntoView {
    view! { <p class="aside no-print"><a href=href>{label}</a></p> }
}

/// A word on the state of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    pub text: String,
    pub tone: Tone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    Neutral,
    /// To be looked at before going on.
    Warning,
    /// Over, refused, called off.
    Muted,
}

impl Tag {
    pub fn good(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Good }
    }

    pub fn neutral(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Neutral }
    }

    pub fn warning(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Warning }
    }

    pub fn muted(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Muted }
    }

    pub fn draw(self) -> AnyView {
        let class = match self.tone {
            Tone::Good => "tag",
            Tone::Neutral => "tag tag--plain",
            Tone::Warning => "tag tag--warn",
            Tone::Muted => "tag tag--off",
        };
        view! { <span class=class>{self.text}</span> }.into_any()
    }
}

/// One thing of several, with what can be done about it.
#[component]
pub fn Item(
    #[prop(into)] title: String,
    #[prop(optional_no_strip)] tag: Option<Tag>,
    /// Small lines under the title.
    #[prop(optional)]
    lines: Vec<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let heading = item_heading(title);
    let lines = lines.into_iter().map(|line| view! { <p class="meta">{line}</p> }).collect_view();
    let before = use_context::<UnderHeading>();
    provide_context(UnderHeading(true));
    let children = children.map(|children| children());
    if let Some(before) = before {
        provide_context(before);
    }
    view! {
        <article class="entry">
            <div class="entry__head">{heading}{tag.map(Tag::draw)}</div>
            {lines}
            {children}
        </article>
    }
    .into_any()
}

/// A heading inside of a section, one level below what stands above it.
pub fn item_heading(words: String) -> AnyView {
    let translate = translate();
    if is_under_heading() {
        view! { <h3 translate=translate>{words}</h3> }.into_any()
    } else {
        view! { <h2 translate=translate>{words}</h2> }.into_any()
    }
}

/// Something to copy or read out, large.
#[component]
pub fn LargeCode(#[prop(into)] label: String, #[prop(into)] text: String) -> impl IntoView {
    view! { <p class="code"><span>{label}</span><b>{text}</b></p> }
}

/// A table that scrolls by itself where it is too wide.
#[component]
pub fn Table(#[prop(into)] caption: String, head: Vec<String>, rows: Vec<Vec<String>>) -> impl IntoView {
    let head = head.into_iter().map(|cell| view! { <th scope="col">{cell}</th> }).collect_view();
    let rows = rows.into_iter().map(|row| {
        let cells = row.into_iter().map(|cell| view! { <td>{cell}</td> }).collect_view();
        view! { <tr>{cells}</tr> }
    });
    let label = caption.clone();
    view! {
        <div class="table" tabindex="0" role="region" aria-label=label>
            <table>
                <caption class="visually-hidden">{caption}</caption>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// Opens on demand; a form within it that comes back with a problem opens it.
#[component]
pub fn Disclosure(#[prop(into)] summary: String, #[prop(optional)] open: bool, children: Children) -> impl IntoView {
    let holds = HoldsProblem::default();
    provide_context(holds.clone());
    let children = children();
    let open = open || holds.0.load(Ordering::Relaxed);
    view! { <details class="more" open=open><summary>{summary}</summary><div class="stack">{children}</div></details> }
}

/// Whether a form within a [`Disclosure`] came back with a problem, which must not be hidden.
#[derive(Clone, Default)]
pub struct HoldsProblem(Arc<AtomicBool>);

impl HoldsProblem {
    /// Called by the form.
    pub fn tell() {
        if let Some(holds) = use_context::<Self>() {
            holds.0.store(true, Ordering::Relaxed);
        }
    }
}

/// How far something is that goes on without the reader.
#[component]
pub fn Progress(#[prop(into)] label: String, percent: i32) -> impl IntoView {
    let name = label.clone();
    view! { <p class="progress"><span>{label}</span><progress aria-label=name max="100" value=percent.to_string()></progress></p> }
}

/// Prints the page; nothing without JavaScript. `site::enhance` attaches to the attribute.
#[component]
pub fn PrintButton(#[prop(into)] label: String) -> impl IntoView {
    view! { <button class="btn quiet needs-wasm no-print" type="button" data-print="">{label}</button> }
}

/// Asks the browser for a passkey: a `new` one, or to sign in with one; nothing without JavaScript. `site::enhance` attaches to
/// the attribute.
#[component]
pub fn PasskeyButton(#[prop(into)] label: String, #[prop(optional)] new: bool) -> impl IntoView {
    let kind = if new { "new" } else { "sign-in" };
    view! {
        <div class="needs-wasm">
            <button class="btn quiet" type="button" data-passkey=kind>{label}</button>
            <p class="problem" data-passkey-problem=texts().passkey_problem()></p>
        </div>
    }
}
