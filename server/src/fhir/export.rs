//! Writes a person's resources out again, byte for byte as they came in.

use std::{
    collections::{BTreeSet, HashSet},
    fmt,
    io::{self, Write},
};

use app::{
    access::System,
    people::patient,
    record::resource::entity::{fhir_alias, fhir_resource},
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{reference, store::CHUNK};

/// Why nothing, or not all, was written.
#[derive(Debug)]
pub enum ExportError {
    /// Nobody has this id, record number or reference.
    Unknown,
    Database,
    Write(io::Error),
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExportError::Unknown => f.write_str("No patient has this id, record number or reference."),
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

/// Writes a Bundle of type collection: everything in the person's compartment, and what it refers to outside of everybody
/// else's. Returns the number of resources.
///
/// # Errors
/// When nobody is meant, or reading or writing fails.
pub async fn export_patient(system: &System, who: &str, out: &mut impl Write) -> Result<usize, ExportError> {
    let db = system.db();
    let patient = find(db, who).await?.ok_or(ExportError::Unknown)?;
    let mut written = 0;
    let mut seen: HashSet<Uuid> = HashSet::new();
    write!(out, "{{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[")?;
    let own = fhir_resource::Entity::find().filter(fhir_resource::Column::PatientId.eq(patient)).order_by_asc(fhir_resource::Column::Id);
    let mut batch = own.all(db).await?;
    while !batch.is_empty() {
        let mut names = Vec::new();
        for resource in &batch {
            seen.insert(resource.id);
            write!(out, "{}{{\"resource\":{}}}", if written == 0 { "" } else { "," }, resource.body)?;
            written += 1;
            reference::all(&serde_json::from_str(&resource.body).unwrap_or_default(), &mut names);
        }
        batch = others(db, names, &seen).await?;
    }
    writeln!(out, "]}}")?;
    Ok(written)
}

/// What is referred to, belongs to nobody, and was not written yet.
async fn others(db: &impl ConnectionTrait, names: Vec<String>, seen: &HashSet<Uuid>) -> Result<Vec<fhir_resource::Model>, DbErr> {
    let names: Vec<String> = names.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    let mut ids = BTreeSet::new();
    for chunk in names.chunks(CHUNK) {
        let found = fhir_alias::Entity::find().filter(fhir_alias::Column::Alias.is_in(chunk.iter().cloned())).all(db).await?;
        ids.extend(found.into_iter().map(|alias| alias.resource_id).filter(|id| !seen.contains(id)));
    }
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

async fn find(db: &impl ConnectionTrait, who: &str) -> Result<Option<Uuid>, DbErr> {
    if let Ok(id) = who.parse::<Uuid>()
        && let Some(found) = patient::Entity::find_by_id(id).one(db).await?
    {
        return Ok(Some(found.id));
    }
    if let Some(found) = patient::Entity::find().filter(patient::Column::Mrn.eq(who)).one(db).await? {
        return Ok(Some(found.id));
    }
    let Some(alias) = fhir_alias::Entity::find_by_id(who.to_owned()).one(db).await? else { return Ok(None) };
    Ok(patient::Entity::find().filter(patient::Column::ResourceId.eq(alias.resource_id)).one(db).await?.map(|found| found.id))
}
