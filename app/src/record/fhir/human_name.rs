//! HumanName, and names as they stand in displays.

use chrono::NaiveDate;
use serde_json::Value;

use super::{list::items, period::covers};

/// Given and family name on a day: the official one, else the usual, else another that is current; a name at birth or a former one
/// only where there is nothing else. Digits that generators put behind each part are not shown.
pub fn name(names: &Value, day: NaiveDate) -> Option<(String, String)> {
    current(names, day).find_map(parts)
}

/// Names in the order in which they are used on a day. FHIR R4, HumanName: `use`, `period`.
fn current(names: &Value, day: NaiveDate) -> impl Iterator<Item = &Value> {
    let mut all: Vec<&Value> = items(names).collect();
    all.sort_by_key(|name| {
        let rank = match name["use"].as_str() {
            Some("official") => 0,
            Some("usual") => 1,
            None => 2,
            Some("nickname") => 4,
            Some("maiden" | "old") => 5,
            Some(_) => 3,
        };
        (!covers(&name["period"], day), rank)
    });
    all.into_iter()
}

fn parts(name: &Value) -> Option<(String, String)> {
    let given: Vec<&str> = items(&name["given"]).filter_map(Value::as_str).map(str::trim).filter(|given| !given.is_empty()).collect();
    let family = name["family"].as_str().map(str::trim).filter(|family| !family.is_empty());
    let is_generated = given.iter().copied().chain(family).all(has_number) && !given.is_empty() && family.is_some();
    let shown = |part: &str| if is_generated { without_number(part).to_owned() } else { part.to_owned() };
    match (given.first(), family) {
        (Some(given), family) => Some((shown(given), family.map(shown).unwrap_or_default())),
        (None, Some(family)) => Some((family.to_owned(), String::new())),
        (None, None) => name["text"].as_str().map(|text| (person(text), String::new())).filter(|(text, _)| !text.is_empty()),
    }
}

/// All words of all names that somebody has or had, as they are looked for.
pub fn all_words(names: &Value) -> impl Iterator<Item = String> + '_ {
    items(names).flat_map(|name| {
        let parts = items(&name["given"]).chain([&name["family"], &name["text"]]).filter_map(Value::as_str);
        parts.flat_map(str::split_whitespace).map(str::to_owned).collect::<Vec<_>>()
    })
}

/// "Susan Hale, MD", "Dr. Susan Hale" when there is no suffix.
pub fn clinician(names: &Value, day: NaiveDate) -> Option<String> {
    let (entry, (given, family)) = current(names, day).find_map(|entry| Some((entry, parts(entry)?)))?;
    let part = |member: &str| items(&entry[member]).filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
    let (prefix, suffix) = (part("prefix"), part("suffix"));
    let name = format!("{given} {family}").trim().to_owned();
    Some(match (suffix.is_empty(), prefix.is_empty()) {
        (false, _) => format!("{name}, {suffix}"),
        (true, false) => format!("{prefix} {name}"),
        (true, true) => name,
    })
}

/// Whether a number stands right behind the letters of a word: "Willena258".
fn has_number(word: &str) -> bool {
    word.starts_with(char::is_alphabetic) && word.ends_with(|c: char| c.is_ascii_digit())
}

fn without_number(word: &str) -> &str {
    word.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// A person's name without the digits that generators put behind each part of it: "Dr. Willena258 Oberbrunner298". One word with a
/// number is somebody's name.
pub fn person(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_generated = words.iter().filter(|word| has_number(word)).count() > 1;
    let shown = |word: &&str| if is_generated && has_number(word) { without_number(word) } else { *word }.to_owned();
    words.iter().map(shown).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn names_are_shown_as_people_write_them() {
        let today = day("2026-11-26");
        let of = |names: Value| name(&names, today).map(|(given, family)| format!("{given} {family}").trim().to_owned());
        let names = json!([{"use": "maiden", "family": "X1"}, {"use": "official", "given": ["Francisco472", "J5"], "family": "Guardado52", "prefix": ["Mr."]}]);
        assert_eq!(of(names).as_deref(), Some("Francisco Guardado"));
        assert_eq!(
            clinician(&json!([{"given": ["Susan"], "family": "Hale", "prefix": ["Dr."], "suffix": ["MD"]}]), today).as_deref(),
            Some("Susan Hale, MD")
        );
        assert_eq!(clinician(&json!([{"given": ["Ann2"], "family": "Roe7", "prefix": ["Dr."]}]), today).as_deref(), Some("Dr. Ann Roe"));
        assert_eq!(of(json!([{}])), None);
        for (names, wanted) in [
            (json!([{"text": "Ann2 Roe7"}]), "Ann Roe"),
            (json!([{"text": "Nguyễn Thị Hoà"}]), "Nguyễn Thị Hoà"),
            (json!([{"family": "Suparman"}]), "Suparman"),
            (json!([{"family": "Lee", "given": ["Jennifer 8"]}]), "Jennifer 8 Lee"),
            (json!([{"family": "Lee", "given": ["Jennifer8"]}]), "Jennifer8 Lee"),
            (json!([{"family": "O", "given": ["Y"]}]), "Y O"),
            (json!([{"family": "", "given": [" "], "text": "Cher"}]), "Cher"),
        ] {
            assert_eq!(of(names).as_deref(), Some(wanted));
        }
        assert_eq!(person("Dr. Willena258 Oberbrunner298"), "Dr. Willena Oberbrunner");
        for name in ["Susan Hale, MD", "24 Hour Clinic", "John Smith2", "Unit B12"] {
            assert_eq!(person(name), name);
        }
    }

    #[test]
    fn a_name_is_the_one_of_the_day() {
        let names = json!([
            {"use": "official", "family": "Brandt", "given": ["Katharina"], "period": {"start": "1984-08-08", "end": "2015-05-30"}},
            {"use": "nickname", "given": ["Kat"]},
            {"use": "maiden", "family": "Brandt"},
            {"use": "official", "family": "Osei", "given": ["Katharina", "Maria"], "period": {"start": "2015-05-31"}},
        ]);
        let on = |text: &str| name(&names, day(text)).map(|(_, family)| family);
        assert_eq!((on("2015-05-30").as_deref(), on("2015-05-31").as_deref()), (Some("Brandt"), Some("Osei")));
        assert_eq!(all_words(&names).collect::<Vec<_>>(), ["Katharina", "Brandt", "Kat", "Brandt", "Katharina", "Maria", "Osei"]);
        assert_eq!(name(&json!([{"use": "old", "family": "Only"}]), day("2020-01-01")).map(|(name, _)| name).as_deref(), Some("Only"));
    }
}
