//! Procedure.

use serde_json::Value;

use super::item::{Item, base, display, person};
use crate::record::{
    fhir::{self, code, notes},
    item::model::{Kind, State, What},
};

pub(super) fn procedure(value: &Value) -> Option<Item> {
    let state = match value["status"].as_str()? {
        "completed" => State::Done,
        "not-done" | "stopped" => State::NotDone,
        "preparation" => State::Planned,
        "in-progress" | "on-hold" => State::Active,
        _ => return None,
    };
    let mut item = base(Kind::Procedure, state, fhir::named(&value["code"]), &[]);
    match value["performedString"].as_str() {
        Some(words) => item.say(What::Day, Some(words)),
        None => item.began(&[&value["performedDateTime"], &value["performedPeriod"]["start"]]),
    }
    item.code = Some(code(&value["code"]));
    item.say(What::BodySite, fhir::concepts(&value["bodySite"]));
    item.say(What::Reason, fhir::concept(&value["statusReason"]));
    item.say(What::Reason, fhir::concepts(&value["reasonCode"]).or_else(|| display(&value["reasonReference"][0])));
    item.say(What::Performer, fhir::items(&value["performer"]).find_map(|performer| person(&performer["actor"])));
    item.say(What::Outcome, fhir::concept(&value["outcome"]));
    item.say(What::Note, notes(value));
    Some(item)
}
