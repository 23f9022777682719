//! Every word a person reads, in their language. The words are in `locales/`, one method of [`Texts`] each.

use leptos::prelude::use_context;

use super::boot::Boot;
pub use super::locale::Locale;

/// The words of one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Texts(pub Locale);

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// Without the full stop of an abbreviation: a sentence that ends after it has its own.
fn without_stop(words: &str) -> &str {
    words.strip_suffix('.').unwrap_or(words)
}

/// The words in the language of this page.
pub fn texts() -> Texts {
    Texts(use_context::<Boot>().map(|boot| boot.locale).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    #[test]
    fn every_text_is_used() {
        let mut sources = String::new();
        collect(Path::new("src"), &mut sources);
        // Files that people take along are written by the server.
        collect(Path::new("../server/src"), &mut sources);
        let generated = include_str!(concat!(env!("OUT_DIR"), "/texts.rs"));
        let keys = generated.lines().filter_map(|line| line.trim().strip_prefix("pub fn ")?.split('(').next());
        let used =
            |key: &str| [format!(".{key}("), format!("::{key}"), format!("Why::of(\"{key}\")")].iter().any(|call| sources.contains(call));
        let unused: Vec<_> = keys.filter(|key| !used(key)).collect();
        assert!(unused.is_empty(), "no source uses {unused:?}");
    }

    fn collect(folder: &Path, sources: &mut String) {
        for entry in fs::read_dir(folder).expect("the sources are here") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                collect(&path, sources);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                sources.push_str(&fs::read_to_string(path).expect("a source"));
            }
        }
    }
}
