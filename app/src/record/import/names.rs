//! What references are called: by their display, else by the resource that they mean.

use std::{borrow::Cow, collections::HashMap};

use sea_orm::DbErr;
use serde_json::Value;

use super::{Context, Incoming};
use crate::record::fhir;

/// The members whose references pages name.
const NAMED: [&str; 9] =
    ["actor", "author", "location", "manufacturer", "member", "performer", "reasonReference", "requester", "resultsInterpreter"];

/// What a reference is called. What is sensitive is named by nobody but itself.
pub async fn of(context: &mut Context<'_>, row: Incoming<'_>, reference: &Value) -> Result<Option<String>, DbErr> {
    if let Some(display) = reference["display"].as_str() {
        return Ok(Some(display.to_owned()));
    }
    let Some(found) = meant(context, row, reference).await? else { return Ok(None) };
    if found["resourceType"] != "PractitionerRole" {
        return Ok(called(&found));
    }
    match found["practitioner"]["display"].as_str() {
        Some(display) => Ok(Some(display.to_owned())),
        None => Ok(meant(context, row, &found["practitioner"]).await?.as_ref().and_then(called)),
    }
}

/// The resource, with a display at each reference that pages name.
pub async fn filled<'a>(context: &mut Context<'_>, row: Incoming<'a>) -> Result<Cow<'a, Value>, DbErr> {
    let mut nameless = Vec::new();
    collect(row.value, false, &mut nameless);
    let mut names = HashMap::new();
    for reference in nameless {
        if let Some(name) = of(context, row, reference).await? {
            names.insert(reference["reference"].as_str().unwrap_or_default(), name);
        }
    }
    if names.is_empty() {
        return Ok(Cow::Borrowed(row.value));
    }
    let mut value = row.value.clone();
    fill(&mut value, false, &names);
    Ok(Cow::Owned(value))
}

fn collect<'a>(value: &'a Value, is_named: bool, nameless: &mut Vec<&'a Value>) {
    match value {
        Value::Object(_) if is_named && value["reference"].is_string() && value["display"].is_null() => nameless.push(value),
        Value::Object(members) => members.iter().for_each(|(name, member)| collect(member, NAMED.contains(&name.as_str()), nameless)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, is_named, nameless)),
        _ => {}
    }
}

fn fill(value: &mut Value, is_named: bool, names: &HashMap<&str, String>) {
    match value {
        Value::Object(members) => {
            let name = members.get("reference").and_then(Value::as_str).and_then(|reference| names.get(reference));
            if let Some(name) = name.filter(|_| is_named && !members.contains_key("display")) {
                members.insert("display".into(), name.as_str().into());
                return;
            }
            members.iter_mut().for_each(|(name, member)| fill(member, NAMED.contains(&name.as_str()), names));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, is_named, names)),
        _ => {}
    }
}

async fn meant(context: &mut Context<'_>, row: Incoming<'_>, reference: &Value) -> Result<Option<Value>, DbErr> {
    if let Some(inside) = reference["reference"].as_str().and_then(|text| text.strip_prefix('#')) {
        return Ok(fhir::items(&row.value["contained"]).find(|found| found["id"] == inside && !is_no_fact(found)).cloned());
    }
    let Some(id) = context.links.resolve(row.id, reference) else { return Ok(None) };
    let Some(found) = context.value(id).await? else { return Ok(None) };
    if is_no_fact(&found) {
        return Ok(None);
    }
    let is_of_somebody = found["subject"].is_object() || found["patient"].is_object();
    // Of another person nothing is named here.
    if is_of_somebody && (!context.is_of_same_person(row, id, &found) || context.is_sensitive(id, &found).await?) {
        return Ok(None);
    }
    Ok(Some(found))
}

/// What turned out to be wrong is no name for anything.
fn is_no_fact(resource: &Value) -> bool {
    resource["status"] == "entered-in-error" || fhir::has_code(&resource["verificationStatus"], &["refuted", "entered-in-error"])
}

fn called(resource: &Value) -> Option<String> {
    match resource["resourceType"].as_str()? {
        "Practitioner" => fhir::clinician(&resource["name"], fhir::today()),
        "Patient" | "RelatedPerson" => {
            let (given, family) = fhir::name(&resource["name"], fhir::today())?;
            Some(format!("{given} {family}").trim().to_owned())
        }
        _ => resource["name"].as_str().map(str::to_owned).or_else(|| fhir::named(&resource["code"])),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_has_no_name_is_given_one() {
        let value = json!({"subject": {"reference": "Patient/p"}, "requester": {"reference": "Practitioner/d"},
            "performer": [{"actor": {"reference": "Practitioner/d"}}, {"actor": {"reference": "Practitioner/e", "display": "E"}}]});
        let mut nameless = Vec::new();
        collect(&value, false, &mut nameless);
        assert_eq!(nameless.len(), 2);
        let mut filled = value.clone();
        fill(&mut filled, false, &HashMap::from([("Practitioner/d", "Dr. Ann Roe".to_owned())]));
        assert_eq!(filled["requester"]["display"], "Dr. Ann Roe");
        assert_eq!(
            (&filled["performer"][0]["actor"]["display"], &filled["performer"][1]["actor"]["display"]),
            (&json!("Dr. Ann Roe"), &json!("E"))
        );
        assert!(filled["subject"]["display"].is_null());
    }

    #[test]
    fn resources_are_called_as_people_call_them() {
        let name = json!([{"given": ["Ann2"], "family": "Roe7", "prefix": ["Dr."]}]);
        assert_eq!(called(&json!({"resourceType": "Practitioner", "name": name})).as_deref(), Some("Dr. Ann Roe"));
        assert_eq!(called(&json!({"resourceType": "RelatedPerson", "name": name})).as_deref(), Some("Ann Roe"));
        assert_eq!(called(&json!({"resourceType": "Organization", "name": "City Clinic"})).as_deref(), Some("City Clinic"));
        assert_eq!(called(&json!({"resourceType": "Condition", "code": {"text": "Flu"}})).as_deref(), Some("Flu"));
    }
}
