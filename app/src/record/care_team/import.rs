//! Organization, Location, Practitioner, PractitionerRole and RelatedPerson → departments, clinicians, people in the record.

use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict};
use uuid::Uuid;

use super::entity::{clinician, department};
use crate::{
    people::related_person,
    record::{
        fhir,
        import::{Context, Incoming, insert_all, of_type},
    },
};

pub async fn all(context: &mut Context<'_>, rows: &[Incoming<'_>]) -> Result<Vec<Uuid>, DbErr> {
    let mut shown = departments(context, rows).await?;
    shown.extend(clinicians(context, rows).await?);
    shown.extend(roles(context, rows).await?);
    shown.extend(related(context, rows).await?);
    Ok(shown)
}

async fn departments(context: &Context<'_>, rows: &[Incoming<'_>]) -> Result<Vec<Uuid>, DbErr> {
    let found: Vec<department::ActiveModel> = of_type(rows, "Organization")
        .chain(of_type(rows, "Location"))
        .filter_map(|row| {
            let address = &row.value["address"];
            let address = if address.is_array() {
                fhir::address::current(address, fhir::today()).unwrap_or(&serde_json::Value::Null)
            } else {
                address
            };
            let kinds: Vec<&serde_json::Value> = fhir::items(&row.value["type"]).flat_map(fhir::codings).collect();
            let delivers = kinds.iter().any(|kind| is_mail_order(kind));
            Some(department::ActiveModel {
                pharmacy: Set(delivers || kinds.iter().any(|kind| is_pharmacy(kind))),
                delivers: Set(delivers),
                id: Set(row.id),
                name: Set(row.value["name"].as_str()?.to_owned()),
                phone: Set(fhir::telecom(&row.value["telecom"], "phone", None, fhir::today())),
                address: Set(fhir::address(address)),
            })
        })
        .collect();
    let conflict = OnConflict::column(department::Column::Id)
        .update_columns([
            department::Column::Name,
            department::Column::Phone,
            department::Column::Address,
            department::Column::Pharmacy,
            department::Column::Delivers,
        ])
        .to_owned();
    insert_all!(context.tx, department::Entity, found, conflict.clone());
    Ok(found.into_iter().map(|row| row.id.unwrap()).collect())
}

/// HL7 v3 ServiceDeliveryLocationRoleType, SNOMED CT and the pharmacies of NUCC's taxonomy.
fn is_pharmacy(kind: &serde_json::Value) -> bool {
    kind["code"].as_str().is_some_and(|code| matches!(code, "PHARM" | "OUTPHARM" | "264372000") || code.starts_with("3336"))
}

/// A pharmacy that sends medicines home. NUCC's taxonomy: mail order pharmacy.
fn is_mail_order(kind: &serde_json::Value) -> bool {
    kind["code"] == "3336M0002X"
}

async fn clinicians(context: &Context<'_>, rows: &[Incoming<'_>]) -> Result<Vec<Uuid>, DbErr> {
    let found: Vec<clinician::ActiveModel> = of_type(rows, "Practitioner")
        .filter_map(|row| {
            Some(clinician::ActiveModel {
                id: Set(row.id),
                name: Set(fhir::clinician(&row.value["name"], fhir::today())?),
                specialty: Set(None),
                phone: Set(fhir::telecom(&row.value["telecom"], "phone", None, fhir::today())),
                department_id: Set(None),
            })
        })
        .collect();
    // What a role told stays.
    let conflict = OnConflict::column(clinician::Column::Id).update_column(clinician::Column::Name).to_owned();
    insert_all!(context.tx, clinician::Entity, found, conflict.clone());
    Ok(found.into_iter().map(|row| row.id.unwrap()).collect())
}

async fn roles(context: &mut Context<'_>, rows: &[Incoming<'_>]) -> Result<Vec<Uuid>, DbErr> {
    let mut shown = Vec::new();
    for row in of_type(rows, "PractitionerRole") {
        let place = fhir::items(&row.value["location"]).next().unwrap_or(&row.value["organization"]);
        let department = context.links.resolve(row.id, place);
        let Some(practitioner) = context.links.resolve(row.id, &row.value["practitioner"]) else { continue };
        let mut told = clinician::ActiveModel::default();
        if let Some(specialty) = fhir::concepts(&row.value["specialty"]).or_else(|| fhir::concepts(&row.value["code"])) {
            told.specialty = Set(Some(specialty));
        }
        if let Some(phone) = fhir::telecom(&row.value["telecom"], "phone", None, fhir::today()) {
            told.phone = Set(Some(phone));
        }
        if department.is_some() {
            told.department_id = Set(department);
        }
        if told.specialty.is_set() || told.phone.is_set() || told.department_id.is_set() {
            clinician::Entity::update_many().set(told).filter(clinician::Column::Id.eq(practitioner)).exec(context.tx).await?;
            shown.push(row.id);
        }
    }
    Ok(shown)
}

async fn related(context: &mut Context<'_>, rows: &[Incoming<'_>]) -> Result<Vec<Uuid>, DbErr> {
    let found: Vec<related_person::ActiveModel> = of_type(rows, "RelatedPerson")
        .filter(|row| row.value["active"] != false && fhir::covers(&row.value["period"], fhir::today()))
        .filter_map(|row| {
            let (given, family) = fhir::name(&row.value["name"], fhir::today())?;
            Some(related_person::ActiveModel {
                id: Set(row.id),
                patient_id: Set(row.patient?),
                name: Set(format!("{given} {family}").trim().to_owned()),
                relationship: Set(fhir::concepts(&row.value["relationship"])),
                phone: Set(fhir::telecom(&row.value["telecom"], "phone", None, fhir::today())),
            })
        })
        .collect();
    let conflict = OnConflict::column(related_person::Column::Id).do_nothing().to_owned();
    insert_all!(context.tx, related_person::Entity, found, conflict.clone());
    Ok(found.into_iter().map(|row| row.id.unwrap()).collect())
}
