//! CareTeam, Goal and CarePlan.

use serde_json::Value;

use super::item::{Item, base, display, is_proposed, person};
use crate::record::summary::import::activities;
use crate::record::{
    fhir::{self, narrative::narrative, notes},
    item::model::{Kind, State, What},
};

pub(super) fn care_team(value: &Value) -> Item {
    let state = match value["status"].as_str() {
        Some("active") => State::Active,
        Some("proposed") => State::Planned,
        Some(_) => State::Past,
        None => State::Unstated,
    };
    let named = value["name"]
        .as_str()
        .map(str::to_owned)
        .or_else(|| fhir::concepts(&value["category"]))
        .or_else(|| fhir::concepts(&value["reasonCode"]));
    let mut item = base(Kind::CareTeam, state, named, &[&value["period"]["start"]]);
    item.ended(&[&value["period"]["end"]]);
    for participant in fhir::items(&value["participant"]).filter(|participant| !is_the_patient(participant, &value["subject"])) {
        let said = [person(&participant["member"]), fhir::concepts(&participant["role"])];
        item.say(What::Member, Some(said.into_iter().flatten().collect::<Vec<_>>().join(", ")));
    }
    item
}

/// Nobody is told that they are in their own care team. SNOMED CT 116154003: patient.
fn is_the_patient(participant: &Value, subject: &Value) -> bool {
    match participant["member"]["reference"].as_str() {
        Some(member) => subject["reference"] == member || member.contains("Patient/"),
        None => fhir::has_code(&participant["role"], &["116154003"]),
    }
}

pub(super) fn goal(value: &Value) -> Option<Item> {
    let state = match value["lifecycleStatus"].as_str()? {
        "active" | "accepted" | "on-hold" => State::Active,
        "proposed" | "planned" => State::Planned,
        "completed" => State::Done,
        "cancelled" | "rejected" => State::NotDone,
        _ => return None,
    };
    let mut item = base(Kind::Goal, state, fhir::named(&value["description"]), &[&value["startDate"], &value["statusDate"]]);
    for target in fhir::items(&value["target"]) {
        let said = fhir::quantity(&target["detailQuantity"])
            .or_else(|| target["detailString"].as_str().map(str::to_owned))
            .or_else(|| fhir::concept(&target["detailCodeableConcept"]));
        item.say(What::Target, said);
        item.say(What::TargetDay, fhir::day(&target["dueDate"]));
    }
    item.say(What::Outcome, fhir::concept(&value["achievementStatus"]));
    item.say(What::Note, notes(value));
    Some(item)
}

pub(super) fn care_plan(value: &Value) -> Option<Item> {
    let state = match value["status"].as_str()? {
        "active" | "on-hold" => State::Active,
        "draft" => State::Planned,
        "completed" => State::Done,
        "revoked" => State::NotDone,
        _ => return None,
    };
    // The first category is the profile's own word, "assess-plan"; people know the plan by the next.
    let categories = fhir::items(&value["category"]).filter(|found| !fhir::has_code(found, &["assess-plan"])).find_map(fhir::concept);
    let title = value["title"].as_str().map(str::to_owned).or(categories).or_else(|| value["description"].as_str().map(str::to_owned));
    let mut item = base(Kind::CarePlan, state, title, &[&value["period"]["start"], &value["created"]]);
    item.tentative = is_proposed(value);
    item.ended(&[&value["period"]["end"]]);
    let referred = fhir::items(&value["activity"]).filter_map(|activity| display(&activity["reference"]));
    let told: Vec<String> = activities(value).chain(referred).collect();
    // Some plans are their narrative: it says that it tells more than the rest does.
    if value["text"]["status"] == "additional" {
        item.say(What::Note, narrative(value));
    }
    for activity in told {
        item.say(What::Activity, Some(activity));
    }
    item.say(What::Author, person(&value["author"]));
    item.say(What::Note, notes(value));
    Some(item)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    use crate::record::item::model::Fact;

    #[test]
    fn nobody_is_in_their_own_care_team() {
        let role = |words: &str, code: &str| json!([{"text": words, "coding": [{"code": code}]}]);
        let team = care_team(&json!({"subject": {"reference": "urn:uuid:p"}, "participant": [
            {"member": {"reference": "urn:uuid:p", "display": "Ana1 Roe2"}, "role": role("Patient (person)", "116154003")},
            {"role": role("Patient", "116154003")},
            {"member": {"reference": "urn:uuid:d", "display": "Dr. Willena258 Oberbrunner298"}, "role": role("Healthcare professional (occupation)", "223366009")},
        ]}));
        assert_eq!(team.facts, [Fact::new(What::Member, "Dr. Willena Oberbrunner, Healthcare professional")]);
    }

    #[test]
    fn a_plan_that_is_its_narrative_is_told_in_its_words() {
        let plan = |status: &str| {
            let text = json!({"status": status, "div": "<div><p>Rest a lot.</p></div>"});
            let activity = json!([{"detail": {"description": "Walk", "status": "in-progress"}}, {"detail": {"description": "Run", "status": "cancelled"}}]);
            care_plan(&json!({"status": "active", "text": text, "activity": activity})).expect("an item").facts
        };
        let walk = Fact::new(What::Activity, "Walk");
        assert_eq!(plan("additional"), [Fact::new(What::Note, "Rest a lot."), walk.clone()]);
        assert_eq!(plan("generated"), vec![walk], "it says the same in other words");
    }
}
