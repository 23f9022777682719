//! A trend as a file.

use super::{
    store,
    words::{in_words, measured, name, range_in_words, shown_unit},
};
use crate::{
    access::{allow, policy::ViewResults},
    base::{error::Error, ids::PatientId},
    platform::request::csv_line,
    record::told::told,
};

/// A trend as a file: comma-separated values, in UTF-8.
///
/// # Errors
/// `NotFound` when nothing of that code is in the chart.
pub async fn csv(patient: PatientId, code: &str) -> Result<String, Error> {
    let grant = allow::<ViewResults>(patient).await?;
    let t = grant.texts();
    let values = store::series(&grant, code).await?;
    if values.is_empty() {
        return Err(Error::NotFound);
    }
    let mut text = String::from("\u{feff}");
    let day = format!("{} ({})", t.results_day(), grant.zone().name());
    text += &csv_line(&[&day, t.results_name(), t.results_value(), t.results_unit(), t.results_range(), t.results_says()]);
    for value in &values {
        let cells = [
            t.when(&value.when(), grant.zone()),
            name(t, value),
            if value.shown.is_empty() { measured(t, value) } else { told(t, &value.shown) },
            shown_unit(t, value).to_owned(),
            range_in_words(t, value).unwrap_or_default(),
            in_words(t, value).unwrap_or_default(),
        ];
        text += &csv_line(&cells.each_ref().map(String::as_str));
    }
    Ok(text)
}
