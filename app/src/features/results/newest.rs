//! The newest results and vital signs, for staff who decide about something else.

use chrono_tz::Tz;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{
    vitals::together,
    words::{in_words, measured, name},
};
use crate::{
    base::i18n::Texts,
    record::result::{
        entity::{measurement, test_result},
        model::Kind,
    },
};

/// So many results are told.
const RESULTS: u64 = 3;
/// So many vital signs are told.
const VITALS: usize = 4;
/// Among so many values they are looked for.
const LATEST: u64 = 40;

/// A line for each of the newest results and vital signs of a person, without what is sensitive: "Basic metabolic panel, Nov 3, 2026:
/// Potassium 5.6 mmol/L (above the usual range); ...".
///
/// # Errors
/// When the database fails.
pub async fn newest_lines(db: &impl ConnectionTrait, t: Texts, zone: Tz, patient: Uuid) -> Result<Vec<String>, DbErr> {
    let results = test_result::Entity::find()
        .filter(test_result::Column::PatientId.eq(patient))
        .filter(test_result::Column::Sensitive.eq(false))
        .order_by_desc(test_result::Column::TakenAt)
        .limit(RESULTS)
        .all(db)
        .await?;
    let values = measurement::Entity::find()
        .filter(measurement::Column::ResultId.is_in(results.iter().map(|result| result.id)))
        .filter(measurement::Column::Sensitive.eq(false))
        .order_by_asc(measurement::Column::Position)
        .order_by_asc(measurement::Column::Name)
        .all(db)
        .await?;
    let vitals = measurement::Entity::find()
        .filter(measurement::Column::PatientId.eq(patient))
        .filter(measurement::Column::Kind.eq(Kind::Vital))
        .filter(measurement::Column::Sensitive.eq(false))
        .order_by_desc(measurement::Column::TakenAt)
        .limit(LATEST)
        .all(db)
        .await?;
    let value = |value: &measurement::Model| {
        let judged = in_words(t, value).map(|words| format!(" ({words})")).unwrap_or_default();
        format!("{} {}{judged}", name(t, value), measured(t, value))
    };
    let result = |result: &test_result::Model| {
        let of: Vec<&measurement::Model> = values.iter().filter(|value| value.result_id == Some(result.id)).collect();
        let day = t.when_day(&result.when(), zone);
        match of.as_slice() {
            [] => format!("{}, {day}", result.title),
            // One value bears the name of its result.
            [one] => format!("{}, {day}", value(one)),
            several => format!("{}, {day}: {}", result.title, several.iter().map(|found| value(found)).collect::<Vec<_>>().join("; ")),
        }
    };
    // Of each sign the newest one.
    let mut newest: Vec<measurement::Model> = Vec::new();
    for vital in vitals {
        if !newest.iter().any(|found| found.code == vital.code) {
            newest.push(vital);
        }
    }
    let signs = together(t, &newest).into_iter().take(VITALS);
    let signs = signs.map(|(name, shown, value, _)| format!("{name} {shown}, {}", t.when_day(&value.when(), zone)));
    Ok(results.iter().map(result).chain(signs).collect())
}
