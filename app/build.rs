//! Turns `locales/*/*.json` into one method per text, so that a missing word or a misspelt key does not compile.
//!
//! A text with `{name}` becomes a method with the parameter `name`. Of several, in alphabetical order, each has a type of its own, such
//! as `param::Name`: they cannot be given in another order. Every key must be in every language with the same parameters. Keys that begin with `why_` are the reasons for which forms are refused: sentences without parameters.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write,
    fs,
    path::Path,
};

const LOCALES: [(&str, &str); 2] = [("En", "en"), ("Es", "es")];

fn main() {
    let texts: Vec<BTreeMap<String, String>> = LOCALES.iter().map(|(_, file)| read(file)).collect();
    for (other, (_, file)) in texts.iter().zip(LOCALES).skip(1) {
        let missing: Vec<_> = texts[0].keys().filter(|key| !other.contains_key(*key)).collect();
        let extra: Vec<_> = other.keys().filter(|key| !texts[0].contains_key(*key)).collect();
        assert!(missing.is_empty() && extra.is_empty(), "locales/{file}: missing {missing:?}, unknown {extra:?}");
    }
    let (mut code, mut types) = (String::from("impl Texts {\n"), BTreeSet::new());
    for (key, english) in &texts[0] {
        let parameters = parameters(english);
        let is_several = parameters.len() > 1;
        for (other, (_, file)) in texts.iter().zip(LOCALES) {
            let found = self::parameters(&other[key]);
            assert!(found == parameters, "locales/{file}: {key} has the parameters {found:?}, not {parameters:?}");
        }
        method(&mut code, key, &parameters, &texts);
        types.extend(parameters.into_iter().filter(|_| is_several));
    }
    reasons(&mut code, texts[0].keys().filter(|key| key.starts_with("why_") || key.contains("_why_")));
    code.push_str("}\n/// The parameters of texts that have several.\npub mod param {\n");
    for name in &types {
        writeln!(code, "    pub struct {}<'a>(pub &'a str);", type_name(name)).expect("a string grows");
    }
    code.push_str("}\n");
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("texts.rs"), code).expect("texts.rs can be written");
}

/// `REASONS`, the keys of the sentences that say why something is refused, and `Texts::reason`, the sentence of each.
fn reasons<'a>(code: &mut String, keys: impl Iterator<Item = &'a String>) {
    let keys: Vec<&String> = keys.collect();
    code.push_str("    pub(super) fn reason(self, index: usize) -> &'static str { match index { ");
    for (index, key) in keys.iter().enumerate() {
        write!(code, "{index} => self.{key}(), ").expect("a string grows");
    }
    code.push_str("_ => \"\" } }\n}\n");
    write!(code, "pub(super) const REASONS: [&str; {}] = {keys:?};\nimpl Texts {{\n", keys.len()).expect("a string grows");
}

fn method(code: &mut String, key: &str, parameters: &[String], texts: &[BTreeMap<String, String>]) {
    let written = if parameters.is_empty() {
        write!(code, "    pub fn {key}(self) -> &'static str {{ match self.0 {{ ")
    } else {
        let list: String = match parameters {
            [name] => format!(", {name}: &str"),
            several => several.iter().map(|name| format!(", param::{}({name}): param::{0}<'_>", type_name(name))).collect(),
        };
        write!(code, "    pub fn {key}(self{list}) -> String {{ match self.0 {{ ")
    };
    written.expect("a string grows");
    for ((variant, _), texts) in LOCALES.iter().zip(texts) {
        let text = &texts[key];
        let arm = if parameters.is_empty() { format!("{text:?}") } else { concatenation(text) };
        write!(code, "Locale::{variant} => {arm}, ").expect("a string grows");
    }
    code.push_str("} }\n");
}

/// `a {b} c` as `["a ", b, " c"].concat()`, which is smaller in the browser than `format!`. What ends a sentence itself, such as "9 a. m.",
/// gets no second full stop.
fn concatenation(text: &str) -> String {
    let pieces: Vec<String> = text
        .split('{')
        .enumerate()
        .flat_map(|(index, piece)| match piece.split_once('}') {
            Some((name, rest)) if index > 0 && rest.starts_with('.') => vec![format!("without_stop({name})"), format!("{rest:?}")],
            Some((name, rest)) if index > 0 => vec![name.to_owned(), format!("{rest:?}")],
            _ => vec![format!("{piece:?}")],
        })
        .filter(|piece| piece != "\"\"")
        .collect();
    format!("[{}].concat()", pieces.join(", "))
}

/// `due_at` as `DueAt`.
fn type_name(parameter: &str) -> String {
    let words = parameter.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
    words.collect()
}

fn parameters(text: &str) -> Vec<String> {
    let mut names: Vec<String> =
        text.split('{').skip(1).filter_map(|piece| piece.split_once('}')).map(|(name, _)| name.to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

/// `{"title": "Visits"}` in `visits.json` as `visits_title`.
fn read(language: &str) -> BTreeMap<String, String> {
    let folder = format!("locales/{language}");
    println!("cargo:rerun-if-changed={folder}");
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let mut all = BTreeMap::new();
    for file in files {
        let path = file.expect("an entry").path();
        let group = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        let name = path.display();
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        let texts: BTreeMap<String, String> = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        all.extend(texts.into_iter().map(|(key, text)| (format!("{group}_{key}"), text)));
    }
    all
}
