//! The commands that are done when they return.

use std::{
    io::{IsTerminal, stdout},
    path::Path,
    process::ExitCode,
};

use app::{
    access::{Db, System, as_system},
    base::error::Error,
    desk::{billing::ledger, consents::signing::changed_signatures},
    features::credentials::keys,
    platform::secret::Secret,
};

use uuid::Uuid;

use crate::{check_secret, config, connect, fhir, migrate_now, secret, sentence};

/// `server migrate`.
///
/// # Errors
/// A sentence for whoever runs it.
pub async fn migrate(config: config::Database) -> Result<(), String> {
    migrate_now(&connect(&config.database).await?).await?;
    println!("The tables are up to date.");
    Ok(())
}

/// `server check`.
///
/// # Errors
/// A sentence that says which bills do not add up, and which signatures are not as they were made.
pub async fn check(config: config::Database) -> Result<(), String> {
    let connection = connect(&config.database).await?;
    let system = as_system(&Db::new(connection), "check");
    let found = ledger::check(system.db()).await.map_err(|error| sentence(&error))?;
    println!("Bills: {}. Entries: {}.", found.bills, found.entries);
    let (signatures, changed) = changed_signatures(system.db()).await.map_err(|error| error.to_string())?;
    println!("Signatures: {signatures}.");
    if !changed.is_empty() {
        let changed: Vec<String> = changed.iter().map(Uuid::to_string).collect();
        return Err(format!("What was signed, or the signature, was changed since: {}.", changed.join(", ")));
    }
    if found.wrong.is_empty() && found.wrong_pending.is_empty() {
        println!("Every balance is the sum of its entries. Every signature is as it was made.");
        return Ok(());
    }
    let wrong = found.wrong.iter().map(|(number, kept, sum)| format!("{number}: kept {kept}, entries {sum} cents"));
    let pending = found.wrong_pending.iter().map(|(number, kept, sum)| format!("{number}: on its way {kept}, debits {sum} cents"));
    let wrong: Vec<String> = wrong.chain(pending).collect();
    Err(format!("The ledger does not add up. {}.", wrong.join("; ")))
}

/// `server rotate-key`.
///
/// # Errors
/// A sentence for whoever runs it.
pub async fn rotate_key(config: config::RotateKey) -> Result<(), String> {
    let connection = connect(&config.database.database).await?;
    let system = as_system(&Db::new(connection), "rotate-key");
    let secret = secret::read(&config.secret_file)?;
    check_secret(&system, &secret, &config.secret_file).await?;
    let kid = keys::rotate(&system, &secret).await.map_err(|error| sentence(&error))?;
    println!("Health cards are signed with the key {kid} from now on. Keys from before stay published, and sign no more.");
    Ok(())
}

/// `server withdraw-key`.
///
/// # Errors
/// A sentence for whoever runs it.
pub async fn withdraw_key(config: config::WithdrawKey) -> Result<(), String> {
    let connection = connect(&config.database.database).await?;
    let system = as_system(&Db::new(connection), "withdraw-key");
    let cards = keys::withdraw(&system, &config.kid).await.map_err(|error| match error {
        Error::NotFound => format!("{}: there is no such key.", config.kid),
        other => sentence(&other),
    })?;
    println!("The key {} is published no more. Cards that were taken back: {cards}.", config.kid);
    println!("Readers that remember keys learn it from the list of what was taken back, which stays published.");
    Ok(())
}

/// `server staff`.
///
/// # Errors
/// A sentence for whoever runs it.
pub async fn staff(config: config::Staff) -> Result<(), String> {
    let connection = connect(&config.database.database).await?;
    let system = as_system(&Db::new(connection), "staff");
    let new = app::features::staff::store::NewStaff {
        username: config.username,
        name: config.name,
        role: config.role.into(),
        email: config.email,
        practitioner: config.practitioner,
        departments: config.departments,
        supervisor: config.supervisor,
    };
    let token = app::features::staff::store::create(&system, new).await?;
    println!("The account is made. Within an hour, open this link and choose the password:");
    println!("{}/recover/link?token={token}", config.public_url.trim_end_matches('/'));
    println!("After the first sign-in, set up the second step: without it, no patient is found.");
    Ok(())
}

/// `server import`. The exit code is non-zero when anything was refused.
pub async fn import(config: config::Import) -> ExitCode {
    let done = async {
        let connection = connect(&config.database.database).await?;
        migrate_now(&connection).await?;
        let system = as_system(&Db::new(connection), "import");
        let options = fhir::ImportOptions {
            source: config.source,
            trusted: config.trusted_identifier_systems,
            deceased_access_days: Some(config.deceased_access_days),
            zone: Some(config.time_zone),
            keep_going: config.keep_going,
            progress: stdout().is_terminal() && !config.json,
        };
        let summary = fhir::import_paths(&system, &config.paths, &options).await.map_err(|error| error.to_string())?;
        if config.json {
            println!("{:#}", summary.to_json());
        } else {
            println!("{summary}");
        }
        Ok::<bool, String>(summary.is_clean())
    };
    match done.await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

/// `server outgoing`.
///
/// # Errors
/// A sentence for whoever runs it.
pub async fn outgoing(config: config::Outgoing) -> Result<(), String> {
    let connection = connect(&config.database.database).await?;
    let system = as_system(&Db::new(connection), "outgoing");
    let secret = sealed_with(&system, &config.secret_file).await?;
    crate::outgoing::write(&system, secret.as_ref(), config.since, &mut stdout()).await?;
    Ok(())
}

/// `server export`.
///
/// # Errors
/// A sentence for whoever runs it.
pub async fn export(config: config::Export) -> Result<(), String> {
    let connection = connect(&config.database.database).await?;
    let system = as_system(&Db::new(connection), "export");
    let secret = sealed_with(&system, &config.secret_file).await?;
    fhir::export_patient(&system, secret.as_ref(), &config.patient, &mut stdout()).await.map_err(|error| error.to_string())?;
    Ok(())
}

/// The secret that sealed files, where it is there. Another one is refused.
async fn sealed_with(system: &System, path: &Path) -> Result<Option<Secret>, String> {
    if !path.exists() {
        return Ok(None);
    }
    let secret = secret::read(path)?;
    check_secret(system, &secret, path).await?;
    Ok(Some(secret))
}
