//! Everything else that a chart holds → lines of the health summary. What has no page of its own, and what no other map could
//! show, becomes an "other record": nothing that belongs to a person is without a place.

mod care;
mod device;
mod document;
mod dosage;
mod history;
mod immunization;
mod item;
mod medication;
mod other;
mod problem;
mod procedure;
mod service_request;
mod untold;

use std::collections::HashSet;

use sea_orm::{ActiveValue::Set, DbErr, EntityTrait, sea_query::OnConflict};
use serde_json::Value;
use uuid::Uuid;

use self::{
    care::{care_plan, care_team, goal},
    device::device,
    document::{document, with_stored},
    history::{family_history, social},
    immunization::{immunization, recommended},
    item::Item,
    medication::medication,
    other::anything,
    problem::{allergy, condition},
    procedure::procedure,
    service_request::planned,
    untold::{absence, untold},
};
use super::{
    entity::health_item,
    model::{Kind, What},
};
use crate::record::{
    fhir::{has_code, labels},
    import::{Context, Incoming, binaries, insert_all, is_of_sensitive_visit, medicine, names},
};

/// The types that have a map here. Of the others an item is made only when no other map shows them.
const OWN: [&str; 17] = [
    "AllergyIntolerance",
    "CarePlan",
    "CareTeam",
    "Communication",
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

/// A resource that holds several things, such as recommended vaccines, makes so many items at most.
pub const PARTS: u128 = 64;

/// The id of one of the items of a resource; the first one has the resource's.
pub fn part(id: Uuid, number: u128) -> Uuid {
    Uuid::from_u128(id.as_u128() ^ number)
}

/// `shown` are those of which other pages show something.
pub async fn all(context: &mut Context<'_>, rows: &[Incoming<'_>], shown: &HashSet<Uuid>) -> Result<Vec<Uuid>, DbErr> {
    let (mut items, mut listed) = (Vec::new(), Vec::new());
    for row in rows.iter().copied().filter(|row| row.resource_type != "Patient") {
        let Some(patient_id) = row.patient else { continue };
        let labels = labels::of(row.value);
        if labels.withheld() || is_kept(row) || context.is_replaced(row) {
            continue;
        }
        let found = of(context, row, shown.contains(&row.id)).await?;
        let sensitive = labels.sensitive || is_of_sensitive_visit(context, row);
        listed.extend((!found.is_empty()).then_some(row.id));
        items.extend((0..PARTS).zip(found).map(|(number, item)| health_item::ActiveModel {
            id: Set(part(row.id, number)),
            patient_id: Set(patient_id),
            kind: Set(item.kind),
            state: Set(item.state),
            tentative: Set(item.tentative),
            title: Set(item.title),
            code: Set(item.code.filter(|code| code.len() > 1)),
            at: Set(item.at),
            at_sent: Set(item.at_sent),
            until: Set(item.until.and_then(|until| until.day(context.zone))),
            facts: Set(serde_json::to_string(&item.facts).unwrap_or_else(|_| "[]".into())),
            sensitive: Set(sensitive),
        }));
    }
    let conflict = OnConflict::column(health_item::Column::Id).do_nothing().to_owned();
    insert_all!(context.tx, health_item::Entity, items, conflict.clone());
    Ok(listed)
}

/// What nobody is told of: errors, what is superseded, and what is not final yet.
fn is_kept(row: Incoming<'_>) -> bool {
    let value = row.value;
    let says = |member: &str, words: &[&str]| value[member].as_str().is_some_and(|word| words.contains(&word));
    let is_error = ["status", "lifecycleStatus", "docStatus"].iter().any(|member| says(member, &["entered-in-error"]));
    let not_final = match row.resource_type {
        "Observation" | "DiagnosticReport" => says("status", &["registered", "partial", "preliminary"]),
        "DocumentReference" => says("status", &["superseded"]) || says("docStatus", &["preliminary"]),
        _ => false,
    };
    is_error || not_final || has_code(&value["verificationStatus"], &["entered-in-error"])
}

/// The items of a resource; an "other record" of one that would have no place at all.
async fn of(context: &mut Context<'_>, row: Incoming<'_>, is_shown: bool) -> Result<Vec<Item>, DbErr> {
    if row.cannot_be_told {
        return Ok(vec![untold(row.resource_type)]);
    }
    let mut found = own(context, row, is_shown).await?;
    if found.is_empty() && !is_shown {
        let mut item = anything(row.resource_type, row.value);
        if item.title.is_empty() && row.resource_type.starts_with("Medication") {
            item.title = medicine::name(context, row).await?.unwrap_or_default();
        }
        found.push(item);
    }
    for item in &mut found {
        // Pages name what has no words by its kind; plans and teams are called so anyway.
        let is_named = !item.title.is_empty() || matches!(item.kind, Kind::CarePlan | Kind::CareTeam);
        if !is_named && !item.facts.iter().any(|fact| fact.what == What::Category) {
            item.say(What::Category, Some(row.resource_type));
        }
    }
    Ok(found)
}

async fn own(context: &mut Context<'_>, row: Incoming<'_>, is_shown: bool) -> Result<Vec<Item>, DbErr> {
    if !OWN.contains(&row.resource_type) {
        return Ok(Vec::new());
    }
    let value = names::filled(context, row).await?;
    let value: &Value = &value;
    if let Some(item) = absence(row.resource_type, value) {
        return Ok(vec![item]);
    }
    let found = match row.resource_type {
        "Condition" => condition(value),
        "AllergyIntolerance" => allergy(value),
        // An order not to take something is a line of its visit's summary.
        "MedicationRequest" if is_shown && value["doNotPerform"] == true => None,
        "MedicationRequest" | "MedicationStatement" => {
            let name = medicine::name(context, row).await?;
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
        "DocumentReference" | "DiagnosticReport" | "Communication" => {
            let files = binaries::filled(context, Incoming { value, ..row }).await?;
            document(&files.value).map(|item| with_stored(item, &files.from))
        }
        _ => None,
    };
    Ok(found.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::model::{State, remark},
        *,
    };
    use crate::record::item::model::Fact;

    fn coded(code: &str) -> Value {
        json!({"coding": [{"code": code}]})
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
    fn only_errors_drafts_and_what_is_superseded_are_kept_silently() {
        let kept = |resource_type: &str, value: Value| {
            is_kept(Incoming { id: Uuid::nil(), resource_type, patient: None, value: &value, cannot_be_told: false })
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
