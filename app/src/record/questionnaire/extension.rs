//! Extensions of FHIR elements, and texts in the language of the reader.

use serde_json::Value as Json;

use crate::base::text::visible;

/// How many extensions of an element are looked at.
const MANY: usize = 100;

pub const FHIR: &str = "http://hl7.org/fhir/StructureDefinition/";
pub const SDC: &str = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-";

/// The elements of a list; none, where there is no list.
pub fn list<'a>(element: &'a Json, name: &str) -> &'a [Json] {
    element.get(name).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

/// A text that is not blank, of so many characters at most.
pub fn text(element: &Json, name: &str, longest: usize) -> Option<String> {
    element.get(name).and_then(Json::as_str).map(|text| cut(visible(text).trim(), longest)).filter(|text| !text.is_empty())
}

/// The first so many characters.
pub fn cut(text: &str, longest: usize) -> String {
    text.char_indices().nth(longest).map_or(text, |(end, _)| &text[..end]).to_owned()
}

/// The extensions with this address, at the core's or SDC's base.
pub fn extensions<'a>(element: &'a Json, base: &'static str, name: &'static str) -> impl Iterator<Item = &'a Json> {
    list(element, "extension").iter().take(MANY).filter(move |extension| {
        extension.get("url").and_then(Json::as_str).and_then(|url| url.strip_prefix(base)).is_some_and(|rest| rest == name)
    })
}

pub fn extension<'a>(element: &'a Json, base: &'static str, name: &'static str) -> Option<&'a Json> {
    extensions(element, base, name).next()
}

/// Whether an extension says `true`.
pub fn is(element: &Json, base: &'static str, name: &'static str) -> bool {
    extension(element, base, name).and_then(|found| found.get("valueBoolean")).and_then(Json::as_bool).unwrap_or_default()
}

/// A whole number that is not negative.
pub fn count(element: &Json, base: &'static str, name: &'static str) -> Option<usize> {
    let found = extension(element, base, name)?;
    found.get("valueInteger").and_then(Json::as_u64).and_then(|count| usize::try_from(count).ok())
}

/// The FHIRPath expression of an extension.
pub fn expression(element: &Json, name: &'static str) -> Option<String> {
    let found = extension(element, SDC, name)?.get("valueExpression")?;
    text(found, "expression", 2_000)
}

/// Whether an element has something that must not be ignored, whatever it is. Source: FHIR R4, Extensibility, modifier extensions.
pub fn is_modified(element: &Json) -> bool {
    element.get("modifierExtension").is_some_and(|found| found.as_array().is_none_or(|list| !list.is_empty()))
}

/// A text in a language, where the element has it so (the extension `translation`), else as it is.
pub fn translated(element: &Json, name: &str, language: &str, longest: usize) -> Option<String> {
    let part = |translation: &Json, url: &str, value: &str| {
        list(translation, "extension")
            .iter()
            .take(MANY)
            .find(|part| part.get("url").and_then(Json::as_str) == Some(url))
            .and_then(|part| [value, "valueString", "valueMarkdown"].into_iter().find_map(|value| text(part, value, longest)))
    };
    let beside = element.get(format!("_{name}"));
    let mut translations = beside.into_iter().flat_map(|beside| extensions(beside, FHIR, "translation"));
    translations
        .find(|translation| part(translation, "lang", "valueCode").is_some_and(|lang| is_language(&lang, language)))
        .and_then(|translation| part(translation, "content", "valueString"))
        .or_else(|| text(element, name, longest))
}

/// Whether a tag such as `es-US` is of a language such as `es`.
pub fn is_language(tag: &str, language: &str) -> bool {
    tag.split('-').next().is_some_and(|main| main.eq_ignore_ascii_case(language))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_is_in_the_language_of_the_reader_where_it_is_there() {
        let url = format!("{FHIR}translation");
        let spanish = json!([{"url": "lang", "valueCode": "es-US"}, {"url": "content", "valueString": "Dolor"}]);
        let element = json!({"text": " Pain ", "_text": {"extension": [{"url": "x"}, {"url": url, "extension": spanish}]}});
        assert_eq!(translated(&element, "text", "es", 100).as_deref(), Some("Dolor"));
        assert_eq!(translated(&element, "text", "en", 100).as_deref(), Some("Pain"));
        assert_eq!(translated(&element, "text", "en", 2).as_deref(), Some("Pa"));
        assert_eq!(translated(&json!({"text": 4, "_text": []}), "text", "es", 100), None);
    }

    #[test]
    fn an_empty_list_of_modifiers_changes_nothing() {
        assert!(is_modified(&json!({"modifierExtension": [{}]})) && is_modified(&json!({"modifierExtension": 4})));
        assert!(!is_modified(&json!({"modifierExtension": []})) && !is_modified(&json!({})));
    }
}
