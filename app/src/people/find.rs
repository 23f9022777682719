//! Finds people by what staff type: a part of the name, a birth date, a record number.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::{name_part, patient};

/// A piece of a name that more people have is common.
const COMMON: u64 = 2000;

/// At most so many patients whose name has each of the words, who were born on the day (2013-05-03 or 5/3/2013), or who have the
/// record number; by name.
pub(crate) async fn find(db: &impl ConnectionTrait, query: &str, most: u64) -> Result<Vec<patient::Model>, DbErr> {
    // Jokers of the database are nobody's name.
    let query = query.replace(['%', '_'], " ").trim().to_lowercase();
    if query.is_empty() {
        return Ok(Vec::new());
    }
    let all = patient::Entity::find().order_by_asc(patient::Column::SearchName).limit(most);
    let wanted = match birth_date(&query) {
        Some(day) => all.filter(patient::Column::BirthDate.eq(day)),
        None if query.chars().any(|c| c.is_ascii_digit()) => all.filter(patient::Column::Mrn.eq(query.to_uppercase())),
        None => named(db, all, &query).await?,
    };
    wanted.all(db).await
}

/// Whose name has each of these words somewhere in it.
///
/// Pieces that few people have are looked up, the rarest first. Where all pieces are common, the first of the alphabet who have
/// them are soon found by reading the names in their order.
async fn named(db: &impl ConnectionTrait, all: Select<patient::Entity>, query: &str) -> Result<Select<patient::Entity>, DbErr> {
    let mut rarest: Option<Vec<Uuid>> = None;
    for word in query.split_whitespace() {
        let (from, before) = name_part::range(word);
        let having: Vec<Uuid> = name_part::Entity::find()
            .select_only()
            .column(name_part::Column::PatientId)
            .filter(name_part::Column::Part.gte(from))
            .filter(name_part::Column::Part.lt(before))
            .limit(COMMON)
            .into_tuple()
            .all(db)
            .await?;
        if having.len() as u64 != COMMON && rarest.as_ref().is_none_or(|rarest| having.len() < rarest.len()) {
            rarest = Some(having);
        }
    }
    let all = query.split_whitespace().fold(all, |all, word| all.filter(patient::Column::SearchName.contains(word)));
    Ok(match rarest {
        Some(having) => all.filter(patient::Column::Id.is_in(having)),
        None => all,
    })
}

/// "2013-05-03" or "5/3/2013".
fn birth_date(text: &str) -> Option<NaiveDate> {
    text.parse().ok().or_else(|| NaiveDate::parse_from_str(text, "%m/%d/%Y").ok())
}
