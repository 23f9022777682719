//! What people did here, for a hospital's interface engine: FHIR R4, one resource a line.

use std::io::{self, Write};

use app::{
    access::System,
    desk::{
        billing, consents,
        outgoing::{model::ActKind, store::after},
        scheduling,
    },
    features::{self, medications, messages, questionnaires},
    platform::secret::Secret,
};
use sea_orm::{ConnectionTrait, DbErr};
use serde_json::{Value, json};
use uuid::Uuid;

/// So many acts are read at once.
const AT_ONCE: u64 = 500;

/// Writes everything that was done after a number as NDJSON, in the order in which it was done. Each resource has the number of its
/// act as its `meta.versionId`: the last one is where the next call goes on. Returns it.
///
/// # Errors
/// When reading or writing fails: what was written until then is whole lines.
pub async fn write(system: &System, secret: Option<&Secret>, since: i64, out: &mut impl Write) -> Result<i64, String> {
    let mut last = since;
    loop {
        let acts = after(system, last, AT_ONCE).await.map_err(|_| "The database failed.".to_owned())?;
        if acts.is_empty() {
            return Ok(last);
        }
        for act in acts {
            let number = act.number.unwrap_or(last);
            for mut resource in resources(system.db(), secret, act.kind, act.about).await.map_err(|_| "The database failed.".to_owned())? {
                resource["meta"]["versionId"] = json!(number.to_string());
                resource["meta"]["lastUpdated"] = json!(act.at.to_rfc3339());
                writeln!(out, "{resource}").map_err(|error| told(&error))?;
            }
            last = number;
        }
        out.flush().map_err(|error| told(&error))?;
    }
}

fn told(error: &io::Error) -> String {
    format!("What was done could not be written: {error}.")
}

async fn resources(db: &impl ConnectionTrait, secret: Option<&Secret>, kind: ActKind, about: Uuid) -> Result<Vec<Value>, DbErr> {
    match kind {
        ActKind::Message => Ok(messages::outgoing::communication(db, secret, about).await?.into_iter().collect()),
        ActKind::RefillRequest => medications::outgoing::request(db, about).await,
        ActKind::Proposal => medications::outgoing::proposal(db, about).await,
        ActKind::Appointment => scheduling::outgoing::appointment(db, about).await,
        ActKind::Payment => billing::outgoing::payment(db, about).await,
        ActKind::Request => features::billing::outgoing::request(db, about).await,
        ActKind::VisitRequest => scheduling::outgoing::request(db, about).await,
        ActKind::Answers => questionnaires::outgoing::answers(db, about).await,
        ActKind::Consent => consents::outgoing::consent(db, about).await,
    }
}

/// Everything that was done about a patient, for an export.
///
/// # Errors
/// When the database fails.
pub async fn of_patient(db: &impl ConnectionTrait, secret: Option<&Secret>, patient: Uuid) -> Result<Vec<Value>, DbErr> {
    let mut all = messages::outgoing::of_patient(db, secret, patient).await?;
    all.extend(medications::outgoing::of_patient(db, patient).await?);
    all.extend(scheduling::outgoing::of_patient(db, patient).await?);
    all.extend(billing::outgoing::of_patient(db, patient).await?);
    all.extend(features::billing::outgoing::of_patient(db, patient).await?);
    all.extend(questionnaires::outgoing::of_patient(db, patient).await?);
    all.extend(consents::outgoing::of_patient(db, patient).await?);
    Ok(all)
}
