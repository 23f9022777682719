//! Terms of standard lists in the reader's language: what is sent in a list's own English words is told in another language where
//! these are known, and word for word where not.

use super::{i18n::Texts, locale::Locale};

/// LOINC codes of the vital signs panel, in the order of their names. Source: LOINC 85353-1, and HL7 FHIR R4, vital signs profiles.
const VITAL_SIGNS: [&str; 14] = [
    "8867-4", "9279-1", "8310-5", "59408-5", "2708-6", "8302-2", "29463-7", "39156-5", "9843-4", "85354-9", "8480-6", "8462-4", "8306-3",
    "8289-1",
];

/// Languages whose names are in the locales, in their order. Source: ISO 639, as in BCP 47.
const LANGUAGES: [&str; 20] =
    ["pt", "pl", "it", "fr", "zh", "ar", "vi", "ru", "ase", "ht", "ko", "ja", "de", "hi", "ur", "tl", "sq", "uk", "fa", "so"];

/// A language by its tag (BCP 47), as far as it is one of the portal's.
pub fn language(t: Texts, tag: &str) -> &str {
    match tag.split('-').next() {
        Some("en") => t.personal_english(),
        Some("es") => t.personal_spanish(),
        Some(code) => {
            LANGUAGES.iter().position(|known| *known == code).and_then(|place| t.terms_languages().split('|').nth(place)).unwrap_or(tag)
        }
        None => tag,
    }
}

/// Source: HL7 v3 Code System MaritalStatus.
pub fn marital_status(t: Texts, said: &str) -> String {
    listed(t, Texts::terms_marital_status, said).unwrap_or(said).to_owned()
}

/// One relationship or several, "Mother; Guardian". Source: HL7 v3 Code System RoleCode, and HL7 v2 table 0131.
pub fn relationship(t: Texts, said: &str) -> String {
    said.split("; ").map(|one| listed(t, Texts::terms_relationships, one).unwrap_or(one)).collect::<Vec<_>>().join("; ")
}

/// What kind of a text it is. Source: LOINC document ontology.
pub fn document_type(t: Texts, said: &str) -> String {
    listed(t, Texts::terms_documents, said).unwrap_or(said).to_owned()
}

/// The name of a vital sign, by its code, such as "http://loinc.org|8867-4", or by its name. One that was sent without a name
/// ("LOINC 8867-4") has that of the list.
pub fn vital_sign(t: Texts, code: &str, said: &str) -> String {
    let of_code = || {
        let code = code.strip_prefix("http://loinc.org|").or_else(|| said.strip_prefix("LOINC "))?;
        let place = VITAL_SIGNS.iter().position(|known| *known == code)?;
        let is_nameless = said.strip_prefix("LOINC ").unwrap_or(said) == code;
        if is_nameless { Texts::terms_vital_signs(t).split('|').nth(place) } else { at(t, Texts::terms_vital_signs, place) }
    };
    of_code().or_else(|| listed(t, Texts::terms_vital_signs, said)).unwrap_or(said).to_owned()
}

/// A unit that is written as a word; symbols are the same everywhere.
pub fn unit(t: Texts, said: &str) -> &str {
    listed(t, Texts::terms_units, said).unwrap_or(said)
}

/// "72 beats/minute", with its unit in the reader's language.
pub fn quantity(t: Texts, said: &str) -> String {
    said.rsplit_once(' ').map_or_else(|| said.to_owned(), |(number, found)| format!("{number} {}", unit(t, found)))
}

/// The term at the same place of the list in the reader's language.
fn listed(t: Texts, list: fn(Texts) -> &'static str, said: &str) -> Option<&'static str> {
    let place = list(Texts(Locale::En)).split('|').position(|term| term.eq_ignore_ascii_case(said.trim()))?;
    at(t, list, place)
}

/// English is the language of the lists: there, what was sent stays as it is.
fn at(t: Texts, list: fn(Texts) -> &'static str, place: usize) -> Option<&'static str> {
    if t.0 == Locale::En { None } else { list(t).split('|').nth(place) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EN: Texts = Texts(Locale::En);
    const ES: Texts = Texts(Locale::Es);

    #[test]
    fn known_terms_are_told_in_the_readers_language_and_others_word_for_word() {
        assert_eq!(marital_status(ES, "Never Married"), "Nunca casado/a");
        assert_eq!(relationship(ES, "Mother; Guardian; Neighbor next door"), "Madre; Tutor/a; Neighbor next door");
        assert_eq!(document_type(ES, "Progress note"), "Nota de evolución");
        assert_eq!(vital_sign(ES, "http://loinc.org|8867-4", "Pulse"), "Frecuencia cardíaca");
        assert_eq!(vital_sign(ES, "", "Body weight"), "Peso");
        assert_eq!(vital_sign(EN, "http://loinc.org|8480-6", "LOINC 8480-6"), "Systolic blood pressure");
        assert_eq!(vital_sign(ES, "", "LOINC 8462-4"), "Presión arterial diastólica");
        assert_eq!(vital_sign(EN, "", "LOINC 718-7"), "LOINC 718-7");
        assert_eq!(vital_sign(ES, "http://loinc.org|1-8", "Mood"), "Mood");
        assert_eq!((quantity(ES, "72 beats/minute"), quantity(ES, "37.2 °C")), ("72 latidos/minuto".into(), "37.2 °C".into()));
        assert_eq!((vital_sign(EN, "http://loinc.org|8867-4", "Pulse"), marital_status(EN, "MARRIED")), ("Pulse".into(), "MARRIED".into()));
    }

    #[test]
    fn each_list_has_a_word_for_each_term_in_every_language() {
        let lists =
            [Texts::terms_marital_status, Texts::terms_relationships, Texts::terms_documents, Texts::terms_vital_signs, Texts::terms_units];
        for list in lists {
            assert_eq!(list(EN).split('|').count(), list(ES).split('|').count(), "{}", list(EN));
        }
        assert_eq!(Texts::terms_vital_signs(EN).split('|').count(), VITAL_SIGNS.len());
    }
}
