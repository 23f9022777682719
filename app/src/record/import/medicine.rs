//! What a medicine is called.

use sea_orm::DbErr;

use super::{Context, Incoming};
use crate::record::fhir;

/// By its code, else by the Medication that is meant, else by the display of the reference.
pub async fn name(context: &mut Context<'_>, row: Incoming<'_>) -> Result<Option<String>, DbErr> {
    let value = row.value;
    if let Some(name) = fhir::named(&value["medicationCodeableConcept"]) {
        return Ok(Some(name));
    }
    let reference = &value["medicationReference"];
    if let Some(inside) = reference["reference"].as_str().and_then(|text| text.strip_prefix('#')) {
        let found = fhir::items(&value["contained"]).find(|found| found["id"] == inside);
        return Ok(found.and_then(|found| fhir::named(&found["code"])));
    }
    let found = match context.links.resolve(row.id, reference) {
        Some(id) => context.value(id).await?,
        None => None,
    };
    Ok(found.and_then(|found| fhir::named(&found["code"])).or_else(|| reference["display"].as_str().map(str::to_owned)))
}
