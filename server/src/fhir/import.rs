//! Takes files one after another: each as a whole or not at all, kept as it is, then mapped to what pages show.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::PathBuf,
    time::Instant,
};

use app::{access::System, base::ids::new_id};
use chrono::{DateTime, Utc};
use indicatif::{ProgressBar, ProgressStyle};
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseTransaction, DbErr};
use serde_json::Value;
use uuid::Uuid;

use super::{
    ImportError, ImportOptions, Refusal, check, map, panels,
    read::{self, Received},
    reference, steps,
    store::{self, Known, Links, Row},
    summary::Summary,
};

/// Imports files and folders. Memory holds one file at a time.
///
/// # Errors
/// A path that cannot be read; the first refusal, unless told to keep going.
pub async fn import_paths(system: &System, paths: &[PathBuf], options: &ImportOptions) -> Result<Summary, ImportError> {
    let start = Instant::now();
    let files = read::files(paths).map_err(|(path, error)| ImportError::Unreadable(path, error))?;
    let bar = bar(options.progress, &files);
    let mut summary = finish_interrupted(system).await;
    for file in files {
        let name = file.path.display().to_string();
        if !file.named && !read::may_be_fhir(&file.path) {
            summary.skipped.push(name);
            continue;
        }
        let text = fs::read_to_string(&file.path).map_err(|error| ImportError::Unreadable(file.path.clone(), error))?;
        if !file.named && !name.to_lowercase().ends_with(".ndjson") && read::is_other_json(&text) {
            summary.skipped.push(name);
            continue;
        }
        match import_text(system, &name, &text).await {
            Ok(found) => summary.add(found),
            Err(refusal) if options.keep_going => summary.refused.push(refusal),
            Err(refusal) => return Err(ImportError::Refused(refusal)),
        }
        summary.bytes += text.len() as u64;
        bar.inc(text.len() as u64);
    }
    bar.finish_and_clear();
    look_again(system).await;
    summary.seconds = start.elapsed().as_secs_f64();
    Ok(summary)
}

/// Lets the database count its tables anew: after many rows at once it would plan for few until it finds out by itself.
/// Without it everything works, only slower.
pub async fn look_again(system: &System) {
    // SQLite looks at so many rows of each index; it holds the lock of the writer meanwhile.
    let count = match system.db().get_database_backend() {
        DatabaseBackend::Sqlite => "PRAGMA analysis_limit = 1000; ANALYZE",
        _ => "ANALYZE",
    };
    if let Err(error) = system.db().execute_unprepared(count).await {
        tracing::warn!(kind = ?error.sql_err(), "the tables could not be counted anew");
    }
}

fn bar(visible: bool, files: &[read::File]) -> ProgressBar {
    if !visible {
        return ProgressBar::hidden();
    }
    let bytes = files.iter().filter_map(|file| fs::metadata(&file.path).ok()).map(|file| file.len()).sum();
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes}  {eta} left").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(bytes).with_style(style)
}

/// Imports one bundle, or one bare resource, that is in memory already.
///
/// # Errors
/// Why it was refused; the database is as it was.
pub async fn import_bundle(system: &System, name: &str, bundle: Value) -> Result<Summary, Refusal> {
    finish_interrupted(system).await;
    import_text(system, name, &bundle.to_string()).await
}

/// One file: all of it or nothing. A large one in steps, once it is checked and written down.
async fn import_text(system: &System, name: &str, text: &str) -> Result<Summary, Refusal> {
    let rows = rows(name, read::resources(name, text)?)?;
    let failed = |error: DbErr| failure(name, &error, false);
    let mut steps = steps::cut(system.db(), rows).await.map_err(failed)?;
    if steps.len() <= 1 {
        let tx = system.begin().await.map_err(failed)?;
        let summary = keep_and_map(&tx, steps.pop().unwrap_or_default()).await.map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        return Ok(summary);
    }
    let file = steps::stage(system, name, &steps).await.map_err(failed)?;
    let mut summary = Summary::default();
    for (number, rows) in (0..).zip(steps) {
        summary.add(step(system, file, number, rows).await.map_err(|error| failure(name, &error, true))?);
    }
    Ok(summary)
}

/// Brings one step of an accepted file into the record, unless another import has.
async fn step(system: &System, file: Uuid, number: i32, rows: Vec<Row>) -> Result<Summary, DbErr> {
    let tx = system.begin().await?;
    let summary = if steps::take(&tx, file, number).await? { keep_and_map(&tx, rows).await? } else { Summary::default() };
    tx.commit().await?;
    Ok(summary)
}

/// Brings in what is missing of files that were accepted before a crash. What fails again stays for the next import.
async fn finish_interrupted(system: &System) -> Summary {
    let mut summary = Summary::default();
    let left = steps::left(system).await.unwrap_or_else(|error| {
        tracing::warn!(kind = ?error.sql_err(), "interrupted imports cannot be read");
        Vec::new()
    });
    for (name, file, number) in left {
        match finish_step(system, &name, file, number).await {
            Ok(found) => summary.add(found),
            Err(refusal) => tracing::warn!(%refusal, "an interrupted import cannot be finished"),
        }
    }
    summary
}

async fn finish_step(system: &System, name: &str, file: Uuid, number: i32) -> Result<Summary, Refusal> {
    let failed = |error: DbErr| failure(name, &error, true);
    let Some(body) = steps::body(system.db(), file, number).await.map_err(failed)? else { return Ok(Summary::default()) };
    let rows = rows(name, read::resources("step.json", &body)?)?;
    step(system, file, number, rows).await.map_err(failed)
}

fn failure(file: &str, error: &DbErr, accepted: bool) -> Refusal {
    let reason = format!("the database failed ({})", error.sql_err().map_or("no detail", |_| "a constraint"));
    Refusal { file: file.into(), resource: None, path: None, reason, accepted }
}

/// Checks every resource before anything is written.
fn rows(file: &str, received: Vec<Received>) -> Result<Vec<Row>, Refusal> {
    let refusal = |resource: Option<String>, path: Option<String>, reason: &str| Refusal {
        file: file.into(),
        resource,
        path,
        reason: reason.into(),
        accepted: false,
    };
    let mut rows: Vec<Row> = Vec::with_capacity(received.len());
    let mut places: HashMap<String, usize> = HashMap::new();
    for (index, Received { full_url, raw }) in received.into_iter().enumerate() {
        let value: Value = serde_json::from_str(raw.get()).map_err(|_| refusal(None, Some(format!("entry[{index}]")), "not valid JSON"))?;
        if !value.is_object() {
            return Err(refusal(None, Some(format!("entry[{index}].resource")), "must be an object"));
        }
        let Some(resource_type) = value["resourceType"].as_str().filter(|name| !name.is_empty()).map(str::to_owned) else {
            return Err(refusal(None, Some(format!("entry[{index}].resource.resourceType")), "is missing"));
        };
        let hash = reference::hash(raw.get());
        let name = reference::canonical(&resource_type, &value, full_url.as_deref(), &hash);
        check::resource(&resource_type, &value).map_err(|fault| refusal(Some(name.clone()), Some(fault.path), fault.reason))?;
        let row = Row {
            id: new_id(),
            aliases: reference::aliases(&resource_type, &value, full_url.as_deref(), &name),
            version_id: value["meta"]["versionId"].as_str().map(str::to_owned),
            last_updated: value["meta"]["lastUpdated"].as_str().and_then(instant),
            body: raw.get().to_owned(),
            full_url,
            reference: name,
            resource_type,
            hash,
            value,
            patient: None,
            stood_in: None,
        };
        // Twice in one file: the later one is the newer version.
        match places.get(&row.reference) {
            Some(place) => rows[*place] = row,
            None => {
                places.insert(row.reference.clone(), rows.len());
                rows.push(row);
            }
        }
    }
    Ok(rows)
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc))
}

async fn keep_and_map(tx: &DatabaseTransaction, rows: Vec<Row>) -> Result<Summary, DbErr> {
    let mut summary = Summary::default();
    let known = store::known(tx, &rows).await?;
    let seen = store::seen_before(tx, &rows, &known).await?;
    let (mut new, mut updated, mut replaced) = (Vec::new(), Vec::new(), Vec::new());
    for mut row in rows {
        let counts = summary.types.entry(row.resource_type.clone()).or_default();
        match known.get(&row.reference) {
            None => {
                counts.new += 1;
                new.push(row);
            }
            Some(stored) if stored.content_hash == row.hash || is_older(&row, stored) || seen.contains(&(stored.id, row.hash.clone())) => {
                counts.unchanged += 1;
            }
            Some(stored) => {
                counts.updated += 1;
                row.id = stored.id;
                replaced.push((stored.id, stored.content_hash.clone()));
                updated.push(row);
            }
        }
    }
    store::remember(tx, replaced).await?;
    let fresh: HashSet<Uuid> = new.iter().chain(&updated).map(|row| row.id).collect();
    let mut links = Links::default();
    links.register(tx, new.iter().chain(&updated)).await?;
    // Who has waited for these names, and who stands on a visit that changed, is mapped again.
    let mut again = store::dependants(tx, &links.registered).await?;
    again.extend(store::on_changed_visits(tx, &updated).await?);
    again.retain(|id| !fresh.contains(id));
    let mut waiting = store::load(tx, again).await?;
    links.look_up(tx, new.iter().chain(&updated).chain(&waiting)).await?;
    panels::complete(tx, &mut links, &new, &updated, &mut waiting).await?;
    let updated_from = updated.len();
    let mut all: Vec<Row> = updated.into_iter().chain(waiting).collect();
    store::forget_projections(tx, &all).await?;
    all.append(&mut new);
    let fresh_from = all.len() - (fresh.len() - updated_from);
    let shown = map::all(tx, &mut all, &mut links).await?;
    // One moment for all of them: by it the announcement finds what it announces.
    let now = Utc::now();
    let arrived = store::arrived(&all, &fresh);
    store::insert(tx, &all[fresh_from..], now).await?;
    store::update(tx, &all[..fresh_from], &arrived, now).await?;
    store::announce(tx, &all, &arrived, now).await?;
    store::wait_for(tx, &links).await?;
    for row in all.iter().filter(|row| fresh.contains(&row.id) && !shown.contains(&row.id)) {
        summary.types.entry(row.resource_type.clone()).or_default().not_shown += 1;
    }
    Ok(summary)
}

fn is_older(row: &Row, stored: &Known) -> bool {
    row.last_updated.zip(stored.last_updated).is_some_and(|(incoming, stored)| incoming < stored)
}
