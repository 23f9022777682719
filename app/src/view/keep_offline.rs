//! What somebody may keep on their phone, for when there is no network.

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::i18n::texts;

/// A part of a record as it is kept: HTML without scripts, and pictures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub title: String,
    pub html: String,
    /// As data URLs.
    pub images: Vec<String>,
    pub saved: DateTime<Utc>,
    /// When the access of whoever keeps it ends by itself.
    pub until: Option<DateTime<Utc>>,
}

/// Keeps something on this phone, or removes it; nothing without JavaScript. `public/phone.js` attaches to the attributes.
#[component]
pub fn KeepOffline(
    /// What it is, and of whom: as `features::phone` reads it.
    #[prop(into)]
    id: String,
    /// With what is sensitive.
    #[prop(optional)]
    sensitive: bool,
) -> impl IntoView {
    let t = texts();
    let words = json!({
        "keep": t.phone_keep(),
        "remove": t.phone_remove(),
        "kept": t.phone_kept(),
        "removed": t.phone_removed(),
        "problem": t.phone_keep_problem(),
    });
    let sensitive = sensitive.then_some("true");
    view! {
        <div class="keep-offline no-print" data-keep-place hidden>
            <button class="btn quiet" type="button" data-keep-offline=id data-sensitive=sensitive data-texts=words.to_string()></button>
            <p class="meta">{t.phone_keep_hint()}</p>
            <p class="meta" role="status" data-keep-status></p>
        </div>
    }
}
