//! A share code and a link among others.

use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::sections::shared_in_words;
use crate::{
    access::{
        Grant,
        policy::{ShareRecord, ViewShares},
    },
    base::i18n::{param, texts},
    features::sharing::{
        api::{RenewCode, Revoke},
        entity::{health_link, share},
        links,
        model::MOST_TRIES,
        shares,
    },
    view::{
        form::PostForm,
        sections::{Item, QuietButton, Tag},
    },
};

/// What the page says of a code or a link.
pub(super) struct Entry {
    title: String,
    tag: Tag,
    lines: Vec<String>,
    sections: String,
    /// From whom the note is, and what it says.
    note: Option<(String, String)>,
    /// The page of a link that can be opened.
    show: Option<String>,
    /// What the form that makes a new code in its place sends, while nobody has used it.
    renew: Option<Vec<(&'static str, String)>>,
    /// What the form that ends it sends, as long as there is something to end.
    end: Option<Vec<(&'static str, String)>>,
}

/// A code; `by` is whoever made it, where that was not the reader.
pub(super) fn code(grant: &Grant<ViewShares>, row: &share::Model, by: Option<&String>) -> Entry {
    let (t, zone) = (grant.texts(), grant.zone());
    let tag = match row {
        row if shares::is_being_read(row) => Tag::neutral(t.share_reading()),
        row if shares::is_waiting(row) => Tag::good(t.share_waiting()),
        row if row.wrong_tries >= MOST_TRIES && row.opened_at.is_none() => Tag::muted(t.share_void()),
        _ => Tag::muted(t.share_over()),
    };
    let mut lines = vec![t.share_code_made(&t.date_and_time(row.created_at, &zone))];
    lines.extend(by.map(|name| t.share_by(name)));
    lines.extend(row.opened_at.map(|at| t.share_opened(&t.date_and_time(at, &zone))));
    Entry {
        title: row.recipient.clone(),
        tag,
        lines,
        sections: shared_in_words(t, &row.sections, row.sensitive),
        note: row.note.clone().map(|note| (t.share_note_from(&row.recipient), note)),
        show: None,
        renew: (by.is_none() && shares::is_waiting(row) && may_share(grant)).then(|| named(grant, row.id)),
        end: (shares::is_waiting(row) || shares::is_being_read(row)).then(|| named(grant, row.id)),
    }
}

/// A link; `by` is whoever made it, where that was not the reader.
pub(super) fn link(grant: &Grant<ViewShares>, row: &health_link::Model, by: Option<&String>) -> Entry {
    let (t, zone) = (grant.texts(), grant.zone());
    let is_open = links::is_open(row);
    let mut lines = vec![t.share_link_until(&t.date_and_time(row.expires_at, &zone))];
    lines.extend(by.map(|name| t.share_by(name)));
    if let Some(at) = row.last_opened_at {
        lines.push(t.share_link_opened(param::At(&t.date_and_time(at, &zone)), param::Count(&row.opened.to_string())));
    }
    Entry {
        title: row.label.clone(),
        tag: if is_open { Tag::good(t.share_open()) } else { Tag::muted(t.share_over()) },
        lines,
        sections: shared_in_words(t, &row.sections, row.sensitive),
        note: None,
        show: (is_open && may_share(grant)).then(|| format!("/p/{}/share/{}", grant.patient(), row.id)),
        renew: None,
        end: is_open.then(|| named(grant, row.id)),
    }
}

/// Whoever may not share any more shows nothing to others: what they made before opens nothing.
fn may_share(grant: &Grant<ViewShares>) -> bool {
    grant.would_allow::<ShareRecord>(&grant.patient())
}

fn named(grant: &Grant<ViewShares>, id: Uuid) -> Vec<(&'static str, String)> {
    vec![("patient", grant.patient().to_string()), ("id", id.to_string())]
}

impl Entry {
    /// Where the code itself is shown.
    pub(super) fn with_its_code(self, is_shown: bool) -> Self {
        Self { renew: self.renew.filter(|_| !is_shown), ..self }
    }
}

#[component]
pub(super) fn EntryView(entry: Entry) -> impl IntoView {
    let t = texts();
    let Entry { title, tag, lines, sections, note, show, renew, end } = entry;
    view! {
        <Item title tag=Some(tag) lines>
            <p class="meta">{sections}</p>
            {note.map(|(from, note)| view! { <p class="meta">{from}</p><blockquote class="quote">{note}</blockquote> })}
            {show.map(|href| view! { <QuietButton href label=t.share_show()/> })}
            {renew.map(|hidden| view! {
                <p class="meta">{t.share_renew_says()}</p>
                <PostForm action=RenewCode::PATH submit=t.share_renew() quiet=true hidden/>
            })}
            {end.map(|hidden| view! { <PostForm action=Revoke::PATH submit=t.share_end() quiet=true hidden/> })}
        </Item>
    }
}
