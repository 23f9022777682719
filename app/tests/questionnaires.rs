//! Questionnaires that others wrote: each is drawn, answered, sent and read again. They are read where they are there; a user's machine
//! has only this repository.

#![cfg(feature = "ssr")]

use std::{collections::HashMap, fs, path::Path};

use app::record::questionnaire::{
    Answers, Form,
    check::missing,
    form::{Item, Kind},
    line::visible,
    response::{from_response, to_response},
    typed::Typing,
};
use serde_json::Value;

const FOLDER: &str = "../../shared/data/fhir/us-core-6.1.0-examples";

/// What somebody types into a question.
fn typed(item: &Item) -> &'static str {
    match item.kind {
        Kind::Boolean => "true",
        Kind::Decimal | Kind::Quantity | Kind::Integer | Kind::Choice => "1",
        Kind::Date => "2026-02-03",
        Kind::DateTime => "2026-02-03T10:00",
        Kind::Time => "10:00",
        Kind::Url => "https://x.example",
        _ => "words",
    }
}

#[test]
fn the_questionnaires_of_us_core_are_asked_answered_and_read_again() {
    if !Path::new(FOLDER).exists() {
        return;
    }
    for name in ["phq-9-example", "prapare-example", "hunger-vital-sign-example"] {
        let text = fs::read_to_string(format!("{FOLDER}/Questionnaire-{name}.json")).expect("a file");
        let form = Form::read(&serde_json::from_str::<Value>(&text).expect("JSON"), "en").unwrap_or_else(|why| panic!("{name}: {why:?}"));
        let mut answers = Answers::default();
        // What an answer brings up is answered in the next round.
        for _ in 0..4 {
            let mut fields = HashMap::new();
            for line in visible(&form, &answers).iter().filter(|line| line.enabled && line.item.is_answerable()) {
                let key = if line.item.is_boxes() { format!("{}_o0", line.key) } else { line.key.clone() };
                fields.insert(key, if line.item.is_boxes() { "true" } else { typed(line.item) }.to_owned());
            }
            let offset = |_: &str| Some("-05:00".to_owned());
            let typing = Typing { fields: &fields, language: "en", offset: &offset, earlier: &answers };
            let (now, faults) = Answers::typed(&form, &typing);
            assert!(faults.is_empty(), "{name}: {faults:?}");
            answers = now;
        }
        assert_eq!(missing(&form, &answers), Vec::<String>::new(), "{name}");
        let items = to_response(&form, &answers);
        assert!(items.as_array().is_some_and(|items| !items.is_empty()), "{name}");
        assert_eq!(to_response(&form, &from_response(&form, &items)), items, "{name}");
    }
}
