//! Takes files one after another: each as a whole or not at all, kept as it is, then mapped to what pages show.

use std::{collections::HashSet, fs, path::PathBuf, time::Instant};

use app::access::System;
use chrono::{TimeDelta, Utc};
use chrono_tz::Tz;
use indicatif::{ProgressBar, ProgressStyle};
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseTransaction, DbErr};
use serde_json::Value;
use uuid::Uuid;

use super::{
    ImportError, ImportOptions, Refusal, Stop, chart, deceased, encoding, identity, left_out,
    links::Links,
    map, panels, persons, read, reference, rows, sources, steps,
    store::{self, Row},
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
    let mut summary = finish_interrupted(system, options).await;
    for file in files {
        let name = file.path.display().to_string();
        if !file.named && !read::may_be_fhir(&file.path) {
            summary.skipped.push(name);
            continue;
        }
        let bytes = fs::read(&file.path).map_err(|error| ImportError::Unreadable(file.path.clone(), error))?;
        let length = bytes.len() as u64;
        let found = match readable(&name, bytes) {
            Ok(text) if !file.named && !name.to_lowercase().ends_with(".ndjson") && read::is_other_json(&text) => {
                summary.skipped.push(name);
                continue;
            }
            Ok(text) => import_text(system, &name, &text, options).await,
            Err(refusal) => Err(refusal),
        };
        match found {
            Ok(found) => summary.add(found),
            Err(refusal) if options.keep_going => summary.refused.push(refusal),
            Err(refusal) => return Err(ImportError::Refused(refusal)),
        }
        summary.bytes += length;
        bar.inc(length);
    }
    bar.finish_and_clear();
    look_again(system).await;
    summary.seconds = start.elapsed().as_secs_f64();
    Ok(summary)
}

/// The text of a file that may be FHIR in JSON.
fn readable(name: &str, bytes: Vec<u8>) -> Result<String, Refusal> {
    let refusal = |reason: String| Refusal { file: name.into(), resource: None, path: None, reason, accepted: false };
    let text = encoding::text(bytes).map_err(refusal)?;
    match encoding::is_xml(&text) {
        Some(what) => Err(refusal(what.into())),
        None => Ok(text),
    }
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
    import_bundle_from(system, name, bundle, &ImportOptions::default()).await
}

/// As [`import_bundle`], with what is told about where it comes from.
///
/// # Errors
/// Why it was refused; the database is as it was.
pub async fn import_bundle_from(system: &System, name: &str, bundle: Value, options: &ImportOptions) -> Result<Summary, Refusal> {
    finish_interrupted(system, options).await;
    import_text(system, name, &bundle.to_string(), options).await
}

/// One file: all of it or nothing. A large one in steps, once it is checked and written down.
async fn import_text(system: &System, name: &str, text: &str, options: &ImportOptions) -> Result<Summary, Refusal> {
    let content = read::resources(name, text)?;
    let sources = sources::of(&content.resources, options.source.as_deref());
    let mut rows = rows::checked(name, content.resources, sources)?;
    let mut summary = Summary::default();
    summary.incomplete.extend(content.missing.into_iter().map(|what| (name.to_owned(), what)));
    for row in &rows {
        *summary.sources.entry(row.source.clone()).or_default() += 1;
    }
    let failed = |error: DbErr| failure(name, &error, false);
    // What is somebody else's is refused before anything of a large file is accepted; each step looks again.
    if rows.len() > steps::STEP {
        identity::settle(system.db(), &mut rows).await.map_err(|stop| stopped(name, stop, false))?;
        rows.iter_mut().for_each(|row| row.stored = None);
    }
    let mut steps = steps::cut(system.db(), rows).await.map_err(failed)?;
    if steps.len() <= 1 {
        let tx = system.begin().await.map_err(failed)?;
        let rows = steps.pop().unwrap_or_default();
        let found = keep_and_map(&tx, rows, HashSet::new(), options).await.map_err(|stop| stopped(name, stop, false))?;
        tx.commit().await.map_err(failed)?;
        summary.add(found);
        return Ok(summary);
    }
    let file = steps::stage(system, name, &steps).await.map_err(failed)?;
    for (number, rows) in (0..).zip(steps) {
        summary.add(step(system, file, number, rows, options).await.map_err(|stop| stopped(name, stop, true))?);
    }
    Ok(summary)
}

/// Brings one step of an accepted file into the record, unless another import has.
async fn step(system: &System, file: Uuid, number: i32, rows: Vec<Row>, options: &ImportOptions) -> Result<Summary, Stop> {
    let tx = system.begin().await?;
    let summary =
        if steps::take(&tx, file, number).await? { keep_and_map(&tx, rows, HashSet::new(), options).await? } else { Summary::default() };
    tx.commit().await?;
    Ok(summary)
}

/// Brings in what is missing of files that were accepted before a crash. What fails again stays for the next import.
async fn finish_interrupted(system: &System, options: &ImportOptions) -> Summary {
    let mut summary = Summary::default();
    let left = steps::left(system).await.unwrap_or_else(|error| {
        tracing::warn!(kind = ?error.sql_err(), "interrupted imports cannot be read");
        Vec::new()
    });
    for (name, file, number) in left {
        match finish_step(system, &name, file, number, options).await {
            Ok(found) => summary.add(found),
            Err(refusal) => {
                tracing::warn!(%refusal, "an interrupted import cannot be finished");
                summary.refused.push(refusal);
            }
        }
    }
    summary
}

async fn finish_step(system: &System, name: &str, file: Uuid, number: i32, options: &ImportOptions) -> Result<Summary, Refusal> {
    let failed = |error: DbErr| failure(name, &error, true);
    let Some(body) = steps::body(system.db(), file, number).await.map_err(failed)? else { return Ok(Summary::default()) };
    let staged = read::resources("step.json", &body)?.resources;
    let sources = staged.iter().map(|found| found.source.clone().unwrap_or_default()).collect();
    let rows = rows::checked(name, staged, sources)?;
    step(system, file, number, rows, options).await.map_err(|stop| stopped(name, stop, true))
}

fn stopped(file: &str, stop: Stop, accepted: bool) -> Refusal {
    match stop {
        Stop::Database(error) => failure(file, &error, accepted),
        Stop::Refused(resource, reason) => Refusal { file: file.into(), resource: Some(resource), path: None, reason, accepted },
    }
}

fn failure(file: &str, error: &DbErr, accepted: bool) -> Refusal {
    let reason = format!("the database failed ({})", error.sql_err().map_or("no detail", |_| "a constraint"));
    Refusal { file: file.into(), resource: None, path: None, reason, accepted }
}

/// Maps stored resources again, and what stands on them; finds the charts of Patient resources among them anew.
///
/// # Errors
/// When the database fails.
pub async fn map_again(tx: &DatabaseTransaction, resources: Vec<Uuid>, options: &ImportOptions) -> Result<(), DbErr> {
    match keep_and_map(tx, Vec::new(), resources.into_iter().collect(), options).await {
        Ok(_) => Ok(()),
        Err(Stop::Database(error)) => Err(error),
        Err(Stop::Refused(resource, reason)) => Err(DbErr::Custom(format!("{resource} {reason}"))),
    }
}

/// Keeps what comes in, and maps it together with what stands on it and with the resources of `again`.
async fn keep_and_map(
    tx: &DatabaseTransaction,
    mut rows: Vec<Row>,
    mut again: HashSet<Uuid>,
    options: &ImportOptions,
) -> Result<Summary, Stop> {
    let mut summary = Summary::default();
    identity::settle(tx, &mut rows).await?;
    let seen = store::seen_before(tx, &rows).await?;
    let (mut new, mut updated, mut moved, mut replaced) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for mut row in rows {
        row.aliases.extend(persons::trusted_names(&row, &options.trusted));
        let counts = summary.types.entry(row.resource_type.clone()).or_default();
        match &row.stored {
            None => {
                counts.new += 1;
                new.push(row);
            }
            Some(stored) if is_unchanged(&row, stored) || was_said(&seen, &row, stored) => {
                counts.unchanged += 1;
                if stored.source != row.source || row.aliases.iter().any(|name| name.starts_with("?|")) {
                    moved.push(row);
                }
            }
            Some(stored) => {
                counts.updated += 1;
                replaced.push((stored.id, stored.content_hash.clone()));
                updated.push(row);
            }
        }
    }
    store::remember(tx, replaced).await?;
    let fresh: HashSet<Uuid> = new.iter().chain(&updated).map(|row| row.id).collect();
    let mut links = Links::default();
    let shared = links.register(tx, new.iter().chain(&updated).chain(&moved)).await?;
    store::set_source(tx, &moved).await?;
    // Who has waited for these names, and who stands on a visit that changed, is mapped again.
    again.extend(store::dependants(tx, &links.registered).await?);
    again.extend(store::on_changed_visits(tx, &updated).await?);
    again.extend(store::in_charts_of(tx, shared).await?);
    again.retain(|id| !fresh.contains(id));
    let mut waiting = store::load(tx, again).await?;
    links.look_up(tx, new.iter().chain(&updated).chain(&waiting)).await?;
    let people: Vec<&Row> = new.iter().chain(&updated).chain(&waiting).collect();
    let regrouped = persons::regroup(tx, &mut links, &people, &fresh).await?;
    summary.disagreeing = regrouped.disagreeing;
    let mut more = store::in_charts(tx, regrouped.charts.into_iter().collect()).await?;
    more.extend(regrouped.resources);
    let here: HashSet<Uuid> = people.iter().map(|row| row.id).collect();
    more.retain(|id| !here.contains(id));
    let more = store::load(tx, more).await?;
    links.look_up(tx, more.iter()).await?;
    waiting.extend(more);
    panels::complete(tx, &mut links, &new, &updated, &mut waiting).await?;
    let updated_from = updated.len();
    let mut all: Vec<Row> = updated.into_iter().chain(waiting).collect();
    store::forget_projections(tx, &all).await?;
    all.append(&mut new);
    links.look_behind(tx, &all).await?;
    let fresh_from = all.len() - (fresh.len() - updated_from);
    let shown = map::all(tx, &mut all, &mut links, options.zone.unwrap_or(Tz::America__New_York)).await?;
    let people = all.iter().filter(|row| row.resource_type == "Patient");
    let charts: HashSet<Uuid> = people.filter_map(|row| row.patient).collect();
    let days = options.deceased_access_days.unwrap_or(deceased::ACCESS_DAYS);
    let access_until = Utc::now().date_naive() + TimeDelta::days(days.into());
    deceased::apply(tx, &charts.into_iter().collect::<Vec<_>>(), access_until).await?;
    // One moment for all of them: by it the announcement finds what it announces.
    let now = Utc::now();
    let arrived = store::arrived(&all, &fresh);
    store::insert(tx, &all[fresh_from..], now).await?;
    store::update(tx, &all[..fresh_from], &arrived, now).await?;
    store::announce(tx, &all, &arrived, now).await?;
    store::count_sources(tx, all.iter().filter_map(|row| row.patient).collect()).await?;
    store::wait_for(tx, &links).await?;
    for row in all.iter().filter(|row| fresh.contains(&row.id)) {
        if !shown.contains(&row.id) {
            summary.types.entry(row.resource_type.clone()).or_default().not_shown += 1;
        }
        if row.patient.is_none() && row.resource_type == "Patient" {
            summary.no_person.push(row.local.clone());
        }
        if chart::is_of_others_too(row, &links) {
            summary.several_patients.push(row.local.clone());
        }
        if let Some(why) = left_out::why(row, &links) {
            summary.without_chart.entry(why).or_default().push(row.local.clone());
        }
    }
    Ok(summary)
}

/// Whether it is what was replaced before. Of a person's record, where neither tells when it was made, the last that comes in holds;
/// what belongs to nobody stands in many files, in the versions of many days.
fn was_said(seen: &HashSet<(Uuid, String)>, row: &Row, stored: &store::Known) -> bool {
    let keeps = row.last_updated.is_some() || stored.last_updated.is_some() || stored.patient.is_none();
    keeps && [row.hash.clone(), reference::hash(&row.body)].into_iter().any(|hash| seen.contains(&(stored.id, hash)))
}

/// Whether a resource says what is stored already, or something older. What was stored before layouts were compared has the hash of
/// its text.
fn is_unchanged(row: &Row, stored: &store::Known) -> bool {
    row.is_older() || stored.content_hash == row.hash || stored.content_hash == reference::hash(&row.body)
}
