//! What the pages of offices say of people: who wrote or decided something, and whom it is about.

use chrono::NaiveDate;

use crate::{
    access::proxy::age_on,
    base::{
        i18n::{Texts, param},
        terms::language,
    },
    people::{
        patient,
        relation::{Relationship, StaffRole},
    },
};

/// "Maria Rivera for Emma"; "Dr. Susan Clark (clinician)". `role` is what a proxy is to the patient, or the role of somebody of the
/// staff, as it is stored.
pub fn author(t: Texts, name: &str, role: Option<&str>, patient: &str) -> String {
    let staff = role.and_then(|role| StaffRole::ALL.iter().copied().find(|found| found.as_str() == role));
    let is_proxy = role.is_some_and(|role| Relationship::ALL.iter().any(|found| found.as_str() == role));
    match staff {
        Some(role) => format!("{name} ({})", role.in_words(t)),
        None if is_proxy => t.messages_for(param::Author(name), param::Name(patient)),
        None => name.to_owned(),
    }
}

/// Birth date with the age, and the language, with their labels.
pub fn about(t: Texts, person: &patient::Model, today: NaiveDate) -> [(&'static str, Option<String>); 2] {
    let age = person.known_birth_date().map(|born| t.age(age_on(born, today)));
    let born = [Some(t.when_as_said(&person.born())), age].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let language = person.language.as_deref().map(|tag| language(t, tag).to_owned());
    [(t.personal_birth_date(), Some(born)), (t.personal_language(), language)]
}
