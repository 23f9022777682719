//! Everything else that a chart holds → lines of the health summary. What has no page of its own becomes an "other record":
//! nothing that belongs to a person is without a place.

use app::health::{
    entity::health_item,
    model::{Fact, Kind, State, What},
};
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait, sea_query::OnConflict};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Context, insert_all, labels,
    results::{Class, class, code, notes, value_in_words},
    summary::{medicine_name, visit_of},
    words,
};
use crate::fhir::store::Row;

/// What pages show elsewhere, or what is no part of a record.
const ELSEWHERE: [&str; 10] = [
    "Appointment",
    "DiagnosticReport",
    "Encounter",
    "Location",
    "Medication",
    "Organization",
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "RelatedPerson",
];

/// One line before it is known whose it is.
struct Item {
    kind: Kind,
    state: State,
    tentative: bool,
    title: String,
    code: Option<String>,
    at: Option<chrono::DateTime<chrono::Utc>>,
    until: Option<chrono::NaiveDate>,
    facts: Vec<Fact>,
}

pub async fn all(context: &mut Context<'_>, rows: &[&Row]) -> Result<Vec<Uuid>, DbErr> {
    let mut items = Vec::new();
    for row in rows.iter().copied().filter(|row| !ELSEWHERE.contains(&row.resource_type.as_str())) {
        let (Some(patient_id), labels) = (row.patient, labels::of(&row.value)) else { continue };
        if labels.hidden || labels.kept_back || row.value["status"] == "entered-in-error" {
            continue;
        }
        let Some(item) = item(context, row).await? else { continue };
        let sensitive = labels.sensitive || visit_of(context, row).is_some_and(|visit| visit.sensitive);
        items.push(health_item::ActiveModel {
            id: Set(row.id),
            patient_id: Set(patient_id),
            kind: Set(item.kind),
            state: Set(item.state),
            tentative: Set(item.tentative),
            title: Set(item.title),
            code: Set(item.code.filter(|code| code.len() > 1)),
            at: Set(item.at),
            until: Set(item.until),
            facts: Set(serde_json::to_string(&item.facts).unwrap_or_else(|_| "[]".into())),
            sensitive: Set(sensitive),
        });
    }
    let conflict = OnConflict::column(health_item::Column::Id).do_nothing().to_owned();
    insert_all!(context.tx, health_item::Entity, items, conflict.clone());
    Ok(items.into_iter().map(|item| item.id.unwrap()).collect())
}

async fn item(context: &mut Context<'_>, row: &Row) -> Result<Option<Item>, DbErr> {
    let value = &row.value;
    Ok(match row.resource_type.as_str() {
        "Condition" => condition(value),
        "AllergyIntolerance" => allergy(value),
        "MedicationRequest" | "MedicationStatement" => medicine_name(context, row).await?.and_then(|name| medication(value, name)),
        "Immunization" => immunization(value),
        "Procedure" => procedure(value),
        "CareTeam" => care_team(value),
        "Goal" => goal(value),
        "CarePlan" => care_plan(value),
        "FamilyMemberHistory" => family_history(value),
        "Observation" => social(value),
        "ServiceRequest" => planned(value),
        "ImmunizationRecommendation" => recommended(value),
        "Device" => device(value),
        "DocumentReference" => document(value),
        other => Some(anything(other, value)),
    })
}

/// An item with its dates; the rest is filled in by each kind.
fn base(kind: Kind, state: State, title: String, at: &[&Value]) -> Item {
    let at = at.iter().find_map(|found| words::instant(found));
    Item { kind, state, tentative: false, title, code: None, at, until: None, facts: Vec::new() }
}

impl Item {
    fn say(&mut self, what: What, said: Option<impl Into<String>>) {
        self.facts.extend(said.map(|said| Fact::new(what, said)).filter(|fact| !fact.said.trim().is_empty()));
    }
}

fn display(reference: &Value) -> Option<&str> {
    reference["display"].as_str()
}

/// FHIR R4 condition-ver-status: refuted and entered-in-error are no facts; unconfirmed, provisional and differential are
/// said to be so.
fn verified(value: &Value) -> Option<bool> {
    let status = &value["verificationStatus"];
    (!words::has_code(status, &["refuted", "entered-in-error"]))
        .then(|| words::has_code(status, &["unconfirmed", "provisional", "differential"]))
}

/// Active, recurrence and relapse hold today.
fn clinical_state(value: &Value, ended: bool) -> State {
    let status = &value["clinicalStatus"];
    if ended || words::has_code(status, &["inactive", "remission", "resolved"]) {
        State::Past
    } else if words::has_code(status, &["active", "recurrence", "relapse"]) {
        State::Active
    } else {
        State::Unstated
    }
}

fn condition(value: &Value) -> Option<Item> {
    let tentative = verified(value)?;
    let until = words::date(&value["abatementDateTime"]).or_else(|| words::date(&value["abatementPeriod"]["end"]));
    let ended = until.is_some() || value["abatementBoolean"] == true;
    let began = [&value["onsetDateTime"], &value["onsetPeriod"]["start"], &value["recordedDate"]];
    let mut item = base(Kind::Condition, clinical_state(value, ended), words::concept(&value["code"])?, &began);
    (item.tentative, item.until, item.code) = (tentative, until, Some(code(&value["code"])));
    item.say(What::Severity, words::concept(&value["severity"]));
    item.say(What::BodySite, words::concepts(&value["bodySite"]));
    item.say(What::Note, notes(value));
    Some(item)
}

fn allergy(value: &Value) -> Option<Item> {
    let tentative = verified(value)?;
    let began = [&value["onsetDateTime"], &value["recordedDate"]];
    let mut item = base(Kind::Allergy, clinical_state(value, false), words::concept(&value["code"])?, &began);
    (item.tentative, item.code) = (tentative, Some(code(&value["code"])));
    for reaction in words::items(&value["reaction"]) {
        item.say(
            What::Reaction,
            words::concepts(&reaction["manifestation"]).or_else(|| reaction["description"].as_str().map(str::to_owned)),
        );
        item.say(What::Severity, reaction["severity"].as_str());
    }
    item.say(What::Criticality, value["criticality"].as_str().filter(|word| *word != "unable-to-assess"));
    item.say(What::Category, words::items(&value["category"]).next().and_then(Value::as_str));
    item.say(What::Note, notes(value));
    item.facts.dedup();
    Some(item)
}

fn medication(value: &Value, name: String) -> Option<Item> {
    let state = match value["status"].as_str()? {
        "active" | "intended" => State::Active,
        "on-hold" | "stopped" | "completed" | "cancelled" | "not-taken" => State::Past,
        _ => return None,
    };
    // An order not to take something is a line of that visit's summary.
    if value["doNotPerform"] == true {
        return None;
    }
    let began = [&value["authoredOn"], &value["effectiveDateTime"], &value["effectivePeriod"]["start"], &value["dateAsserted"]];
    let mut item = base(Kind::Medication, state, name, &began);
    item.code = Some(code(&value["medicationCodeableConcept"]));
    item.until = words::date(&value["effectivePeriod"]["end"]);
    for dosage in words::items(&value["dosageInstruction"]).chain(words::items(&value["dosage"])) {
        match dosage["text"].as_str().or_else(|| dosage["patientInstruction"].as_str()) {
            Some(text) => item.say(What::Dose, Some(text)),
            None => {
                let quantity = &dosage["doseAndRate"][0]["doseQuantity"];
                item.say(
                    What::Dose,
                    words::number(&quantity["value"]).map(|number| format!("{number} {}", words::unit(quantity)).trim().to_owned()),
                );
                item.say(What::Frequency, frequency(&dosage["timing"]));
                item.say(What::Route, words::concept(&dosage["route"]));
            }
        }
    }
    let reasons = words::concepts(&value["reasonCode"]).or_else(|| display(&value["reasonReference"][0]).map(str::to_owned));
    item.say(What::Reason, reasons);
    item.say(What::Prescriber, display(&value["requester"]));
    item.say(What::RefillsLeft, value["dispenseRequest"]["numberOfRepeatsAllowed"].as_u64().map(|left| left.to_string()));
    item.say(What::Note, notes(value));
    Some(item)
}

/// "2/1/d"; nothing for timings that these three do not tell.
fn frequency(timing: &Value) -> Option<String> {
    let repeat = &timing["repeat"];
    let period = words::number(&repeat["period"])?;
    let unit = repeat["periodUnit"].as_str().filter(|unit| ["h", "d", "wk", "mo"].contains(unit))?;
    Some(format!("{}/{period}/{unit}", repeat["frequency"].as_u64().unwrap_or(1)))
}

fn immunization(value: &Value) -> Option<Item> {
    let state = match value["status"].as_str()? {
        "completed" => State::Done,
        "not-done" => State::NotDone,
        _ => return None,
    };
    let mut item =
        base(Kind::Immunization, state, words::concept(&value["vaccineCode"])?, &[&value["occurrenceDateTime"], &value["recorded"]]);
    let cvx = words::codings(&value["vaccineCode"]).find(|coding| coding["system"] == "http://hl7.org/fhir/sid/cvx");
    item.code = cvx.and_then(|coding| coding["code"].as_str()).map(|found| format!("http://hl7.org/fhir/sid/cvx|{found}"));
    let protocol = &value["protocolApplied"][0];
    let dose = protocol["doseNumberPositiveInt"].as_u64().map(|number| number.to_string());
    item.say(What::DoseNumber, dose.or_else(|| protocol["doseNumberString"].as_str().map(str::to_owned)));
    item.say(What::Manufacturer, display(&value["manufacturer"]));
    item.say(What::LotNumber, value["lotNumber"].as_str());
    item.say(What::BodySite, words::concept(&value["site"]));
    let performer = words::items(&value["performer"]).find_map(|performer| display(&performer["actor"]));
    item.say(What::Performer, performer);
    item.say(What::Place, display(&value["location"]));
    item.say(What::Reason, words::concept(&value["statusReason"]));
    item.say(What::Note, notes(value));
    Some(item)
}

fn procedure(value: &Value) -> Option<Item> {
    let state = match value["status"].as_str()? {
        "completed" => State::Done,
        "not-done" | "stopped" => State::NotDone,
        "preparation" => State::Planned,
        "in-progress" | "on-hold" => State::Active,
        _ => return None,
    };
    let when = [&value["performedDateTime"], &value["performedPeriod"]["start"]];
    let mut item = base(Kind::Procedure, state, words::concept(&value["code"])?, &when);
    item.code = Some(code(&value["code"]));
    item.say(What::BodySite, words::concepts(&value["bodySite"]));
    item.say(What::Reason, words::concepts(&value["reasonCode"]).or_else(|| display(&value["reasonReference"][0]).map(str::to_owned)));
    item.say(What::Performer, words::items(&value["performer"]).find_map(|performer| display(&performer["actor"])));
    item.say(What::Outcome, words::concept(&value["outcome"]));
    item.say(What::Note, notes(value));
    Some(item)
}

fn care_team(value: &Value) -> Option<Item> {
    let state = match value["status"].as_str() {
        Some("active") => State::Active,
        Some("proposed") => State::Planned,
        Some(_) => State::Past,
        None => State::Unstated,
    };
    let named = value["name"]
        .as_str()
        .map(str::to_owned)
        .or_else(|| words::concepts(&value["category"]))
        .or_else(|| words::concepts(&value["reasonCode"]));
    let mut item = base(Kind::CareTeam, state, named.unwrap_or_default(), &[&value["period"]["start"]]);
    item.until = words::date(&value["period"]["end"]);
    for participant in words::items(&value["participant"]) {
        let name = display(&participant["member"]).map(words::letters);
        let said = [name, words::concepts(&participant["role"])].into_iter().flatten().collect::<Vec<_>>().join(", ");
        item.say(What::Member, Some(said));
    }
    Some(item)
}

fn goal(value: &Value) -> Option<Item> {
    let state = match value["lifecycleStatus"].as_str()? {
        "active" | "accepted" | "on-hold" => State::Active,
        "proposed" | "planned" => State::Planned,
        "completed" => State::Done,
        "cancelled" | "rejected" => State::NotDone,
        _ => return None,
    };
    let mut item = base(Kind::Goal, state, words::concept(&value["description"])?, &[&value["startDate"], &value["statusDate"]]);
    for target in words::items(&value["target"]) {
        let quantity = &target["detailQuantity"];
        let number = words::number(&quantity["value"]).map(|number| format!("{number} {}", words::unit(quantity)).trim().to_owned());
        let said = number
            .or_else(|| target["detailString"].as_str().map(str::to_owned))
            .or_else(|| words::concept(&target["detailCodeableConcept"]));
        item.say(What::Target, said);
        item.say(What::TargetDay, words::date(&target["dueDate"]).map(|day| day.to_string()));
    }
    item.say(What::Outcome, words::concept(&value["achievementStatus"]));
    item.say(What::Note, notes(value));
    Some(item)
}

fn care_plan(value: &Value) -> Option<Item> {
    let state = match value["status"].as_str()? {
        "active" | "on-hold" => State::Active,
        "draft" => State::Planned,
        "completed" => State::Done,
        "revoked" => State::NotDone,
        _ => return None,
    };
    // The first category is the profile's own word, "assess-plan"; people know the plan by the next.
    let categories = words::items(&value["category"]).filter(|found| !words::has_code(found, &["assess-plan"])).find_map(words::concept);
    let title = value["title"].as_str().map(str::to_owned).or(categories).or_else(|| value["description"].as_str().map(str::to_owned));
    let mut item = base(Kind::CarePlan, state, title.unwrap_or_default(), &[&value["period"]["start"], &value["created"]]);
    item.until = words::date(&value["period"]["end"]);
    for activity in words::items(&value["activity"]).map(|activity| &activity["detail"]) {
        let said = activity["description"].as_str().map(str::to_owned).or_else(|| words::concept(&activity["code"]));
        item.say(What::Activity, said);
    }
    item.say(What::Author, display(&value["author"]));
    Some(item)
}

fn family_history(value: &Value) -> Option<Item> {
    let title = words::concept(&value["relationship"])?;
    let mut item = base(Kind::FamilyHistory, State::Unstated, title, &[&value["date"]]);
    item.tentative = value["status"] == "partial";
    for found in words::items(&value["condition"]) {
        let age = words::number(&found["onsetAge"]["value"]).or_else(|| found["onsetString"].as_str().map(str::to_owned));
        let said = [words::concept(&found["code"]), age.map(|age| format!("({age})"))].into_iter().flatten().collect::<Vec<_>>().join(" ");
        item.say(What::Condition, Some(said));
    }
    item.say(What::Note, notes(value));
    Some(item)
}

fn social(value: &Value) -> Option<Item> {
    if class(value)? != Class::Social {
        return None;
    }
    let quantity = &value["valueQuantity"];
    let number = words::number(&quantity["value"]).map(|number| format!("{number} {}", words::unit(quantity)).trim().to_owned());
    let parts = || {
        let said = words::items(&value["component"])
            .filter_map(|part| Some(format!("{}: {}", words::concept(&part["code"])?, value_in_words(part)?)));
        Some(said.collect::<Vec<_>>().join("; ")).filter(|said| !said.is_empty())
    };
    let said = number.or_else(|| value_in_words(value)).or_else(parts)?;
    let mut item = base(
        Kind::SocialHistory,
        State::Unstated,
        words::concept(&value["code"])?,
        &[&value["effectiveDateTime"], &value["effectivePeriod"]["start"], &value["issued"]],
    );
    item.code = Some(code(&value["code"]));
    item.say(What::Value, Some(said));
    Some(item)
}

/// An order with a day is something to be done by then; whether it is overdue is a matter of today.
fn planned(value: &Value) -> Option<Item> {
    let state = match value["status"].as_str()? {
        "active" | "on-hold" => State::Planned,
        "completed" => State::Done,
        "revoked" => State::NotDone,
        _ => return None,
    };
    let due = [&value["occurrenceDateTime"], &value["occurrencePeriod"]["end"], &value["occurrencePeriod"]["start"]];
    let mut item = base(Kind::Preventive, state, words::concept(&value["code"])?, &due);
    if item.at.is_none() {
        item.kind = Kind::Other;
        item.at = words::instant(&value["authoredOn"]);
        item.say(What::Category, Some("ServiceRequest"));
    }
    item.say(What::Prescriber, display(&value["requester"]));
    item.say(What::Note, value["patientInstruction"].as_str().map(str::to_owned).or_else(|| notes(value)));
    Some(item)
}

fn recommended(value: &Value) -> Option<Item> {
    let first = words::items(&value["recommendation"]).next()?;
    let title = words::concepts(&first["vaccineCode"]).or_else(|| words::concept(&first["targetDisease"]))?;
    let due = words::items(&first["dateCriterion"]).map(|found| &found["value"]).next().unwrap_or(&Value::Null);
    let state = if words::has_code(&first["forecastStatus"], &["complete", "immune"]) { State::Done } else { State::Planned };
    Some(base(Kind::Preventive, state, title, &[due, &value["date"]]))
}

fn device(value: &Value) -> Option<Item> {
    let state = if value["status"] == "inactive" { State::Past } else { State::Active };
    let named = words::concept(&value["type"]).or_else(|| value["deviceName"][0]["name"].as_str().map(str::to_owned));
    let mut item = base(Kind::Device, state, named?, &[&value["manufactureDate"]]);
    item.until = words::date(&value["expirationDate"]);
    item.say(What::Manufacturer, value["manufacturer"].as_str());
    item.say(What::LotNumber, value["lotNumber"].as_str());
    Some(item)
}

/// Documents whose text is no note: letters as PDF, pictures, other files.
fn document(value: &Value) -> Option<Item> {
    let is_current = value["status"] == "current" && !matches!(value["docStatus"].as_str(), Some("preliminary" | "entered-in-error"));
    let attachments: Vec<&Value> = words::items(&value["content"]).map(|content| &content["attachment"]).collect();
    let is_note = |found: &&Value| found["contentType"].as_str().is_some_and(|kind| kind.starts_with("text/")) && found["data"].is_string();
    let file = attachments.first()?;
    if !is_current || attachments.iter().any(is_note) {
        return None;
    }
    let title = file["title"]
        .as_str()
        .map(str::to_owned)
        .or_else(|| value["description"].as_str().map(str::to_owned))
        .or_else(|| words::concept(&value["type"]));
    let mut item = base(Kind::Document, State::Unstated, title?, &[&value["date"], &value["context"]["period"]["start"]]);
    item.code = Some(code(&value["type"]));
    item.say(What::Category, words::concept(&value["type"]));
    item.say(What::Author, display(&value["author"][0]));
    Some(item)
}

/// What no page of its own shows: by its type, with a word and a day where it has them.
fn anything(resource_type: &str, value: &Value) -> Item {
    let named = [
        words::concept(&value["code"]),
        words::concept(&value["type"]),
        value["title"].as_str().map(str::to_owned),
        value["name"].as_str().map(str::to_owned),
        words::concepts(&value["category"]),
    ]
    .into_iter()
    .flatten()
    .next();
    let dates = [
        &value["created"],
        &value["date"],
        &value["authored"],
        &value["authoredOn"],
        &value["recorded"],
        &value["dateTime"],
        &value["whenHandedOver"],
        &value["whenPrepared"],
        &value["billablePeriod"]["start"],
        &value["period"]["start"],
        &value["receivedTime"],
        &value["started"],
        &value["createdDateTime"],
        &value["effectiveDateTime"],
    ];
    let mut item = base(Kind::Other, State::Unstated, named.unwrap_or_default(), &dates);
    item.say(What::Category, Some(resource_type));
    item
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn coded(code: &str) -> Value {
        json!({"coding": [{"code": code}]})
    }

    #[test]
    fn what_is_refuted_or_an_error_is_no_fact_and_what_is_provisional_says_so() {
        let with = |status: &str| condition(&json!({"code": {"text": "Asthma"}, "verificationStatus": coded(status)}));
        assert!(with("refuted").is_none() && with("entered-in-error").is_none());
        assert!(with("provisional").is_some_and(|item| item.tentative));
        assert!(with("confirmed").is_some_and(|item| !item.tentative));
        let with = |status: &str| allergy(&json!({"code": {"text": "Penicillin"}, "verificationStatus": coded(status)}));
        assert!(with("refuted").is_none() && with("unconfirmed").is_some_and(|item| item.tentative));
    }

    #[test]
    fn a_condition_with_an_end_is_past_whatever_else_it_says() {
        let item = condition(&json!({"code": {"text": "Flu"}, "clinicalStatus": coded("active"), "abatementDateTime": "2021-03"}))
            .expect("an item");
        assert_eq!((item.state, item.until.map(|day| day.to_string()).as_deref()), (State::Past, Some("2021-03-01")));
    }

    #[test]
    fn doses_are_as_written_and_otherwise_told_from_their_parts() {
        let written =
            medication(&json!({"status": "active", "dosageInstruction": [{"text": "1 tablet at night"}]}), "X".into()).expect("an item");
        assert_eq!(written.facts, [Fact::new(What::Dose, "1 tablet at night")]);
        let parts = json!({"status": "active", "dosageInstruction": [{
            "timing": {"repeat": {"frequency": 2, "period": 1.0, "periodUnit": "d"}},
            "doseAndRate": [{"doseQuantity": {"value": 1.0, "unit": "tablet"}}],
        }]});
        let told = medication(&parts, "X".into()).expect("an item");
        assert_eq!(told.facts, [Fact::new(What::Dose, "1 tablet"), Fact::new(What::Frequency, "2/1/d")]);
    }

    #[test]
    fn medicines_that_nobody_takes_are_not_current() {
        let state = |status: &str| medication(&json!({"status": status}), "X".into()).map(|item| item.state);
        assert_eq!((state("stopped"), state("draft"), state("entered-in-error")), (Some(State::Past), None, None));
    }

    #[test]
    fn a_pdf_is_a_document_and_a_text_is_a_note() {
        let with = |kind: &str| {
            document(
                &json!({"status": "current", "type": {"text": "Letter"}, "content": [{"attachment": {"contentType": kind, "data": "AA=="}}]}),
            )
        };
        assert!(with("application/pdf").is_some() && with("text/plain").is_none());
    }
}
