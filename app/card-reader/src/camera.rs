//! Codes before the camera: found by the browser's own detector where it has one, by our library elsewhere.

use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlElement, HtmlVideoElement, MediaStream, MediaStreamConstraints, MediaStreamTrack};

use crate::{
    card::{Fault, find},
    page::{check, codes, collect, element, words},
    report::{Words, fault_in_words, parts_in_words},
};

/// Between two looks, in milliseconds.
const PAUSE: u32 = 120;
/// The larger side of a look, in pixels: as much as the finest code needs.
const SIDE: u32 = 1280;

/// Opens the camera and looks until a whole card was seen, somebody stops it, or the page is left.
pub async fn scan() {
    let (Some(words), Some(place), Some(video)) = (words(), element::<HtmlElement>("card-camera"), element("card-video")) else { return };
    if !place.hidden() {
        return;
    }
    say("");
    place.set_hidden(false);
    match open().await {
        Ok(stream) => {
            look(&stream, &video, &words).await;
            for track in stream.get_tracks() {
                track.unchecked_into::<MediaStreamTrack>().stop();
            }
            video.set_src_object(None);
            place.set_hidden(true);
        }
        Err(_) => say(&words.camera_refused),
    }
}

/// The look under way ends by itself.
pub fn stop() {
    if let Some(place) = element::<HtmlElement>("card-camera") {
        place.set_hidden(true);
    }
}

fn say(text: &str) {
    if let Some(status) = element::<HtmlElement>("card-status")
        && status.text_content().as_deref() != Some(text)
    {
        status.set_text_content(Some(text));
    }
}

async fn open() -> Result<MediaStream, JsValue> {
    let devices = web_sys::window().ok_or(JsValue::NULL)?.navigator().media_devices()?;
    let video = object([("facingMode", "environment".into()), ("width", object([("ideal", 1920.into())]))]);
    let constraints = MediaStreamConstraints::new();
    constraints.set_video(&video);
    JsFuture::from(devices.get_user_media_with_constraints(&constraints)?).await?.dyn_into()
}

fn object<const N: usize>(members: [(&str, JsValue); N]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        let _ = Reflect::set(&object, &name.into(), &value);
    }
    object.into()
}

async fn look(stream: &MediaStream, video: &HtmlVideoElement, words: &Words) {
    video.set_src_object(Some(stream));
    if let Ok(playing) = video.play() {
        let _ = JsFuture::from(playing).await;
    }
    say(&words.camera_looks);
    let detector = Detector::new();
    loop {
        TimeoutFuture::new(PAUSE).await;
        let open = video.is_connected() && element::<HtmlElement>("card-camera").is_some_and(|place| !place.hidden());
        if !open {
            return;
        }
        let codes = detector.codes(video).await;
        if codes.is_empty() {
            continue;
        }
        let shown = collect(&codes.join("\n"));
        let found = find(&shown);
        match found.iter().find_map(|card| card.as_ref().err()) {
            Some(Fault::MissingParts { found, of }) => say(&parts_in_words(&words.camera_parts, *found, *of)),
            Some(fault) if found.iter().all(Result::is_err) => say(&fault_in_words(fault, words)),
            _ => return check(&shown, words),
        }
    }
}

/// The browser's `BarcodeDetector`, where there is one.
struct Detector(Option<JsValue>);

impl Detector {
    fn new() -> Self {
        let made = || -> Result<JsValue, JsValue> {
            let class: Function = Reflect::get(&js_sys::global(), &"BarcodeDetector".into())?.dyn_into()?;
            let formats = object([("formats", Array::of1(&"qr_code".into()).into())]);
            Reflect::construct(&class, &Array::of1(&formats))
        };
        Self(made().ok())
    }

    async fn codes(&self, video: &HtmlVideoElement) -> Vec<String> {
        if let Some(detector) = &self.0
            && let Ok(found) = detected(detector, video).await
        {
            return found;
        }
        codes(video.video_width(), video.video_height(), SIDE, |context, width, height| {
            context.draw_image_with_html_video_element_and_dw_and_dh(video, 0.0, 0.0, width, height)
        })
    }
}

async fn detected(detector: &JsValue, video: &HtmlVideoElement) -> Result<Vec<String>, JsValue> {
    let detect: Function = Reflect::get(detector, &"detect".into())?.dyn_into()?;
    let found = JsFuture::from(detect.call1(detector, video)?.dyn_into::<Promise>()?).await?;
    let found = found.dyn_into::<Array>()?;
    Ok(found.iter().filter_map(|code| Reflect::get(&code, &"rawValue".into()).ok()?.as_string()).collect())
}
