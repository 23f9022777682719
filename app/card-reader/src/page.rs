//! The page in the browser: what its forms would send to the server is checked here, so that no card leaves the device and
//! the page goes on without a network. Without this module, the forms do the same on the server.

use std::cell::RefCell;

use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Document, Element, Event, File, HtmlCanvasElement, HtmlElement, HtmlFormElement, HtmlInputElement, HtmlTextAreaElement, Response,
};

use crate::{
    camera,
    card::{Fault, TrustedIssuer, find, together},
    picture,
    report::{Report, Words, no_card, reports},
};

/// Where the server tells whose cards are believed.
const ISSUERS: &str = "/verify/issuers.json";
/// What the page's forms would be sent to.
const ACTION: &str = "/api/credentials/check";

thread_local! {
    static TRUST: RefCell<Vec<TrustedIssuer>> = const { RefCell::new(Vec::new()) };
    /// Codes of a card in several parts, as far as they were shown.
    static SEEN: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs once in a document, also when the page is left and opened again: so everything is found when it is needed.
#[wasm_bindgen(start)]
pub fn start() {
    spawn_local(async {
        // Without the list the forms stay what they are: the server knows it.
        let Ok(issuers) = load().await else { return };
        TRUST.set(issuers);
        listen("submit", |event| {
            if let Some(form) = target::<HtmlFormElement>(&event) {
                submitted(&event, &form);
            }
        });
        listen("click", |event| match target::<Element>(&event).and_then(|button| button.get_attribute("data-card")).as_deref() {
            Some("scan") => spawn_local(camera::scan()),
            Some("stop") => camera::stop(),
            _ => {}
        });
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-card-reader", "");
        }
    });
}

async fn load() -> Result<Vec<TrustedIssuer>, JsValue> {
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let answer: Response = JsFuture::from(window.fetch_with_str(ISSUERS)).await?.dyn_into()?;
    let text = JsFuture::from(answer.text()?).await?.as_string().unwrap_or_default();
    serde_json::from_str(&text).map_err(|error| JsValue::from_str(&error.to_string()))
}

#[expect(clippy::expect_used, reason = "this module runs in documents only")]
pub fn document() -> Document {
    web_sys::window().and_then(|window| window.document()).expect("a document")
}

pub fn element<T: JsCast>(id: &str) -> Option<T> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// The sentences of the page, which the server wrote into it.
pub fn words() -> Option<Words> {
    serde_json::from_str(&element::<Element>("card-reader")?.get_attribute("data-words")?).ok()
}

fn listen(event: &str, answer: impl Fn(Event) + 'static) {
    let answer = Closure::<dyn Fn(Event)>::new(answer);
    let _ = document().add_event_listener_with_callback(event, answer.as_ref().unchecked_ref());
    // It listens as long as the document is there.
    answer.forget();
}

fn target<T: JsCast>(event: &Event) -> Option<T> {
    event.target()?.dyn_into().ok()
}

fn submitted(event: &Event, form: &HtmlFormElement) {
    let ours = form.get_attribute("action").is_some_and(|action| action.starts_with(ACTION));
    let Some(words) = words().filter(|_| ours) else { return };
    let field = |selector: &str| form.query_selector(selector).ok().flatten();
    if let Some(text) = field("textarea[name=card]").and_then(|found| found.dyn_into::<HtmlTextAreaElement>().ok()) {
        event.prevent_default();
        check(&text.value(), &words);
    } else if let Some(input) = field("input[name=card_file]").and_then(|found| found.dyn_into::<HtmlInputElement>().ok())
        && let Some(file) = input.files().and_then(|files| files.get(0))
    {
        event.prevent_default();
        spawn_local(async move {
            match content(&file).await {
                Some(text) => check(&text, &words),
                None => show(&[no_card(&words.no_code, &words)]),
            }
            // The next photo may have the same name.
            input.set_value("");
        });
    }
}

/// The text of the codes in a picture, or of a card's file.
async fn content(file: &File) -> Option<String> {
    let window = web_sys::window()?;
    let Ok(bitmap) = JsFuture::from(window.create_image_bitmap_with_blob(file).ok()?).await else {
        return JsFuture::from(file.text()).await.ok()?.as_string();
    };
    let bitmap: web_sys::ImageBitmap = bitmap.dyn_into().ok()?;
    for side in picture::SIDES {
        let found = codes(bitmap.width(), bitmap.height(), side.unwrap_or(4000), |context, width, height| {
            context.draw_image_with_image_bitmap_and_dw_and_dh(&bitmap, 0.0, 0.0, width, height)
        });
        if !found.is_empty() {
            return Some(found.join("\n"));
        }
    }
    None
}

/// Draws something of `width` and `height` pixels, its larger side no larger than `most`, and reads the codes in it.
pub fn codes(
    width: u32,
    height: u32,
    most: u32,
    draw: impl FnOnce(&web_sys::CanvasRenderingContext2d, f64, f64) -> Result<(), JsValue>,
) -> Vec<String> {
    let larger = width.max(height).max(1);
    let scale = f64::from(most.min(larger)) / f64::from(larger);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels of a screen")]
    let scaled = |side: u32| (f64::from(side) * scale).round() as u32;
    let (width, height) = (scaled(width), scaled(height));
    pixels(width, height, draw).map(|brightness| picture::codes(width as usize, height as usize, &brightness)).unwrap_or_default()
}

fn pixels(
    width: u32,
    height: u32,
    draw: impl FnOnce(&web_sys::CanvasRenderingContext2d, f64, f64) -> Result<(), JsValue>,
) -> Option<Vec<u8>> {
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width);
    canvas.set_height(height);
    let context: web_sys::CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    // What is transparent is paper.
    context.set_fill_style_str("white");
    context.fill_rect(0.0, 0.0, width.into(), height.into());
    draw(&context, width.into(), height.into()).ok()?;
    let colours = context.get_image_data(0.0, 0.0, width.into(), height.into()).ok()?.data();
    let bright = |colour: &[u8]| (u32::from(colour[0]) * 77 + u32::from(colour[1]) * 150 + u32::from(colour[2]) * 29) >> 8;
    Some(colours.chunks_exact(4).map(|colour| u8::try_from(bright(colour)).unwrap_or(u8::MAX)).collect())
}

/// What was shown, with the codes of the same card that were shown before; kept for the next ones while some are missing.
pub fn collect(text: &str) -> String {
    SEEN.with_borrow_mut(|seen| {
        let shown = together(seen, text);
        let missing = find(&shown).iter().any(|found| matches!(found, Err(Fault::MissingParts { .. })));
        *seen = if missing { shown.clone() } else { String::new() };
        shown
    })
}

/// Judges what was shown, and says so.
pub fn check(text: &str, words: &Words) {
    let shown = collect(text);
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of this age")]
    let now = (js_sys::Date::now() / 1000.0) as i64;
    show(&TRUST.with_borrow(|issuers| reports(&shown, issuers, now, words)));
}

fn show(reports: &[Report]) {
    let Some(place) = element::<HtmlElement>("card-verdict") else { return };
    place.set_text_content(None);
    reports.iter().for_each(|report| verdict(&place, report));
    // Also for who does not see it: read out, and the next Tab goes on from here.
    let _ = place.focus();
    place.scroll_into_view();
}

fn verdict(place: &Element, report: &Report) {
    let notice = child(place, "div", if report.good { "notice" } else { "notice notice--warn" }, "");
    child(&notice, "h2", "", &report.title);
    for says in &report.says {
        child(&notice, "p", "text", says);
    }
    let Some(claims) = &report.claims else { return };
    let sheet = child(place, "section", "sheet stack", "");
    child(&sheet, "h2", "", &claims.heading);
    facts(&sheet, &claims.person);
    for entry in &claims.entries {
        let article = child(&sheet, "article", "entry", "");
        let head = child(&article, "div", "entry__head", "");
        child(&head, "h3", "", &entry.title);
        if let Some(day) = &entry.day {
            child(&article, "p", "meta", day);
        }
        facts(&article, &entry.facts);
    }
}

fn facts(parent: &Element, facts: &[(String, String)]) {
    if facts.is_empty() {
        return;
    }
    let list = child(parent, "dl", "list", "");
    for (label, value) in facts {
        let row = child(&list, "div", "", "");
        child(&row, "dt", "", label);
        child(&row, "dd", "", value);
    }
}

/// Text is put in as text, whatever a card says.
fn child(parent: &Element, name: &str, class: &str, text: &str) -> Element {
    #[expect(clippy::expect_used, reason = "these are names of elements")]
    let child = document().create_element(name).expect("an element");
    if !class.is_empty() {
        child.set_class_name(class);
    }
    if !text.is_empty() {
        child.set_text_content(Some(text));
    }
    let _ = parent.append_child(&child);
    child
}
