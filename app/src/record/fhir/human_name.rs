//! HumanName, and names as they stand in displays.

use serde_json::Value;

use super::list::items;

/// Given and family name: the official one, else the usual, else the first that is no maiden name. Digits that generators
/// put behind names are not shown.
pub fn name(names: &Value) -> Option<(String, String)> {
    let with_use = |kind: &str| items(names).find(|name| name["use"] == kind);
    let name = with_use("official").or_else(|| with_use("usual")).or_else(|| items(names).find(|name| name["use"] != "maiden"))?;
    let given: Vec<String> = items(&name["given"]).filter_map(Value::as_str).map(letters).collect();
    let family = name["family"].as_str().map(letters).unwrap_or_default();
    match (given.first(), family.is_empty()) {
        (Some(given), _) => Some((given.clone(), family)),
        (None, false) => Some((family, String::new())),
        (None, true) => name["text"].as_str().map(|text| (person(text), String::new())).filter(|(text, _)| !text.is_empty()),
    }
}

/// "Susan Hale, MD", "Dr. Susan Hale" when there is no suffix.
pub fn clinician(names: &Value) -> Option<String> {
    let (given, family) = name(names)?;
    let entry = items(names).next()?;
    let part = |member: &str| items(&entry[member]).filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
    let (prefix, suffix) = (part("prefix"), part("suffix"));
    let name = format!("{given} {family}").trim().to_owned();
    Some(match (suffix.is_empty(), prefix.is_empty()) {
        (false, _) => format!("{name}, {suffix}"),
        (true, false) => format!("{prefix} {name}"),
        (true, true) => name,
    })
}

fn letters(text: &str) -> String {
    text.trim().trim_end_matches(|c: char| c.is_ascii_digit()).to_owned()
}

/// A person's name without the digits that generators put behind each part of it: "Dr. Willena258 Oberbrunner298".
pub fn person(text: &str) -> String {
    let part = |word: &str| if word.starts_with(char::is_alphabetic) { letters(word) } else { word.to_owned() };
    text.split_whitespace().map(part).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_shown_as_people_write_them() {
        let names = json!([{"use": "maiden", "family": "X1"}, {"use": "official", "given": ["Francisco472", "J"], "family": "Guardado52", "prefix": ["Mr."]}]);
        assert_eq!(name(&names), Some(("Francisco".into(), "Guardado".into())));
        assert_eq!(
            clinician(&json!([{"given": ["Susan"], "family": "Hale", "prefix": ["Dr."], "suffix": ["MD"]}])).as_deref(),
            Some("Susan Hale, MD")
        );
        assert_eq!(clinician(&json!([{"given": ["Ann2"], "family": "Roe7", "prefix": ["Dr."]}])).as_deref(), Some("Dr. Ann Roe"));
        assert_eq!(name(&json!([{}])), None);
        assert_eq!(name(&json!([{"text": "Ann2 Roe7"}])), Some(("Ann Roe".into(), String::new())));
        assert_eq!(person("Dr. Willena258 Oberbrunner298"), "Dr. Willena Oberbrunner");
        assert_eq!(person("Susan Hale, MD"), "Susan Hale, MD");
        assert_eq!(person("24 Hour Clinic"), "24 Hour Clinic");
    }
}
