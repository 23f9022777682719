//! Whether a long record opens as fast as a short one, and a large hospital as fast as a small one.
//!
//! `cargo run --release -p server --example record_size`, with `TEST_POSTGRES_URL` for PostgreSQL too. Maria of the demo
//! household gets more and more results, then the hospital more and more patients; each page is opened several times, and the
//! ratio of its median to that of the smallest record is what counts.

mod database;
mod portal;

use std::{error::Error, net::SocketAddr, time::Instant};

use app::{
    access::{Db, as_system},
    features::account::sign_in::store::open_for_demo,
    people::patient,
    platform::secret::Secret,
    record::resource::entity::fhir_resource,
};
use migrations::{Migrator, MigratorTrait};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use server::State;

use database::own_database;
use portal::organization;

/// Observations of one person; she comes with seventy-five.
const RESULTS: [u32; 4] = [75, 500, 5_000, 20_000];
const PATIENTS: [u32; 3] = [10, 1_000, 100_000];
/// Each page is opened so many times after one that does not count.
const TIMES: usize = 15;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let postgres = std::env::var("TEST_POSTGRES_URL").ok().map(Some);
    for admin in [None].into_iter().chain(postgres) {
        let engine = if admin.is_some() { "PostgreSQL" } else { "SQLite" };
        let folder = tempfile::tempdir()?;
        let url = match &admin {
            None => format!("sqlite:{}", folder.path().join("size.db").display()),
            Some(admin) => own_database(admin, "record_size").await?,
        };
        let connection = server::connect(&url).await?;
        Migrator::up(&connection, None).await?;
        let (origin, cookie) = serve(connection.clone(), &folder).await?;
        let maria = patient::Entity::find().filter(patient::Column::GivenName.eq("Maria")).one(&connection).await?.ok_or("no Maria")?;
        let base = format!("{origin}/p/{}", maria.id);
        let pages = [
            ("results", format!("{base}/results")),
            ("search", format!("{base}/results?words=cholesterol")),
            ("second page", format!("{base}/results?page=1")),
            ("trend", format!("{base}/results/trend?code=http%3A%2F%2Floinc.org%7C4548-4")),
            ("vitals", format!("{base}/health/vitals")),
            ("summary", format!("{base}/health")),
            ("medications", format!("{base}/health/medications")),
            ("visits", format!("{base}/visits")),
            // What the browser asks for when somebody turns the page without loading it anew.
            ("results, server function", format!("{origin}/api/pages/read#path=%2Fp%2F{}%2Fresults&query=", maria.id)),
        ];
        println!("\n{engine}: milliseconds, and times the smallest");
        let mut first: Vec<f64> = Vec::new();
        for count in RESULTS {
            add_results(&connection, &maria, count).await?;
            report(&format!("{count} results"), &pages, &cookie, &mut first).await?;
        }
        let mut there = 0;
        let mut first: Vec<f64> = Vec::new();
        let staff = format!("session={}", session(&connection, "priya").await?);
        let search = [("find a patient", format!("{origin}/staff/patients?query=roe%2077"))];
        let mut first_search: Vec<f64> = Vec::new();
        for count in PATIENTS {
            add_patients(&connection, there, count).await?;
            there = count;
            report(&format!("{count} patients"), &pages, &cookie, &mut first).await?;
            report("", &search, &staff, &mut first_search).await?;
        }
    }
    Ok(())
}

async fn report(name: &str, pages: &[(&str, String)], cookie: &str, first: &mut Vec<f64>) -> Result<(), Box<dyn Error>> {
    print!("{name:>16}");
    for (index, (page, url)) in pages.iter().enumerate() {
        let median = median(url.clone(), cookie.to_owned()).await?;
        if first.len() <= index {
            first.push(median);
        }
        print!("  {page} {median:.1} ({:.2})", median / first[index]);
    }
    println!();
    Ok(())
}

async fn median(url: String, cookie: String) -> Result<f64, Box<dyn Error>> {
    let times = tokio::task::spawn_blocking(move || {
        let mut times = Vec::new();
        for _ in 0..=TIMES {
            let start = Instant::now();
            let mut answer = match url.split_once('#') {
                None => ureq::get(&url).header("cookie", &cookie).header("accept", "text/html").call()?,
                Some((function, arguments)) => ureq::post(function)
                    .header("cookie", &cookie)
                    .header("accept", "application/json")
                    .header("sec-fetch-site", "same-origin")
                    .content_type("application/x-www-form-urlencoded")
                    .send(arguments)?,
            };
            answer.body_mut().read_to_string()?;
            times.push(start.elapsed().as_secs_f64() * 1000.0);
        }
        Ok::<_, ureq::Error>(times)
    })
    .await??;
    let mut times: Vec<f64> = times.into_iter().skip(1).collect();
    times.sort_by(f64::total_cmp);
    Ok(times[TIMES / 2])
}

async fn serve(connection: DatabaseConnection, folder: &tempfile::TempDir) -> Result<(String, String), Box<dyn Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://localhost:{}", listener.local_addr()?.port());
    let organization = organization(folder.path());
    let state = State::new(connection.clone(), &organization, &origin, Secret::new([7; 32]))?;
    let system = as_system(&Db::new(connection.clone()), "benchmark");
    server::demo::seed(&system, &state.clock, &state.passwords).await?;
    let service = server::router(state).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    Ok((origin, format!("session={}", session(&connection, "maria").await?)))
}

async fn session(connection: &DatabaseConnection, username: &str) -> Result<String, Box<dyn Error>> {
    let system = as_system(&Db::new(connection.clone()), "benchmark");
    Ok(open_for_demo(&system, username, "").await?.ok_or("no such account")?.token)
}

/// Maria's own observations, reports, prescriptions and conditions again and again, each time some days earlier, through the
/// importer: as many as make so many observations.
async fn add_results(connection: &DatabaseConnection, maria: &patient::Model, to: u32) -> Result<(), Box<dyn Error>> {
    let system = as_system(&Db::new(connection.clone()), "benchmark");
    let observations = fhir_resource::Entity::find()
        .filter(fhir_resource::Column::PatientId.eq(maria.id))
        .filter(fhir_resource::Column::ResourceType.eq("Observation"));
    let own = fhir_resource::Entity::find()
        .filter(fhir_resource::Column::PatientId.eq(maria.id))
        .filter(fhir_resource::Column::ResourceType.is_in(["Observation", "DiagnosticReport", "MedicationRequest", "Condition"]))
        .filter(fhir_resource::Column::Reference.not_like("%/copy-%"))
        .all(connection)
        .await?;
    let mut there = u32::try_from(observations.count(connection).await?)?;
    let mut copies = there / u32::try_from(own.iter().filter(|row| row.resource_type == "Observation").count().max(1))?;
    while there < to {
        let mut entries: Vec<Value> = Vec::new();
        for row in &own {
            if row.resource_type == "Observation" {
                if there == to {
                    continue;
                }
                there += 1;
            }
            entries.push(json!({"resource": copied(row, &own, copies)}));
        }
        let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
        server::fhir::import_bundle(&system, "copy", bundle).await.map_err(|refused| refused.to_string())?;
        copies += 1;
    }
    server::fhir::look_again(&system).await;
    Ok(())
}

/// A resource under another name, pointing at resources under their other names, nine days earlier for each copy.
fn copied(row: &fhir_resource::Model, own: &[fhir_resource::Model], number: u32) -> Value {
    let mut text = row.body.clone();
    for other in own {
        let id = other.reference.rsplit('/').next().unwrap_or_default();
        text = text.replace(&format!("urn:uuid:{id}"), &format!("{}/copy-{number}-{id}", other.resource_type));
    }
    let mut value: Value = serde_json::from_str(&text).unwrap_or_default();
    value["id"] = json!(format!("copy-{number}-{}", value["id"].as_str().unwrap_or_default()));
    for name in ["effectiveDateTime", "issued", "authoredOn", "recordedDate"] {
        if let Some(at) = value[name].as_str().and_then(|at| chrono::DateTime::parse_from_rfc3339(at).ok()) {
            value[name] = json!((at - chrono::TimeDelta::days(9 * i64::from(number + 1))).to_rfc3339());
        }
    }
    value
}

async fn add_patients(connection: &DatabaseConnection, from: u32, to: u32) -> Result<(), Box<dyn Error>> {
    let model = patient::Entity::find().one(connection).await?.ok_or("no patient")?;
    let numbers: Vec<u32> = (from..to).collect();
    for chunk in numbers.chunks(500) {
        let rows = chunk.iter().map(|number| {
            let row = patient::Model {
                id: app::base::ids::new_id(),
                resource_id: app::base::ids::new_id(),
                mrn: Some(format!("B-{number}")),
                mrn_key: Some(format!("b{number}")),
                given_name: "Ana".into(),
                family_name: format!("Roe {number}"),
                search_name: format!("ana roe {number}"),
                ..model.clone()
            };
            patient::ActiveModel::from(row)
        });
        patient::Entity::insert_many(rows).exec_without_returning(connection).await?;
    }
    server::fhir::look_again(&as_system(&Db::new(connection.clone()), "benchmark")).await;
    Ok(())
}
