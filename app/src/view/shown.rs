//! How a page gets on the screen, whoever made it.
//!
//! A document from the server holds its page as HTML and nothing else of it: the browser takes the HTML as it stands, without the
//! data behind it. From then on the browser asks for each page by itself and shows a skeleton meanwhile: a fragment that the
//! server made, or the answer of a typed call that it draws.

use std::{future::Future, pin::Pin, sync::Arc};

use leptos::prelude::*;
use leptos_meta::Title;
use serde::{Deserialize, Serialize};

use super::{ErrorNotice, Skeleton, error_words, fragment::Fragment, navigation};
use crate::base::{error::Error, i18n::texts};

/// A page that can be shown. Only its title is written into the document beside the HTML.
#[derive(Clone, Serialize, Deserialize)]
pub struct Shown {
    title: String,
    #[serde(skip)]
    content: Content,
}

#[derive(Clone, Default)]
enum Content {
    /// It stands in the document already.
    #[default]
    Here,
    Html(String),
    View(Arc<dyn Fn() -> AnyView + Send + Sync>),
}

impl Shown {
    /// A page that is drawn where it was asked for.
    pub fn view(title: impl Into<String>, draw: impl Fn() -> AnyView + Send + Sync + 'static) -> Self {
        Self { title: title.into(), content: Content::View(Arc::new(draw)) }
    }
}

impl From<Fragment> for Shown {
    fn from(fragment: Fragment) -> Self {
        Self { title: fragment.title, content: Content::Html(fragment.html) }
    }
}

/// A page on its way.
pub type Asked = Pin<Box<dyn Future<Output = Result<Shown, Error>> + Send>>;

/// The page that `ask` brings, asked for anew whenever `key` changes.
///
/// With each change everything below is made anew: while somebody switches to another person, however slow the network, there
/// is a skeleton and never the old person's data under the new name, and an answer that comes late has no place to go to.
pub fn page(key: Signal<String>, ask: fn(String) -> Asked) -> AnyView {
    let key = Memo::new(move |_| key.get());
    // Counts how often somebody tried again.
    let tries = RwSignal::new(0u32);
    view! {
        {move || {
            tries.track();
            one(key.get(), ask, tries)
        }}
    }
    .into_any()
}

fn one(key: String, ask: fn(String) -> Asked, tries: RwSignal<u32>) -> AnyView {
    let answer = Resource::new(|| (), move |()| ask(key.clone()));
    view! {
        <Suspense fallback=Skeleton>
            {move || Suspend::new(async move {
                match answer.await {
                    Ok(Shown { title, content }) => view! { <Title text=title/>{draw(content, true)} }.into_any(),
                    Err(error) => failed(error, tries),
                }
            })}
        </Suspense>
    }
    .into_any()
}

fn failed(error: Error, tries: RwSignal<u32>) -> AnyView {
    let (title, _) = error_words(texts(), &error, "");
    view! { <Title text=title/><ErrorNotice error again=Callback::new(move |()| tries.update(|tries| *tries += 1))/> }.into_any()
}

/// A part beside the page that `ask` brings; nothing without a key, while it is on its way, or when it cannot be had.
pub fn panel(key: Signal<Option<String>>, ask: fn(String) -> Asked) -> AnyView {
    let key = Memo::new(move |_| key.get());
    view! { {move || key.get().map(|key| one_panel(key, ask))} }.into_any()
}

fn one_panel(key: String, ask: fn(String) -> Asked) -> AnyView {
    let answer = Resource::new(|| (), move |()| ask(key.clone()));
    view! {
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                match answer.await {
                    Ok(Shown { content, .. }) => draw(content, false),
                    Err(_) => ().into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// The same element in every case, so that the browser finds what the server has written.
fn draw(content: Content, is_page: bool) -> AnyView {
    if is_page && !matches!(content, Content::Here) {
        navigation::arrive();
    }
    match content {
        Content::Here => view! { <div class="made" inner_html=String::new()></div> }.into_any(),
        Content::Html(html) => view! { <div class="made" inner_html=html></div> }.into_any(),
        #[cfg(feature = "ssr")]
        Content::View(draw) => view! { <div class="made" inner_html=super::page::html(draw())></div> }.into_any(),
        #[cfg(not(feature = "ssr"))]
        Content::View(draw) => view! { <div class="made">{draw()}</div> }.into_any(),
    }
}
