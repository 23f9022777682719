//! Finds people by what staff type: a part of the name, a birth date, a record number.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::{
    folding::{folded, number_key},
    name_part, patient,
};

/// A piece of a name that more people have is common.
const COMMON: u64 = 2000;

/// At most so many patients whose name has each of the words in any order, who were born on the day (2013-05-03 or 5/3/2013), or who
/// have the record number; by name. Pages are counted from 1; with the page comes whether there are more.
pub(crate) async fn find(db: &impl ConnectionTrait, query: &str, page: u64, most: u64) -> Result<(Vec<patient::Model>, bool), DbErr> {
    let (words, number) = (folded(query), number_key(query));
    if words.is_empty() {
        return Ok((Vec::new(), false));
    }
    let in_order = patient::Entity::in_use().order_by_asc(patient::Column::SearchName).order_by_asc(patient::Column::Id);
    let all = in_order.offset(page.saturating_sub(1) * most).limit(most + 1);
    let numbered = || patient::Entity::find().filter(patient::Column::MrnKey.eq(&number));
    let mut found = match birth_date(query.trim()) {
        Some(day) => all.filter(patient::Column::BirthDate.eq(day)).all(db).await?,
        None if number.chars().any(|c| c.is_ascii_digit()) => Vec::new(),
        None => named(db, all, &words).await?.all(db).await?,
    };
    let more = found.len() as u64 > most;
    found.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    // A record number may have no digit.
    if page <= 1 {
        let known: Vec<Uuid> = found.iter().map(|patient| patient.id).collect();
        let mut numbered = numbered().all(db).await?;
        // The number of a record that went into another finds that one.
        let merged: Vec<Uuid> = numbered.iter().filter_map(|patient| patient.merged_into).collect();
        numbered.retain(|patient| patient.merged_into.is_none());
        if !merged.is_empty() {
            numbered.extend(patient::Entity::find().filter(patient::Column::Id.is_in(merged)).all(db).await?);
        }
        found.splice(0..0, numbered.into_iter().filter(|patient| !known.contains(&patient.id)));
    }
    Ok((found, more))
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
