//! Writes a person's resources out again, byte for byte as they came in.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fmt,
    io::{self, Write},
};

use app::{
    access::System,
    people::{patient, patient_record},
    platform::secret::Secret,
    record::resource::{entity::fhir_resource, store},
};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;
use uuid::Uuid;

use super::{reference, store::CHUNK};
use crate::outgoing;

/// Why nothing, or not all, was written.
#[derive(Debug)]
pub enum ExportError {
    /// Nobody has this id, record number or reference.
    Unknown,
    /// Patients of several sources have it.
    Several,
    Database,
    Write(io::Error),
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExportError::Unknown => f.write_str("No patient has this id, record number or reference."),
            ExportError::Several => {
                f.write_str("Patients of several sources have this number or reference: give the id, or the address at its source.")
            }
            ExportError::Database => f.write_str("The database failed."),
            ExportError::Write(error) => write!(f, "The bundle could not be written: {error}."),
        }
    }
}

impl From<DbErr> for ExportError {
    fn from(_: DbErr) -> Self {
        ExportError::Database
    }
}

impl From<io::Error> for ExportError {
    fn from(error: io::Error) -> Self {
        ExportError::Write(error)
    }
}

/// Writes a Bundle of type collection: everything in the person's compartment, what it refers to outside of everybody else's, and
/// what speaks of any of it (see [`SPEAKERS`]), and what people did about it here. Returns the number of resources.
///
/// # Errors
/// When nobody is meant, or reading or writing fails.
pub async fn export_patient(system: &System, secret: Option<&Secret>, who: &str, out: &mut impl Write) -> Result<usize, ExportError> {
    let db = system.db();
    let patient = find(db, who).await?.ok_or(ExportError::Unknown)?;
    let mut written = 0;
    let mut seen: HashSet<Uuid> = HashSet::new();
    write!(out, "{{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[")?;
    let own = fhir_resource::Entity::find().filter(fhir_resource::Column::PatientId.eq(patient)).order_by_asc(fhir_resource::Column::Id);
    let mut batch = own.all(db).await?;
    loop {
        if batch.is_empty() {
            batch = speakers(db, &seen, patient).await?;
        }
        if batch.is_empty() {
            break;
        }
        let mut names = Vec::new();
        for resource in &batch {
            seen.insert(resource.id);
            write!(out, "{}{{\"resource\":{}}}", if written == 0 { "" } else { "," }, resource.body)?;
            written += 1;
            reference::all(&resource.source, &serde_json::from_str(&resource.body).unwrap_or_default(), &mut names);
        }
        batch = others(db, names, &seen).await?;
    }
    for made in outgoing::of_patient(db, secret, patient).await? {
        write!(out, "{}{{\"resource\":{made}}}", if written == 0 { "" } else { "," })?;
        written += 1;
    }
    writeln!(out, "]}}")?;
    Ok(written)
}

/// What belongs to nobody and comes along with what it speaks of: the type, and the member that refers to it. Nothing that is
/// exported refers to these.
const SPEAKERS: [(&str, &str); 2] = [("PractitionerRole", "practitioner"), ("Provenance", "target")];

/// Those of the [`SPEAKERS`] that speak of what was written, were not written yet, and name nothing of another person.
async fn speakers(db: &impl ConnectionTrait, seen: &HashSet<Uuid>, patient: Uuid) -> Result<Vec<fhir_resource::Model>, DbErr> {
    let mut found = Vec::new();
    for (resource_type, member) in SPEAKERS {
        let mut after = Uuid::nil();
        loop {
            let chunk = fhir_resource::Entity::find()
                .filter(fhir_resource::Column::PatientId.is_null())
                .filter(fhir_resource::Column::ResourceType.eq(resource_type))
                .filter(fhir_resource::Column::Id.gt(after))
                .order_by_asc(fhir_resource::Column::Id)
                .limit(CHUNK as u64)
                .all(db)
                .await?;
            let Some(last) = chunk.last() else { break };
            after = last.id;
            found.extend(speaking(db, chunk.into_iter().filter(|row| !seen.contains(&row.id)), member, seen, patient).await?);
        }
    }
    Ok(found)
}

async fn speaking(
    db: &impl ConnectionTrait,
    rows: impl Iterator<Item = fhir_resource::Model>,
    member: &str,
    seen: &HashSet<Uuid>,
    patient: Uuid,
) -> Result<Vec<fhir_resource::Model>, DbErr> {
    let named = |row: &fhir_resource::Model, value: &Value| {
        let mut names = Vec::new();
        reference::all(&row.source, value, &mut names);
        names
    };
    let rows: Vec<(fhir_resource::Model, Value)> =
        rows.map(|row| (serde_json::from_str(&row.body).unwrap_or_default(), row)).map(|(value, row): (Value, _)| (row, value)).collect();
    let names: BTreeSet<String> = rows.iter().flat_map(|(row, value)| named(row, value)).collect();
    let ids = ids_of(db, names).await?;
    let charts = charts_of(db, ids.values().copied().collect()).await?;
    let is_meant = |row: &fhir_resource::Model, value: &Value| {
        let of = |value: &Value| named(row, value).iter().filter_map(|name| ids.get(name)).copied().collect::<Vec<Uuid>>();
        of(&value[member]).iter().any(|id| seen.contains(id))
            && of(value).iter().all(|id| charts.get(id).is_none_or(|chart| *chart == patient))
    };
    Ok(rows.into_iter().filter(|(row, value)| is_meant(row, value)).map(|(row, _)| row).collect())
}

/// Which resources bear these names.
async fn ids_of(db: &impl ConnectionTrait, names: BTreeSet<String>) -> Result<HashMap<String, Uuid>, DbErr> {
    store::bearers(db, names).await
}

/// In whose chart each of these is, if in anybody's.
async fn charts_of(db: &impl ConnectionTrait, ids: BTreeSet<Uuid>) -> Result<HashMap<Uuid, Uuid>, DbErr> {
    let mut charts = HashMap::new();
    for chunk in ids.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
        let found: Vec<(Uuid, Uuid)> = fhir_resource::Entity::find()
            .select_only()
            .columns([fhir_resource::Column::Id, fhir_resource::Column::PatientId])
            .filter(fhir_resource::Column::Id.is_in(chunk.iter().copied()))
            .filter(fhir_resource::Column::PatientId.is_not_null())
            .into_tuple()
            .all(db)
            .await?;
        charts.extend(found);
    }
    Ok(charts)
}

/// What is referred to, belongs to nobody, and was not written yet.
async fn others(db: &impl ConnectionTrait, names: Vec<String>, seen: &HashSet<Uuid>) -> Result<Vec<fhir_resource::Model>, DbErr> {
    let ids = ids_of(db, names.into_iter().collect()).await?;
    let ids: BTreeSet<Uuid> = ids.into_values().filter(|id| !seen.contains(id)).collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let mut resources = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let nobodys = fhir_resource::Entity::find()
            .filter(fhir_resource::Column::Id.is_in(chunk.iter().copied()))
            .filter(fhir_resource::Column::PatientId.is_null());
        resources.extend(nobodys.all(db).await?);
    }
    Ok(resources)
}

async fn find(db: &impl ConnectionTrait, who: &str) -> Result<Option<Uuid>, ExportError> {
    if let Ok(id) = who.parse::<Uuid>()
        && let Some(found) = patient::Entity::find_by_id(id).one(db).await?
    {
        return Ok(Some(found.merged_into.unwrap_or(found.id)));
    }
    let numbered = patient::Entity::find().filter(patient::Column::Mrn.eq(who)).all(db).await?;
    let charts: BTreeSet<Uuid> = numbered.into_iter().map(|found| found.merged_into.unwrap_or(found.id)).collect();
    match charts.len() {
        0 => {}
        1 => return Ok(charts.first().copied()),
        _ => return Err(ExportError::Several),
    }
    let name = reference::absolute(who).map_or_else(|| who.to_owned(), |(source, name)| reference::in_source(&source, &name));
    let named = Condition::any().add(fhir_resource::Column::Reference.eq(&*name)).add(fhir_resource::Column::LocalReference.eq(&*name));
    let found = fhir_resource::Entity::find().filter(named).filter(fhir_resource::Column::ResourceType.eq("Patient")).all(db).await?;
    let records = patient_record::Entity::find().filter(patient_record::Column::ResourceId.is_in(found.iter().map(|row| row.id)));
    let charts: BTreeSet<Uuid> = records.all(db).await?.into_iter().map(|record| record.patient_id).collect();
    if charts.len() > 1 {
        return Err(ExportError::Several);
    }
    Ok(charts.first().copied())
}
