//! The lobby with its tests and the room: HTML whose script is `public/video.js`, with the words of both languages that the script says.

use std::{collections::BTreeMap, sync::LazyLock};

use chrono_tz::Tz;

use crate::{
    base::{i18n::Texts, locale::Locale, text::escaped},
    desk::video::model::Role,
};

const PAGE: &str = include_str!("room.html");
/// Key, language, words. Those whose key begins with `page_` stand on the page, the others are the script's.
static TEXTS: LazyLock<BTreeMap<String, BTreeMap<String, String>>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../locales/video_room.json")).unwrap_or_default());

/// What one page has of its own.
pub struct RoomPage<'a> {
    /// Below it the script talks to the server.
    pub room: &'a str,
    pub role: Role,
    /// With whom and when.
    pub lead: String,
    /// Where the end of the visit leads.
    pub home: &'a str,
    /// Seconds until it opens: until then there are the tests alone.
    pub opens_in: Option<i64>,
    /// The visit is held elsewhere: here are the tests alone.
    pub outside: bool,
    /// Where guests are invited, for whoever may: in a window of its own, beside the room.
    pub guests: Option<&'a str>,
    /// Of the place, by whose clock times are said.
    pub zone: Tz,
    /// HTML below the tests.
    pub below: String,
}

impl RoomPage<'_> {
    pub fn html(&self, locale: Locale) -> String {
        let language = if locale == Locale::Es { "es" } else { "en" };
        let words = |key: &str| TEXTS.get(key).and_then(|words| words.get(language)).map(String::as_str).unwrap_or_default();
        let said: BTreeMap<&str, &str> =
            TEXTS.keys().filter(|key| !key.starts_with("page_")).map(|key| (key.as_str(), words(key))).collect();
        let value = |key: &str| match key {
            "room" => escaped(self.room),
            "role" => self.role.as_str().to_owned(),
            "texts" => escaped(&serde_json::to_string(&said).unwrap_or_default()),
            "lead" => escaped(&self.lead),
            "zone" => escaped(self.zone.name()),
            "home" => self.way_home(words),
            "opens" => self.opens_in.map(|seconds| format!(" data-opens=\"{seconds}\"")).unwrap_or_default(),
            "outside" => if self.outside { " data-outside" } else { "" }.to_owned(),
            "below" => self.below.clone(),
            "guests" => self.guests.map(|page| link(page, Texts(locale).video_guest_new())).unwrap_or_default(),
            key => escaped(words(key)),
        };
        let mut parts = PAGE.split("{{");
        let mut page = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (key, rest) = part.split_once("}}").unwrap_or((part, ""));
            page.push_str(&value(key));
            page.push_str(rest);
        }
        page
    }

    /// Guests have nothing here to go back to.
    fn way_home<'w>(&self, words: impl Fn(&str) -> &'w str) -> String {
        let says = match self.role {
            Role::Guest => return String::new(),
            Role::Clinician => words("page_home_staff"),
            Role::Patient | Role::Proxy => words("page_home"),
        };
        format!(r#"<a class="btn quiet" href="{}" rel="external">{}</a>"#, escaped(self.home), escaped(says))
    }
}

fn link(page: &str, words: &str) -> String {
    format!(r#"<a class="btn quiet" href="{}" target="_blank" rel="external noopener">{}</a>"#, escaped(page), escaped(words))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn placeholders(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
    }

    #[test]
    fn every_word_is_there_in_both_languages() {
        assert!(TEXTS.len() > 100, "the words are read");
        for (key, words) in TEXTS.iter() {
            let (en, es) = (&words["en"], &words["es"]);
            assert!(!en.is_empty() && !es.is_empty(), "{key}");
            assert_eq!(placeholders(en), placeholders(es), "{key}");
        }
        let asked = PAGE.split("{{page_").skip(1).filter_map(|rest| Some(format!("page_{}", rest.split_once("}}")?.0)));
        // Where the end leads is chosen by the role.
        let asked: BTreeSet<String> = asked.chain(["page_home", "page_home_staff"].map(str::to_owned)).collect();
        let known: BTreeSet<String> = TEXTS.keys().filter(|key| key.starts_with("page_")).cloned().collect();
        assert_eq!(asked, known, "what the page shows is what there are words for");
    }

    #[test]
    fn a_page_is_whole_and_what_people_typed_is_text() {
        let page = RoomPage {
            room: "/video/guest/ab",
            role: Role::Guest,
            lead: "<b>\"Ana\"</b>".into(),
            home: "/",
            outside: false,
            opens_in: Some(60),
            zone: chrono_tz::America::New_York,
            guests: None,
            below: "<p>below</p>".into(),
        };
        let html = page.html(Locale::Es);
        assert!(!html.contains("{{") && !html.contains("}}"), "{html}");
        assert!(html.contains("&lt;b&gt;&quot;Ana&quot;&lt;/b&gt;") && html.contains("<p>below</p>"));
        assert!(html.contains("data-role=\"guest\"") && html.contains("data-opens=\"60\"") && html.contains("Consulta por video"));
        assert!(!html.contains("Volver a mis consultas"), "a guest has none");
    }
}
