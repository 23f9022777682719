//! Every word a person reads, in their language. The words are in `locales/`, one method of [`Texts`] each.

use leptos::prelude::use_context;
use serde::{Deserialize, Serialize};

use crate::base::boot::Boot;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Locale {
    #[default]
    En,
    Es,
}

impl Locale {
    pub const ALL: [Locale; 2] = [Locale::En, Locale::Es];

    /// The language tag, as in `<html lang>`.
    pub fn tag(self) -> &'static str {
        match self {
            Locale::En => "en",
            Locale::Es => "es",
        }
    }

    /// The language's own name for itself.
    pub fn own_name(self) -> &'static str {
        match self {
            Locale::En => "English",
            Locale::Es => "Español",
        }
    }

    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|locale| locale.tag() == tag)
    }

    /// The first language of an `Accept-Language` header that we speak, in the order of the header.
    pub fn from_accept_language(header: &str) -> Option<Self> {
        header
            .split(',')
            .filter_map(|range| range.split([';', '-']).next())
            .find_map(|tag| Self::from_tag(tag.trim().to_ascii_lowercase().as_str()))
    }
}

/// The words of one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Texts(pub Locale);

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// The words in the language of this page.
pub fn texts() -> Texts {
    Texts(use_context::<Boot>().map(|boot| boot.locale).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn the_browsers_first_known_language_wins() {
        assert_eq!(Locale::from_accept_language("fr-CH, es-MX;q=0.9, en;q=0.8"), Some(Locale::Es));
        assert_eq!(Locale::from_accept_language("EN-us"), Some(Locale::En));
        assert_eq!(Locale::from_accept_language("de"), None);
    }

    #[test]
    fn every_text_is_used() {
        let mut sources = String::new();
        collect(Path::new("src"), &mut sources);
        // Files that people take along are written by the server.
        collect(Path::new("../server/src"), &mut sources);
        let generated = include_str!(concat!(env!("OUT_DIR"), "/texts.rs"));
        let keys = generated.lines().filter_map(|line| line.trim().strip_prefix("pub fn ")?.split('(').next());
        let unused: Vec<_> = keys.filter(|key| !sources.contains(&format!(".{key}(")) && !sources.contains(&format!("::{key}"))).collect();
        assert!(unused.is_empty(), "no source uses {unused:?}");
    }

    fn collect(folder: &Path, sources: &mut String) {
        for entry in fs::read_dir(folder).expect("the sources are here") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                collect(&path, sources);
            } else {
                sources.push_str(&fs::read_to_string(path).expect("a source"));
            }
        }
    }
}
