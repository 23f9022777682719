//! Procedure.

use serde_json::Value;

use super::item::{Item, base, display, person};
use crate::record::{
    fhir::{self, code, notes},
    item::model::{Kind, State, What, remark},
};

pub(super) fn procedure(value: &Value) -> Option<Item> {
    let state = match value["status"].as_str()? {
        "completed" => State::Done,
        "not-done" => State::NotDone,
        "stopped" => State::Past,
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
    let remark = match value["status"].as_str() {
        Some("stopped") => Some(remark::BROKEN_OFF),
        Some("on-hold") => Some(remark::ON_HOLD),
        Some("in-progress") => Some(remark::UNDER_WAY),
        _ => None,
    };
    item.say(What::Remark, remark);
    item.say(What::BodySite, fhir::concepts(&value["bodySite"]));
    item.say(What::Reason, fhir::concept(&value["statusReason"]));
    item.say(What::Reason, fhir::concepts(&value["reasonCode"]).or_else(|| display(&value["reasonReference"][0])));
    item.say(What::Performer, fhir::items(&value["performer"]).find_map(|performer| person(&performer["actor"])));
    item.say(What::Outcome, fhir::concept(&value["outcome"]));
    item.say(What::Note, notes(value));
    Some(item)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::record::item::model::Fact;

    #[test]
    fn what_was_begun_and_not_finished_says_so() {
        for (status, state, remark) in [
            ("stopped", State::Past, remark::BROKEN_OFF),
            ("on-hold", State::Active, remark::ON_HOLD),
            ("in-progress", State::Active, remark::UNDER_WAY),
        ] {
            let item = procedure(&json!({"status": status, "code": {"text": "Biopsy"}})).expect("an item");
            assert_eq!((item.state, item.facts), (state, vec![Fact::new(What::Remark, remark)]), "{status}");
        }
    }
}
