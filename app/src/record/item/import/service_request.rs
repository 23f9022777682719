//! ServiceRequest.

use serde_json::Value;

use super::item::{Item, base, is_proposed, person};
use crate::record::{
    fhir::{self, notes},
    item::model::{Kind, State, What, remark},
};

/// An order with a day is something to be done by then; whether it is overdue is a matter of today. An order that something
/// must not be done is never to come.
pub(super) fn planned(value: &Value) -> Option<Item> {
    let must_not = value["doNotPerform"] == true;
    let state = match value["status"].as_str()? {
        "active" | "on-hold" if must_not => State::NotDone,
        "active" | "on-hold" => State::Planned,
        "completed" => State::Done,
        "revoked" => State::NotDone,
        _ => return None,
    };
    let due = [&value["occurrenceDateTime"], &value["occurrencePeriod"]["end"], &value["occurrencePeriod"]["start"]];
    let has_day = due.iter().any(|found| fhir::instant(found).is_some());
    let (kind, when) = match (has_day, must_not) {
        (true, _) => (Kind::Preventive, due),
        (false, true) => (Kind::Preventive, [&value["authoredOn"]; 3]),
        (false, false) => (Kind::Other, [&value["authoredOn"]; 3]),
    };
    let mut item = base(kind, state, fhir::named(&value["code"]), &when);
    if kind == Kind::Other {
        item.say(What::Category, Some("ServiceRequest"));
    }
    item.say(What::Remark, must_not.then_some(remark::DO_NOT));
    item.tentative = is_proposed(value);
    item.say(What::Remark, (is_proposed(value) && !must_not).then_some(remark::PROPOSED));
    item.say(What::Prescriber, person(&value["requester"]));
    item.say(What::Note, value["patientInstruction"].as_str().map(str::to_owned).or_else(|| notes(value)));
    Some(item)
}
