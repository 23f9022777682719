//! The access log as a file.

use super::{
    model::Filter,
    store,
    words::{what_in_words, who_in_words},
};
use crate::{
    access::{allow, policy},
    base::{error::Error, ids::PatientId},
    platform::request::csv_line,
};

/// So many lines are read at a time.
const CHUNK: u64 = 1000;

/// All lines that the caller may see: comma-separated values, in UTF-8.
///
/// # Errors
/// As the page.
pub async fn csv(patient: PatientId) -> Result<String, Error> {
    let grant = allow::<policy::ViewAccessLog>(patient).await?;
    let t = grant.texts();
    let mut text = String::from("\u{feff}");
    let mut row = |cells: [&str; 5]| text += &csv_line(&cells);
    let when = format!("{} ({})", t.log_when(), grant.zone().name());
    row([&when, t.log_who(), t.log_what(), t.log_outcome(), t.log_device()]);
    let mut before = None;
    loop {
        let lines = store::lines(&grant, Filter::Everybody, before, CHUNK).await?;
        let last = lines.last().map(|line| line.id);
        for line in lines {
            let outcome = match (line.allowed, line.not_done) {
                (false, _) => t.log_refused(),
                (true, true) => t.log_not_done(),
                (true, false) => t.log_allowed(),
            };
            let (who, what) = (who_in_words(t, &line.who), what_in_words(t, &line));
            let at = line.at.with_timezone(&grant.zone()).format("%Y-%m-%d %H:%M:%S").to_string();
            row([&at, &who, what, outcome, line.device.as_deref().unwrap_or_default()]);
        }
        match last {
            Some(last) => before = Some(last),
            None => return Ok(text),
        }
    }
}
