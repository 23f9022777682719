//! Everything else that a chart holds → lines of the health summary. What has no page of its own, and what no other map could
//! show, becomes an "other record": nothing that belongs to a person is without a place.

use std::collections::HashSet;

use app::record::item::{
    entity::health_item,
    model::{Fact, Kind, State, What, remark},
};
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait, sea_query::OnConflict};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Context, dosage, insert_all, labels, names,
    results::{Class, class, code, notes, value_in_words},
    summary::{activities, medicine_name, visit_of},
    words,
};
use crate::fhir::{
    attachment,
    html::narrative,
    store::{self, Row},
};

/// The types that have a map here. Of the others an item is made only when no other map shows them.
const OWN: [&str; 16] = [
    "AllergyIntolerance",
    "CarePlan",
    "CareTeam",
    "Condition",
    "Device",
    "DiagnosticReport",
    "DocumentReference",
    "FamilyMemberHistory",
    "Goal",
    "Immunization",
    "ImmunizationRecommendation",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Procedure",
    "ServiceRequest",
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

/// `shown` are those of which other pages show something.
pub async fn all(context: &mut Context<'_>, rows: &[&Row], shown: &HashSet<Uuid>) -> Result<Vec<Uuid>, DbErr> {
    let (mut items, mut listed) = (Vec::new(), Vec::new());
    for row in rows.iter().copied().filter(|row| row.resource_type != "Patient") {
        let Some(patient_id) = row.patient else { continue };
        let labels = labels::of(&row.value);
        if labels.withheld() || is_kept(row) || context.replaced.contains(&row.id) {
            continue;
        }
        let found = of(context, row, shown.contains(&row.id)).await?;
        let sensitive = labels.sensitive || visit_of(context, row).is_some_and(|visit| visit.sensitive);
        listed.extend((!found.is_empty()).then_some(row.id));
        items.extend((0..store::PARTS).zip(found).map(|(number, item)| health_item::ActiveModel {
            id: Set(store::part(row.id, number)),
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
        }));
    }
    let conflict = OnConflict::column(health_item::Column::Id).do_nothing().to_owned();
    insert_all!(context.tx, health_item::Entity, items, conflict.clone());
    Ok(listed)
}

/// What nobody is told of: errors, what is superseded, and what is not final yet.
fn is_kept(row: &Row) -> bool {
    let value = &row.value;
    let says = |member: &str, words: &[&str]| value[member].as_str().is_some_and(|word| words.contains(&word));
    let is_error = ["status", "lifecycleStatus", "docStatus"].iter().any(|member| says(member, &["entered-in-error"]));
    let not_final = match row.resource_type.as_str() {
        "Observation" | "DiagnosticReport" => says("status", &["registered", "partial", "preliminary"]),
        "DocumentReference" => says("status", &["superseded"]) || says("docStatus", &["preliminary"]),
        _ => false,
    };
    is_error || not_final || words::has_code(&value["verificationStatus"], &["entered-in-error"])
}

/// The items of a resource; an "other record" of one that would have no place at all.
async fn of(context: &mut Context<'_>, row: &Row, is_shown: bool) -> Result<Vec<Item>, DbErr> {
    let mut found = own(context, row, is_shown).await?;
    if found.is_empty() && !is_shown {
        let mut item = anything(&row.resource_type, &row.value);
        if item.title.is_empty() && row.resource_type.starts_with("Medication") {
            item.title = medicine_name(context, row).await?.unwrap_or_default();
        }
        found.push(item);
    }
    for item in &mut found {
        // Pages name what has no words by its kind; plans and teams are called so anyway.
        let is_named = !item.title.is_empty() || matches!(item.kind, Kind::CarePlan | Kind::CareTeam);
        if !is_named && !item.facts.iter().any(|fact| fact.what == What::Category) {
            item.say(What::Category, Some(row.resource_type.as_str()));
        }
    }
    Ok(found)
}

async fn own(context: &mut Context<'_>, row: &Row, is_shown: bool) -> Result<Vec<Item>, DbErr> {
    if !OWN.contains(&row.resource_type.as_str()) {
        return Ok(Vec::new());
    }
    let value = names::filled(context, row).await?;
    let value: &Value = &value;
    let found = match row.resource_type.as_str() {
        "Condition" => condition(value),
        "AllergyIntolerance" => allergy(value),
        // An order not to take something is a line of its visit's summary.
        "MedicationRequest" if is_shown && value["doNotPerform"] == true => None,
        "MedicationRequest" | "MedicationStatement" => {
            let name = medicine_name(context, row).await?;
            medication(value, name.unwrap_or_default())
        }
        "Immunization" => immunization(value),
        "Procedure" => procedure(value),
        "CareTeam" => Some(care_team(value)),
        "Goal" => goal(value),
        "CarePlan" => care_plan(value),
        "FamilyMemberHistory" => Some(family_history(value)),
        "Observation" => social(value),
        "ServiceRequest" => planned(value),
        "ImmunizationRecommendation" => return Ok(recommended(value)),
        "Device" => Some(device(value)),
        "DocumentReference" | "DiagnosticReport" => document(value),
        _ => None,
    };
    Ok(found.into_iter().collect())
}

/// An item with its dates; the rest is filled in by each kind.
fn base(kind: Kind, state: State, title: Option<String>, at: &[&Value]) -> Item {
    let title = title.unwrap_or_default();
    let mut item = Item { kind, state, tentative: false, title, code: None, at: None, until: None, facts: Vec::new() };
    item.began(at);
    item
}

impl Item {
    fn say(&mut self, what: What, said: Option<impl Into<String>>) {
        self.facts.extend(said.map(|said| Fact::new(what, said)).filter(|fact| !fact.said.trim().is_empty()));
    }

    /// The first of these that is a date. Where it is a year or a month, that is all that is known, and a fact.
    fn began(&mut self, at: &[&Value]) {
        let Some(found) = at.iter().copied().find(|found| words::instant(found).is_some()) else { return };
        let what = match self.kind {
            Kind::Condition | Kind::Allergy | Kind::Medication | Kind::CarePlan | Kind::CareTeam | Kind::Goal => What::Since,
            Kind::Preventive => What::TargetDay,
            _ => What::Day,
        };
        match words::partial(found) {
            Some(partial) => self.say(what, Some(partial)),
            None => self.at = words::instant(found),
        }
    }

    fn ended(&mut self, until: &[&Value]) {
        let Some(found) = until.iter().copied().find(|found| words::date(found).is_some()) else { return };
        match words::partial(found) {
            Some(partial) => self.say(What::Until, Some(partial)),
            None => self.until = words::date(found),
        }
    }
}

/// What a thing or a place is called.
fn display(reference: &Value) -> Option<String> {
    reference["display"].as_str().map(words::plain)
}

/// What a person is called.
fn person(reference: &Value) -> Option<String> {
    reference["display"].as_str().map(words::person)
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
    let abated = [&value["abatementDateTime"], &value["abatementPeriod"]["end"]];
    let in_words = value["abatementString"].as_str();
    let ended = abated.iter().any(|found| words::date(found).is_some()) || in_words.is_some() || value["abatementBoolean"] == true;
    let mut item = base(Kind::Condition, clinical_state(value, ended), words::named(&value["code"]), &[]);
    began(&mut item, value);
    item.ended(&abated);
    item.say(What::Until, in_words);
    (item.tentative, item.code) = (tentative, Some(code(&value["code"])));
    item.say(What::Severity, words::concept(&value["severity"]));
    item.say(What::BodySite, words::concepts(&value["bodySite"]));
    item.say(What::Note, notes(value));
    Some(item)
}

/// When a condition or an allergy began: in words where its source has only those; else no later than it was recorded.
fn began(item: &mut Item, value: &Value) {
    match value["onsetString"].as_str() {
        Some(words) => item.say(What::Since, Some(words)),
        None => item.began(&[&value["onsetDateTime"], &value["onsetPeriod"]["start"], &value["recordedDate"]]),
    }
}

fn allergy(value: &Value) -> Option<Item> {
    let tentative = verified(value)?;
    let substance = || words::items(&value["reaction"]).find_map(|reaction| words::named(&reaction["substance"]));
    let title = words::named(&value["code"]).or_else(substance);
    let mut item = base(Kind::Allergy, clinical_state(value, false), title, &[]);
    began(&mut item, value);
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
    let must_not = value["doNotPerform"] == true;
    let state = match value["status"].as_str()? {
        "active" | "intended" if must_not => State::Past,
        "active" | "intended" => State::Active,
        "on-hold" | "stopped" | "completed" | "cancelled" | "not-taken" => State::Past,
        _ => return None,
    };
    let when = [&value["authoredOn"], &value["effectiveDateTime"], &value["effectivePeriod"]["start"], &value["dateAsserted"]];
    let mut item = base(Kind::Medication, state, Some(name), &when);
    item.code = Some(code(&value["medicationCodeableConcept"]));
    item.ended(&[&value["effectivePeriod"]["end"]]);
    item.say(What::Remark, must_not.then_some(remark::DO_NOT));
    for dosage in words::items(&value["dosageInstruction"]).chain(words::items(&value["dosage"])) {
        item.facts.extend(dosage::facts(dosage));
    }
    let reasons = words::concepts(&value["reasonCode"]).or_else(|| display(&value["reasonReference"][0]));
    item.say(What::Reason, reasons);
    item.say(What::Prescriber, person(&value["requester"]));
    item.say(What::RefillsLeft, value["dispenseRequest"]["numberOfRepeatsAllowed"].as_u64().map(|left| left.to_string()));
    item.say(What::Note, notes(value));
    Some(item)
}

fn immunization(value: &Value) -> Option<Item> {
    let state = match value["status"].as_str()? {
        "completed" => State::Done,
        "not-done" => State::NotDone,
        _ => return None,
    };
    let mut item = base(Kind::Immunization, state, words::named(&value["vaccineCode"]), &[]);
    match value["occurrenceString"].as_str() {
        Some(words) => item.say(What::Day, Some(words)),
        None => item.began(&[&value["occurrenceDateTime"], &value["recorded"]]),
    }
    let cvx = words::codings(&value["vaccineCode"]).find(|coding| coding["system"] == "http://hl7.org/fhir/sid/cvx");
    item.code = cvx.and_then(|coding| coding["code"].as_str()).map(|found| format!("http://hl7.org/fhir/sid/cvx|{found}"));
    item.say(What::Remark, (value["isSubpotent"] == true).then_some(remark::SUBPOTENT));
    let protocol = &value["protocolApplied"][0];
    let dose = protocol["doseNumberPositiveInt"].as_u64().map(|number| number.to_string());
    item.say(What::DoseNumber, dose.or_else(|| protocol["doseNumberString"].as_str().map(str::to_owned)));
    item.say(What::Manufacturer, display(&value["manufacturer"]));
    item.say(What::LotNumber, value["lotNumber"].as_str());
    item.say(What::BodySite, words::concept(&value["site"]));
    item.say(What::Performer, words::items(&value["performer"]).find_map(|performer| person(&performer["actor"])));
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
    let mut item = base(Kind::Procedure, state, words::named(&value["code"]), &[]);
    match value["performedString"].as_str() {
        Some(words) => item.say(What::Day, Some(words)),
        None => item.began(&[&value["performedDateTime"], &value["performedPeriod"]["start"]]),
    }
    item.code = Some(code(&value["code"]));
    item.say(What::BodySite, words::concepts(&value["bodySite"]));
    item.say(What::Reason, words::concept(&value["statusReason"]));
    item.say(What::Reason, words::concepts(&value["reasonCode"]).or_else(|| display(&value["reasonReference"][0])));
    item.say(What::Performer, words::items(&value["performer"]).find_map(|performer| person(&performer["actor"])));
    item.say(What::Outcome, words::concept(&value["outcome"]));
    item.say(What::Note, notes(value));
    Some(item)
}

fn care_team(value: &Value) -> Item {
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
    let mut item = base(Kind::CareTeam, state, named, &[&value["period"]["start"]]);
    item.ended(&[&value["period"]["end"]]);
    for participant in words::items(&value["participant"]).filter(|participant| !is_the_patient(participant, &value["subject"])) {
        let said = [person(&participant["member"]), words::concepts(&participant["role"])];
        item.say(What::Member, Some(said.into_iter().flatten().collect::<Vec<_>>().join(", ")));
    }
    item
}

/// Nobody is told that they are in their own care team. SNOMED CT 116154003: patient.
fn is_the_patient(participant: &Value, subject: &Value) -> bool {
    match participant["member"]["reference"].as_str() {
        Some(member) => subject["reference"] == member || member.contains("Patient/"),
        None => words::has_code(&participant["role"], &["116154003"]),
    }
}

fn goal(value: &Value) -> Option<Item> {
    let state = match value["lifecycleStatus"].as_str()? {
        "active" | "accepted" | "on-hold" => State::Active,
        "proposed" | "planned" => State::Planned,
        "completed" => State::Done,
        "cancelled" | "rejected" => State::NotDone,
        _ => return None,
    };
    let mut item = base(Kind::Goal, state, words::named(&value["description"]), &[&value["startDate"], &value["statusDate"]]);
    for target in words::items(&value["target"]) {
        let said = words::quantity(&target["detailQuantity"])
            .or_else(|| target["detailString"].as_str().map(str::to_owned))
            .or_else(|| words::concept(&target["detailCodeableConcept"]));
        item.say(What::Target, said);
        item.say(What::TargetDay, words::day(&target["dueDate"]));
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
    let mut item = base(Kind::CarePlan, state, title, &[&value["period"]["start"], &value["created"]]);
    item.ended(&[&value["period"]["end"]]);
    let referred = words::items(&value["activity"]).filter_map(|activity| display(&activity["reference"]));
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

fn family_history(value: &Value) -> Item {
    let mut item = base(Kind::FamilyHistory, State::Unstated, words::named(&value["relationship"]), &[&value["date"]]);
    item.tentative = value["status"] == "partial";
    for found in words::items(&value["condition"]) {
        let age = words::number(&found["onsetAge"]["value"]).or_else(|| found["onsetString"].as_str().map(str::to_owned));
        let said = [words::named(&found["code"]), age.map(|age| format!("({age})"))].into_iter().flatten().collect::<Vec<_>>().join(" ");
        item.say(What::Condition, Some(said));
    }
    item.say(What::Note, notes(value));
    item
}

fn social(value: &Value) -> Option<Item> {
    if class(value)? != Class::Social {
        return None;
    }
    let answer = |part: &Value| words::quantity(&part["valueQuantity"]).or_else(|| value_in_words(part));
    let parts = words::items(&value["component"]).filter_map(|part| Some(format!("{}: {}", words::named(&part["code"])?, answer(part)?)));
    let said: Vec<String> = answer(value).into_iter().chain(parts).collect();
    if said.is_empty() {
        return None;
    }
    let when = [&value["effectiveDateTime"], &value["effectivePeriod"]["start"], &value["issued"]];
    let mut item = base(Kind::SocialHistory, State::Unstated, words::named(&value["code"]), &when);
    item.code = Some(code(&value["code"]));
    for answer in said {
        item.say(What::Value, Some(answer));
    }
    item.say(What::Note, notes(value));
    Some(item)
}

/// An order with a day is something to be done by then; whether it is overdue is a matter of today. An order that something
/// must not be done is never to come.
fn planned(value: &Value) -> Option<Item> {
    let must_not = value["doNotPerform"] == true;
    let state = match value["status"].as_str()? {
        "active" | "on-hold" if must_not => State::NotDone,
        "active" | "on-hold" => State::Planned,
        "completed" => State::Done,
        "revoked" => State::NotDone,
        _ => return None,
    };
    let due = [&value["occurrenceDateTime"], &value["occurrencePeriod"]["end"], &value["occurrencePeriod"]["start"]];
    let has_day = due.iter().any(|found| words::instant(found).is_some());
    let (kind, when) = match (has_day, must_not) {
        (true, _) => (Kind::Preventive, due),
        (false, true) => (Kind::Preventive, [&value["authoredOn"]; 3]),
        (false, false) => (Kind::Other, [&value["authoredOn"]; 3]),
    };
    let mut item = base(kind, state, words::named(&value["code"]), &when);
    if kind == Kind::Other {
        item.say(What::Category, Some("ServiceRequest"));
    }
    item.say(What::Remark, must_not.then_some(remark::DO_NOT));
    item.say(What::Prescriber, person(&value["requester"]));
    item.say(What::Note, value["patientInstruction"].as_str().map(str::to_owned).or_else(|| notes(value)));
    Some(item)
}

/// Each vaccine, with the day when it is due. LOINC 30980-7: date vaccine due.
fn recommended(value: &Value) -> Vec<Item> {
    let one = |found: &Value| {
        let title = words::concepts(&found["vaccineCode"])
            .or_else(|| words::concept(&found["targetDisease"]))
            .or_else(|| words::items(&found["vaccineCode"]).find_map(words::named))
            .or_else(|| words::named(&found["targetDisease"]));
        let dates = || words::items(&found["dateCriterion"]);
        let due = dates().find(|date| words::has_code(&date["code"], &["30980-7"])).or_else(|| dates().next());
        let status = &found["forecastStatus"];
        let state = if words::has_code(status, &["complete", "immune"]) {
            State::Done
        } else if words::has_code(status, &["contraindicated", "agedout"]) {
            State::NotDone
        } else {
            State::Planned
        };
        let mut item = base(Kind::Preventive, state, title, &[due.map_or(&Value::Null, |due| &due["value"])]);
        item.say(What::Reason, words::concepts(&found["forecastReason"]));
        item
    };
    words::items(&value["recommendation"]).map(one).collect()
}

/// When it was made and until when it may be used is not when somebody has it.
fn device(value: &Value) -> Item {
    let state = if value["status"] == "inactive" { State::Past } else { State::Active };
    let name = value["deviceName"][0]["name"].as_str().map(str::to_owned);
    let named = words::concept(&value["type"]).or_else(|| name.clone()).or_else(|| words::named(&value["type"]));
    let mut item = base(Kind::Device, state, named, &[]);
    let model = [name.filter(|name| *name != item.title), value["modelNumber"].as_str().map(str::to_owned)];
    item.say(What::Manufacturer, value["manufacturer"].as_str());
    item.say(What::Model, Some(model.into_iter().flatten().collect::<Vec<_>>().join(", ")));
    item.say(What::SerialNumber, value["serialNumber"].as_str());
    item.say(What::LotNumber, value["lotNumber"].as_str());
    for carrier in words::items(&value["udiCarrier"]) {
        item.say(What::Udi, carrier["carrierHRF"].as_str().or_else(|| carrier["deviceIdentifier"].as_str()));
    }
    item.say(What::Made, words::day(&value["manufactureDate"]));
    item.say(What::Expires, words::day(&value["expirationDate"]));
    item.say(What::Note, notes(value));
    item
}

/// Documents and reports whose content is no note: letters as PDF, pictures, other files, and files that stay where they are.
fn document(value: &Value) -> Option<Item> {
    let is_report = value["resourceType"] == "DiagnosticReport";
    let about = if is_report { &value["code"] } else { &value["type"] };
    if !matches!(value["status"].as_str()?, "current" | "final" | "amended" | "corrected" | "appended") {
        return None;
    }
    let files: Vec<&Value> = attachment::files(value).map(|(file, _)| file).collect();
    let is_note = attachment::of(value).any(|found| attachment::text(found).is_some());
    let elsewhere = attachment::of(value).find(|found| attachment::is_elsewhere(found)).filter(|_| !is_note);
    let first = files.first().copied().or(elsewhere)?;
    let title = first["title"]
        .as_str()
        .map(str::to_owned)
        .or_else(|| value["description"].as_str().map(str::to_owned))
        .or_else(|| words::named(about));
    let when = [
        &value["date"],
        &value["context"]["period"]["start"],
        &value["effectiveDateTime"],
        &value["effectivePeriod"]["start"],
        &value["issued"],
    ];
    let mut item = base(Kind::Document, State::Unstated, title, &when);
    item.code = Some(code(about));
    item.say(What::Category, words::concept(about));
    let authors = [&value["author"][0], &value["resultsInterpreter"][0], &value["performer"][0]];
    item.say(What::Author, authors.into_iter().find_map(person));
    item.say(What::Remark, elsewhere.map(|_| remark::KEPT_ELSEWHERE));
    for file in files {
        let ending = attachment::kind(file).1.to_uppercase();
        item.say(What::File, Some(file["title"].as_str().map_or(ending, str::to_owned)));
    }
    Some(item)
}

/// What no page of its own shows: by its type, with a word and a day where it has them. What was refuted is not named.
fn anything(resource_type: &str, value: &Value) -> Item {
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    let person = || words::name(&value["name"]).map(|(given, family)| format!("{given} {family}").trim().to_owned());
    let named = words::named(&value["code"])
        .or_else(|| words::concept(&value["type"]))
        .or_else(|| words::concepts(&value["type"]))
        .or_else(|| text("title"))
        .or_else(|| text("name"))
        .or_else(person)
        .or_else(|| words::named(&value["vaccineCode"]))
        .or_else(|| words::concepts(&value["serviceType"]))
        .or_else(|| words::concepts(&value["category"]))
        .or_else(|| text("description"));
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
        &value["effectivePeriod"]["start"],
        &value["occurrenceDateTime"],
        &value["performedDateTime"],
        &value["performedPeriod"]["start"],
        &value["onsetDateTime"],
        &value["recordedDate"],
        &value["start"],
        &value["issued"],
    ];
    let refuted = words::has_code(&value["verificationStatus"], &["refuted"]);
    let mut item = base(Kind::Other, State::Unstated, named.filter(|_| !refuted), &dates);
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
        assert_eq!((item.state, item.until, item.facts), (State::Past, None, vec![Fact::new(What::Until, "2021-03")]));
    }

    #[test]
    fn a_year_or_a_month_is_no_day() {
        let item = condition(&json!({"code": {"text": "Asthma"}, "onsetDateTime": "2019", "recordedDate": "2020-05-06"})).expect("an item");
        assert_eq!((item.at, item.facts), (None, vec![Fact::new(What::Since, "2019")]));
        let item = condition(&json!({"code": {"text": "Asthma"}, "onsetDateTime": "2019-03-04"})).expect("an item");
        assert_eq!((item.at.map(|at| at.date_naive().to_string()).as_deref(), item.facts), (Some("2019-03-04"), Vec::new()));
        let shot = json!({"status": "completed", "vaccineCode": {"text": "MMR"}, "occurrenceString": "as a child", "isSubpotent": true});
        let item = immunization(&shot).expect("an item");
        assert_eq!(item.facts, [Fact::new(What::Day, "as a child"), Fact::new(What::Remark, remark::SUBPOTENT)]);
        let due = planned(&json!({"status": "active", "code": {"text": "Mammogram"}, "occurrenceDateTime": "2026-05"})).expect("an item");
        assert_eq!((due.kind, due.at, due.facts), (Kind::Preventive, None, vec![Fact::new(What::TargetDay, "2026-05")]));
    }

    #[test]
    fn what_is_coded_only_is_called_by_its_code() {
        let snomed = json!({"coding": [{"system": "http://snomed.info/sct", "code": "91936005"}]});
        let titles = [
            allergy(&json!({"code": snomed})),
            condition(&json!({"code": snomed})),
            procedure(&json!({"status": "completed", "code": snomed})),
            immunization(&json!({"status": "completed", "vaccineCode": snomed})),
        ];
        assert!(titles.iter().flatten().count() == 4 && titles.iter().flatten().all(|item| item.title == "SNOMED CT 91936005"));
        assert_eq!(allergy(&json!({"reaction": [{"substance": {"text": "Peanut"}}]})).map(|item| item.title).as_deref(), Some("Peanut"));
        assert!(allergy(&json!({})).is_some(), "an allergy never vanishes");
    }

    #[test]
    fn an_order_that_something_must_not_be_done_is_not_to_come() {
        let order = |extra: &str, must_not: bool| {
            planned(&json!({"status": "active", "code": {"text": "MRI"}, "doNotPerform": must_not, "occurrenceDateTime": extra}))
                .expect("an item")
        };
        assert_eq!(order("2026-05-06", false).state, State::Planned);
        let never = order("2026-05-06", true);
        assert_eq!(
            (never.kind, never.state, never.facts),
            (Kind::Preventive, State::NotDone, vec![Fact::new(What::Remark, remark::DO_NOT)])
        );
        let medicine = medication(&json!({"status": "active", "doNotPerform": true}), "X".into()).expect("an item");
        assert_eq!((medicine.state, medicine.facts), (State::Past, vec![Fact::new(What::Remark, remark::DO_NOT)]));
    }

    #[test]
    fn what_is_refuted_is_listed_without_its_name() {
        let item = anything("Condition", &json!({"code": {"text": "Flu"}, "verificationStatus": coded("refuted")}));
        assert_eq!((item.title.as_str(), item.facts), ("", vec![Fact::new(What::Category, "Condition")]));
        assert_eq!(anything("Observation", &json!({"code": {"text": "PHQ-9"}})).title, "PHQ-9");
        assert_eq!(anything("Encounter", &json!({"type": [{"text": "Check-up"}]})).title, "Check-up");
    }

    #[test]
    fn the_days_of_a_device_are_no_time_of_use() {
        let item =
            device(&json!({"type": {"text": "Implant"}, "deviceName": [{"name": "Pacer"}], "modelNumber": "1.0", "serialNumber": "AC221",
            "lotNumber": "M320", "manufactureDate": "2015-10-15", "expirationDate": "2022-01",
            "udiCarrier": [{"deviceIdentifier": "9", "carrierHRF": "(01)9"}, {"deviceIdentifier": "8"}]}));
        assert_eq!((item.at, item.until, item.title.as_str()), (None, None, "Implant"));
        let said: Vec<(What, &str)> = item.facts.iter().map(|fact| (fact.what, fact.said.as_str())).collect();
        let wanted = [
            (What::Model, "Pacer, 1.0"),
            (What::SerialNumber, "AC221"),
            (What::LotNumber, "M320"),
            (What::Udi, "(01)9"),
            (What::Udi, "8"),
            (What::Made, "2015-10-15"),
            (What::Expires, "2022-01"),
        ];
        assert_eq!(said, wanted);
    }

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

    #[test]
    fn an_answer_is_told_with_its_parts() {
        let answer = json!({"status": "final", "category": [coded("social-history")], "code": {"text": "Occupation"},
            "valueCodeableConcept": {"text": "Nurse"}, "component": [{"code": {"text": "Industry"}, "valueString": "Hospitals"}]});
        let facts = social(&answer).expect("an item").facts;
        assert_eq!(facts, [Fact::new(What::Value, "Nurse"), Fact::new(What::Value, "Industry: Hospitals")]);
    }

    #[test]
    fn each_recommended_vaccine_is_an_item() {
        let items = recommended(&json!({"date": "2026-01-02", "recommendation": [
            {"vaccineCode": [{"text": "Influenza"}], "forecastStatus": coded("due"),
                "dateCriterion": [{"code": coded("30981-5"), "value": "2026-09-01"}, {"code": coded("30980-7"), "value": "2026-10-01"}]},
            {"vaccineCode": [{"text": "MMR"}], "forecastStatus": coded("complete")},
        ]}));
        let told: Vec<(&str, State, Option<String>)> =
            items.iter().map(|item| (item.title.as_str(), item.state, item.at.map(|at| at.date_naive().to_string()))).collect();
        assert_eq!(told, [("Influenza", State::Planned, Some("2026-10-01".into())), ("MMR", State::Done, None)]);
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
        assert!(with("application/pdf").is_some() && with("text/plain").is_none() && with("text/rtf").is_some());
    }

    #[test]
    fn a_report_is_a_document_by_its_files_and_one_that_stays_elsewhere_says_so() {
        let report = |forms: Value| {
            document(
                &json!({"resourceType": "DiagnosticReport", "status": "final", "code": {"text": "Bone density"}, "presentedForm": forms}),
            )
        };
        let found = report(
            json!([{"contentType": "application/pdf", "data": "AA=="}, {"contentType": "image/png", "data": "AA==", "title": "Picture"}]),
        );
        let files: Vec<String> =
            found.expect("an item").facts.into_iter().filter(|fact| fact.what == What::File).map(|fact| fact.said).collect();
        assert_eq!(files, ["PDF", "Picture"]);
        let elsewhere = report(json!([{"contentType": "application/pdf", "url": "http://example.org/1.pdf"}])).expect("an item");
        let remarks: Vec<&Fact> = elsewhere.facts.iter().filter(|fact| matches!(fact.what, What::Remark | What::File)).collect();
        assert_eq!(remarks, [&Fact::new(What::Remark, remark::KEPT_ELSEWHERE)]);
        assert!(report(json!([{"contentType": "application/xhtml", "data": "PHA+QTwvcD4="}])).is_none(), "that is a note");
        assert!(report(json!([])).is_none());
    }

    #[test]
    fn only_errors_drafts_and_what_is_superseded_are_kept_silently() {
        let kept = |resource_type: &str, value: Value| {
            let row = Row {
                id: Uuid::nil(),
                resource_type: resource_type.into(),
                reference: String::new(),
                full_url: None,
                aliases: Vec::new(),
                version_id: None,
                last_updated: None,
                hash: String::new(),
                body: String::new(),
                value,
                patient: None,
                stood_in: None,
            };
            is_kept(&row)
        };
        for (resource_type, value) in [
            ("Observation", json!({"status": "entered-in-error"})),
            ("Observation", json!({"status": "preliminary"})),
            ("Goal", json!({"lifecycleStatus": "entered-in-error"})),
            ("Condition", json!({"verificationStatus": coded("entered-in-error")})),
            ("DocumentReference", json!({"status": "superseded"})),
            ("DocumentReference", json!({"status": "current", "docStatus": "preliminary"})),
        ] {
            assert!(kept(resource_type, value.clone()), "{resource_type} {value}");
        }
        for (resource_type, value) in [
            ("Observation", json!({"status": "cancelled"})),
            ("Observation", json!({"status": "unknown"})),
            ("MedicationRequest", json!({"status": "draft"})),
            ("Condition", json!({"verificationStatus": coded("refuted")})),
        ] {
            assert!(!kept(resource_type, value.clone()), "{resource_type} {value}");
        }
    }
}
