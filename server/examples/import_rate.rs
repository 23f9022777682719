//! How fast records come in, and that memory does not grow with the number of files.
//!
//! `cargo run --release -p server --example import_rate`, with `TEST_POSTGRES_URL` for PostgreSQL too. Each engine takes one set
//! of invented bundles and then four times as many; the ratios of the second run to the first are what counts.

mod database;

use std::{error::Error, fs, path::Path};

use app::access::{Db, as_system};
use base64::{Engine, prelude::BASE64_STANDARD};
use migrations::{Migrator, MigratorTrait};
use serde_json::{Value, json};
use server::fhir::{ImportOptions, import_paths};

use database::own_database;

/// Visits of one person; a visit is seven resources.
const VISITS: usize = 60;
const PEOPLE: usize = 12;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("{:<10} {:>6} {:>10} {:>12} {:>8} {:>10}", "", "files", "resources", "resources/s", "MB/s", "peak MB");
    let postgres = std::env::var("TEST_POSTGRES_URL").ok().map(Some);
    for admin in [None].into_iter().chain(postgres) {
        let mut before: Option<(f64, f64)> = None;
        for people in [PEOPLE, 4 * PEOPLE] {
            let (rate, peak) = run(admin.as_deref(), people).await?;
            if let Some((first_rate, first_peak)) = before {
                println!("  four times the files: {:.2} x the rate, {:.2} x the memory", rate / first_rate, peak / first_peak);
            }
            before = Some((rate, peak));
        }
    }
    Ok(())
}

async fn run(admin: Option<&str>, people: usize) -> Result<(f64, f64), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let files = folder.path().join("files");
    fs::create_dir(&files)?;
    for person in 0..people {
        fs::write(files.join(format!("{person:04}.json")), bundle(person).to_string())?;
    }
    let url = match admin {
        None => format!("sqlite:{}", folder.path().join("rate.db").display()),
        Some(admin) => own_database(admin, "import_rate").await?,
    };
    let connection = server::connect(&url).await?;
    Migrator::up(&connection, None).await?;
    reset_peak();
    let summary = import_paths(&as_system(&Db::new(connection), "benchmark"), &[files], &ImportOptions::default())
        .await
        .map_err(|error| error.to_string())?;
    let (count, peak) = (summary.total().new, peak_megabytes());
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let (rate, megabytes) = (count as f64 / summary.seconds, summary.bytes as f64 / 1e6 / summary.seconds);
    println!(
        "{:<10} {people:>6} {count:>10} {rate:>12.0} {megabytes:>8.1} {peak:>10.0}",
        if admin.is_some() { "PostgreSQL" } else { "SQLite" }
    );
    Ok((rate, peak))
}

/// One person with their visits, each with measurements, a diagnosis, a medicine and a note.
fn bundle(person: usize) -> Value {
    let patient = format!("p{person}");
    let subject = json!({"reference": format!("Patient/{patient}")});
    let mut resources = vec![
        json!({"resourceType": "Patient", "id": patient, "name": [{"given": ["Ana"], "family": format!("Roe {person}")}], "birthDate": "1980-05-06"}),
        json!({"resourceType": "Practitioner", "id": "d", "name": [{"given": ["Susan"], "family": "Hale"}]}),
    ];
    for number in 0..VISITS {
        let visit = format!("{patient}-{number}");
        let start = format!("20{:02}-{:02}-{:02}T10:00:00Z", 10 + number % 15, 1 + number % 12, 1 + number % 28);
        let encounter = json!({"reference": format!("Encounter/{visit}")});
        let note = BASE64_STANDARD
            .encode("Two days of sore throat and fever. Throat red, lungs clear. Rest, fluids, and see us if it gets worse. ".repeat(12));
        let vital = |name: &str, value: f64| {
            json!({"resourceType": "Observation", "id": format!("{visit}-{}", name.replace(' ', "-")), "status": "final", "subject": subject, "encounter": encounter,
                "category": [{"coding": [{"code": "vital-signs"}]}], "code": {"text": name}, "effectiveDateTime": start, "valueQuantity": {"value": value, "unit": "kg"}})
        };
        resources.extend([
            json!({"resourceType": "Encounter", "id": visit, "status": "finished", "class": {"code": "AMB"}, "subject": subject, "period": {"start": start},
                "participant": [{"individual": {"reference": "Practitioner/d"}}], "reasonCode": [{"text": "Sore throat"}]}),
            json!({"resourceType": "Condition", "id": format!("{visit}-c"), "subject": subject, "encounter": encounter, "code": {"text": "Pharyngitis"}}),
            vital("Body weight", 70.5),
            vital("Body height", 170.0),
            json!({"resourceType": "MedicationRequest", "id": format!("{visit}-m"), "status": "active", "intent": "order", "subject": subject, "encounter": encounter,
                "medicationCodeableConcept": {"text": "Amoxicillin"}, "dosageInstruction": [{"text": "Twice a day"}]}),
            json!({"resourceType": "DocumentReference", "id": format!("{visit}-n"), "status": "current", "subject": subject, "date": start, "type": {"text": "Progress note"},
                "context": {"encounter": [encounter]}, "content": [{"attachment": {"contentType": "text/plain", "data": note}}]}),
            json!({"resourceType": "Claim", "id": format!("{visit}-x"), "status": "active", "patient": subject, "total": {"value": 120.50, "currency": "USD"}}),
        ]);
    }
    let entries: Vec<Value> = resources.into_iter().map(|resource| json!({"resource": resource})).collect();
    json!({"resourceType": "Bundle", "type": "transaction", "entry": entries})
}

/// Linux forgets the peak of a process's memory when it is told to.
fn reset_peak() {
    if Path::new("/proc/self/clear_refs").exists() {
        let _ = fs::write("/proc/self/clear_refs", "5");
    }
}

fn peak_megabytes() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / 1000.0
}
