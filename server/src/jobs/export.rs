//! Makes the files that people ordered.

use std::time::Duration;

use app::{
    access::{DelegatedAccess, Grant, as_system, policy::TakeAlong},
    base::{
        error::Error,
        i18n::Locale,
        ids::{AccountId, PatientId},
    },
    features::sharing::{
        export::{Order, Outcome, advance, claim, finish},
        fhir::document,
    },
    platform::mail::store::organization,
    record::chapter::RecordSection,
    site::features,
};
use tokio::{task::spawn_blocking, time::sleep};

use crate::{
    State,
    export::{cover, package},
};

pub(super) async fn keep_making(state: State, pause: Duration) {
    loop {
        match once(&state).await {
            Ok(true) => {}
            Ok(false) => sleep(pause).await,
            Err(error) => {
                tracing::warn!(%error, "a file is tried again");
                sleep(pause).await;
            }
        }
    }
}

/// Makes one file; returns whether there was one to make.
///
/// # Errors
/// When the database fails.
pub async fn once(state: &State) -> Result<bool, Error> {
    let system = as_system(&state.db, "take along");
    let Some(order) = claim(&system).await? else { return Ok(false) };
    let made = if order.is_hopeless() { Err("it was never finished".to_owned()) } else { make(state, &order).await };
    let outcome = made.unwrap_or_else(|sentence| {
        tracing::error!(%sentence, tries = order.tries, "a record could not be made into a file");
        Outcome::Failed
    });
    let failed = matches!(outcome, Outcome::Failed);
    finish(&system, &state.clock, &order, outcome, &organization(&state.brand), &state.origin).await?;
    // After a failure the next try waits for the next round.
    Ok(!failed)
}

async fn make(state: &State, order: &Order) -> Result<Outcome, String> {
    let told = |error: Error| error.to_string();
    let system = as_system(&state.db, "take along");
    let locale = Locale::from_tag(&order.locale).unwrap_or_default();
    let patient = PatientId(order.patient_id);
    // What they may see is decided now, not when they asked.
    let reader =
        DelegatedAccess::for_job(&state.db, &state.clock, state.origin.clone(), locale, AccountId(order.account_id)).await.map_err(told)?;
    let grant: Grant<TakeAlong> = reader.allow(patient).map_err(told)?;
    let sections = RecordSection::read(&order.sections);
    let (sources, mut chapters) = (features::chapters(), Vec::new());
    for (done, section) in sections.iter().enumerate() {
        chapters.extend(sources.gather(&reader, patient, &[*section], order.period()).await.map_err(told)?);
        let percent = i32::try_from(80 * (done + 1) / sections.len().max(1)).unwrap_or(80);
        advance(&system, order, percent).await.map_err(told)?;
    }
    let bundle = document(&grant, &chapters, &state.brand.organisation, grant.texts().portable_document()).await.map_err(told)?;
    let cover = cover(&grant, &reader, &state.brand).await.map_err(told)?;
    let password = match &order.sealed_password {
        None => None,
        Some(sealed) => {
            let open = state.issuer.secret.open(sealed).and_then(|bytes| String::from_utf8(bytes).ok());
            Some(open.ok_or("the password was sealed with another secret")?)
        }
    };
    advance(&system, order, 90).await.map_err(told)?;
    let with_sensitive = grant.sees_sensitive();
    let at = grant.now().instant.with_timezone(&grant.zone()).naive_local();
    let made = spawn_blocking(move || package(&cover, &chapters, &bundle, password.as_deref(), at)).await;
    Ok(Outcome::Made { file: made.map_err(|error| error.to_string())??, with_sensitive })
}
