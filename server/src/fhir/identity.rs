//! Is it the same one: resources that come again under an id, from a source or from nobody knows where.
//!
//! Ids are those of their source. Without a source they may be anybody's: a Patient is the one that is stored under the same id
//! when the persons agree, and everything else when it stands in the same chart.

use std::collections::{BTreeSet, HashMap, HashSet};

use app::record::resource::entity::fhir_resource;
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{
    Stop, chart,
    links::Links,
    person::Person,
    reference,
    store::{CHUNK, Known, Row},
};

/// A stored resource that has the id of one which comes in.
struct Candidate {
    resource_type: String,
    local: String,
    known: Known,
}

/// Finds what is stored of these rows, and gives those that are stored their ids.
///
/// # Errors
/// A refusal when an id is here already and means somebody else.
pub async fn settle(tx: &impl ConnectionTrait, rows: &mut [Row]) -> Result<(), Stop> {
    let candidates = candidates(tx, rows).await?;
    if candidates.is_empty() {
        return Ok(());
    }
    let persons = persons(tx, rows, &candidates).await?;
    let mut taken: HashSet<Uuid> = HashSet::new();
    for row in rows.iter_mut() {
        let Some(found) = candidates.get(&row.local) else { continue };
        let same = match found.iter().find(|candidate| candidate.known.source == row.source) {
            Some(same) if row.resource_type == "Patient" && same.known.content_hash != row.hash => {
                let (person, stored) = (Person::of(&row.value), persons.get(&same.known.id));
                let is_other = |stored: &Person| if row.source.is_empty() { !person.agrees(stored) } else { person.contradicts(stored) };
                if let Some(stored) = stored.filter(|stored| is_other(stored)) {
                    return Err(Stop::somebody_else(row, &person, stored));
                }
                Some(same)
            }
            Some(same) => Some(same),
            None if row.resource_type == "Patient" => {
                let person = Person::of(&row.value);
                let may_be = || found.iter().filter(|candidate| row.source.is_empty() || candidate.known.source.is_empty());
                let agrees =
                    |known: &Known| known.content_hash == row.hash || persons.get(&known.id).is_some_and(|stored| person.agrees(stored));
                let agreeing = may_be().find(|candidate| agrees(&candidate.known));
                if row.source.is_empty() && may_be().filter(|candidate| agrees(&candidate.known)).count() > 1 {
                    return Err(Stop::refused(row, format!("is here from several sources. {TELL_SOURCE}")));
                }
                if row.source.is_empty()
                    && agreeing.is_none()
                    && let Some(stored) = may_be().find_map(|candidate| persons.get(&candidate.known.id))
                {
                    return Err(Stop::somebody_else(row, &person, stored));
                }
                agreeing
            }
            None => None,
        };
        if let Some(same) = same.filter(|same| taken.insert(same.known.id)) {
            adopt(row, &same.known);
        }
    }
    by_chart(tx, rows, &candidates, &mut taken).await
}

/// A row takes the place of what is stored of it. Of two sources the one that is known stays.
fn adopt(row: &mut Row, stored: &Known) {
    row.id = stored.id;
    if row.source != stored.source {
        if row.source.is_empty() {
            let names = std::mem::take(&mut row.aliases);
            row.aliases = reference::aliases(&stored.source, &row.resource_type, &row.value, None, &row.local);
            row.aliases.extend(names.iter().map(|name| reference::lent(name)));
            row.source.clone_from(&stored.source);
        } else {
            let names = reference::aliases("", &row.resource_type, &row.value, None, &row.local);
            row.aliases.extend(names.iter().map(|name| reference::lent(name)));
        }
    }
    row.stored = Some(stored.clone());
}

/// What is no Patient, and comes without a source or is stored without one: it is the same when it stands in the same chart.
async fn by_chart(
    tx: &impl ConnectionTrait,
    rows: &mut [Row],
    candidates: &HashMap<String, Vec<Candidate>>,
    taken: &mut HashSet<Uuid>,
) -> Result<(), Stop> {
    let is_open = |row: &Row| {
        row.resource_type != "Patient"
            && candidates.contains_key(&row.local)
            && row.stored.as_ref().is_none_or(|stored| row.source.is_empty() && stored.content_hash != row.hash)
    };
    let open: Vec<usize> = (0..rows.len()).filter(|index| is_open(&rows[*index])).collect();
    if open.is_empty() {
        return Ok(());
    }
    let mut links = Links::default();
    links.borrow_names(rows.iter().filter(|row| row.resource_type == "Patient"));
    links.look_up(tx, open.iter().map(|index| &rows[*index])).await?;
    for index in open {
        let row = &rows[index];
        let chart = chart::of(row, &mut links);
        if let Some(stored) = &row.stored {
            // Of whom nobody knows yet, it is not the one that is here.
            let is_other = |before: &Uuid| chart != Some(*before) && !chart::references(&row.value).is_empty();
            if let Some(before) = stored.patient.filter(is_other) {
                return Err(Stop::another_chart(tx, row, before, chart).await?);
            }
            continue;
        }
        let Some(chart) = chart else { continue };
        let same = candidates[&row.local]
            .iter()
            .filter(|candidate| row.source.is_empty() || candidate.known.source.is_empty())
            .find(|candidate| candidate.resource_type == row.resource_type && candidate.known.patient == Some(chart));
        if let Some(same) = same.filter(|same| taken.insert(same.known.id)) {
            adopt(&mut rows[index], &same.known);
        }
    }
    Ok(())
}

async fn candidates(tx: &impl ConnectionTrait, rows: &[Row]) -> Result<HashMap<String, Vec<Candidate>>, DbErr> {
    let mut found: HashMap<String, Vec<Candidate>> = HashMap::new();
    let locals: Vec<&str> = rows.iter().map(|row| row.local.as_str()).collect();
    for chunk in locals.chunks(CHUNK) {
        type Columns = (Uuid, String, String, String, String, Option<DateTime<Utc>>, Option<Uuid>);
        let stored: Vec<Columns> = fhir_resource::Entity::find()
            .select_only()
            .columns([
                fhir_resource::Column::Id,
                fhir_resource::Column::ResourceType,
                fhir_resource::Column::Source,
                fhir_resource::Column::LocalReference,
                fhir_resource::Column::ContentHash,
                fhir_resource::Column::LastUpdated,
                fhir_resource::Column::PatientId,
            ])
            .filter(fhir_resource::Column::LocalReference.is_in(chunk.iter().copied()))
            .into_tuple()
            .all(tx)
            .await?;
        for (id, resource_type, source, local, content_hash, last_updated, patient) in stored {
            let known = Known { id, source, content_hash, last_updated, patient };
            found.entry(local.clone()).or_default().push(Candidate { resource_type, local, known });
        }
    }
    // Always in the same order: the first that was here comes first.
    found.values_mut().for_each(|found| found.sort_by_key(|candidate| candidate.known.id));
    Ok(found)
}

/// Who the stored Patient resources say that somebody is, of which another version comes in.
async fn persons(
    tx: &impl ConnectionTrait,
    rows: &[Row],
    candidates: &HashMap<String, Vec<Candidate>>,
) -> Result<HashMap<Uuid, Person>, DbErr> {
    let hashes: HashMap<&str, &str> =
        rows.iter().filter(|row| row.resource_type == "Patient").map(|row| (row.local.as_str(), row.hash.as_str())).collect();
    let changed = candidates
        .values()
        .flatten()
        .filter(|candidate| hashes.get(candidate.local.as_str()).is_some_and(|hash| *hash != candidate.known.content_hash));
    let ids: BTreeSet<Uuid> = changed.map(|candidate| candidate.known.id).collect();
    let mut persons = HashMap::new();
    for chunk in ids.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
        let bodies: Vec<(Uuid, String)> = fhir_resource::Entity::find()
            .select_only()
            .columns([fhir_resource::Column::Id, fhir_resource::Column::Body])
            .filter(fhir_resource::Column::Id.is_in(chunk.iter().copied()))
            .into_tuple()
            .all(tx)
            .await?;
        persons.extend(bodies.into_iter().map(|(id, body)| (id, Person::of(&serde_json::from_str(&body).unwrap_or_default()))));
    }
    Ok(persons)
}

impl Stop {
    fn somebody_else(row: &Row, person: &Person, stored: &Person) -> Stop {
        let (here, comes) = (stored.record(), person.record());
        Stop::refused(row, format!("is here already as {here}, and this is {comes}: not the same person. {TELL_SOURCE}"))
    }

    async fn another_chart(tx: &impl ConnectionTrait, row: &Row, before: Uuid, chart: Option<Uuid>) -> Result<Stop, DbErr> {
        let here = super::persons::record(tx, before).await?;
        let comes = match chart {
            Some(chart) => super::persons::record(tx, chart).await?,
            None => "somebody else".into(),
        };
        Ok(Stop::refused(row, format!("is here already in {here}, and this is of {comes}: not the same person. {TELL_SOURCE}")))
    }
}

const TELL_SOURCE: &str = "Say where the file comes from with --source.";
