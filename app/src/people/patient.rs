//! Demographics of patients. Columns only: entities never leave the server.

use sea_orm::{Condition, DatabaseTransaction, DbBackend, QuerySelect, QueryTrait, entity::prelude::*, sea_query::LockType};

use super::folding::folded;
use crate::{
    base::when::When,
    platform::batch::{Batch, Rows},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "patient")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The Patient resource whose demographics these are; see [`patient_record`](super::patient_record).
    pub resource_id: Uuid,
    pub mrn: Option<String>,
    /// Folded; as staff look for it.
    pub mrn_key: Option<String>,
    pub given_name: String,
    pub family_name: String,
    /// Folded; as staff look for it.
    pub search_name: String,
    /// The day, or the first that it may be: see `born_by`.
    pub birth_date: Date,
    /// The last day that it may be, where the record says the year or the month only.
    pub born_by: Option<Date>,
    pub sex: Option<String>,
    pub deceased: bool,
    /// A year, a month or a day, or a moment, as it was sent.
    pub deceased_on: Option<String>,
    /// The last day on which others read the chart of somebody who has died.
    pub access_until: Option<Date>,
    pub language: Option<String>,
    pub marital_status: Option<String>,
    pub address_line: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub postal_code: Option<String>,
    pub phone_home: Option<String>,
    pub phone_mobile: Option<String>,
    pub phone_work: Option<String>,
    pub email: Option<String>,
    pub emancipated_on: Option<Date>,
    /// The day on which another name, address or phone counts, by the periods that the record gives.
    pub changes_on: Option<Date>,
    /// What is in it comes from several sources: each record says from which.
    pub several_sources: bool,
    /// The chart into which this one went: nobody opens this one any more.
    pub merged_into: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Those whose charts did not go into others.
    pub fn in_use() -> Select<Entity> {
        Self::find().filter(Column::MergedInto.is_null())
    }
}

/// A chart and those that went into it, by their ids: what was kept under them belongs to it, and goes back with them.
pub fn with_merged(chart: Uuid) -> Select<Entity> {
    with_merged_of(vec![chart])
}

/// The same of several charts.
pub fn with_merged_of(charts: Vec<Uuid>) -> Select<Entity> {
    let either = Condition::any().add(Column::Id.is_in(charts.clone())).add(Column::MergedInto.is_in(charts));
    Entity::find().select_only().column(Column::Id).filter(either)
}

/// The chart of a person, or the one into which it went.
///
/// # Errors
/// When the database fails.
pub async fn current(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<Model>, DbErr> {
    let found = Entity::find_by_id(id).one(db).await?;
    match found.as_ref().and_then(|found| found.merged_into) {
        Some(other) => Entity::find_by_id(other).one(db).await,
        None => Ok(found),
    }
}

/// Asks for the chart of a person, or the one into which it went.
pub fn ask_current(batch: &mut Batch, id: Uuid) -> impl FnOnce(&mut Rows) -> Result<Option<Model>, DbErr> + use<> {
    let into = Entity::find_by_id(id).select_only().column(Column::MergedInto).into_query();
    let (found, other) = (batch.ask(Entity::find_by_id(id)), batch.ask(Entity::find().filter(Column::Id.in_subquery(into))));
    move |answers| {
        let (found, other) = (answers.take(found)?.pop(), answers.take(other)?.pop());
        Ok(if found.as_ref().is_some_and(|found| found.merged_into.is_some()) { other } else { found })
    }
}

/// Whoever writes about the same patient at the same moment waits. On SQLite a transaction that writes is alone anyway.
///
/// # Errors
/// When the database fails.
pub async fn alone_with(tx: &DatabaseTransaction, id: Uuid) -> Result<(), DbErr> {
    let mut one = Entity::find_by_id(id).select_only().column(Column::Id);
    if tx.get_database_backend() == DbBackend::Postgres {
        one = one.lock(LockType::NoKeyUpdate);
    }
    one.into_tuple::<Uuid>().one(tx).await?;
    Ok(())
}

impl Model {
    /// The birth date as exact as the record says it.
    pub fn born(&self) -> When {
        When::between(self.birth_date, self.born_by)
    }

    /// Nothing where the record does not say the day.
    pub fn known_birth_date(&self) -> Option<Date> {
        Some(self.birth_date).filter(|_| self.born_by.is_none())
    }

    /// Whether somebody was born on this day, as far as the record knows the day. Of a year or a month nobody proves anything.
    pub fn is_born_on(&self, day: Date) -> bool {
        self.born_by.is_none() && self.birth_date == day
    }

    /// The street, and "Middletown, CT 06457", as far as they are known.
    pub fn address(&self) -> Vec<String> {
        let place = [&self.city, &self.state].into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ");
        let place = [place.as_str(), self.postal_code.as_deref().unwrap_or_default()].join(" ").trim().to_owned();
        self.address_line.iter().cloned().chain([place]).filter(|line| !line.is_empty()).collect()
    }

    /// Whether somebody typed this person's name: folded, with spaces or without. A second given name need not be typed.
    pub fn is_named(&self, given: &str, family: &str) -> bool {
        self.has_given_name(given) && self.has_family_name(family)
    }

    pub fn has_given_name(&self, typed: &str) -> bool {
        same_name(&self.given_name, typed)
    }

    /// Whether it is the recorded ZIP code, by its first five digits.
    pub fn has_zip(&self, typed: &str) -> bool {
        let zip = digits(typed);
        zip.len() >= 5 && self.postal_code.as_deref().is_some_and(|known| digits(known).get(..5) == zip.get(..5))
    }

    /// Whether it is one of the recorded phone numbers, by its last four digits.
    pub fn has_phone(&self, typed: &str) -> bool {
        let typed = digits(typed);
        let last_four = typed.get(typed.len().saturating_sub(4)..).unwrap_or_default();
        let mut phones = [&self.phone_mobile, &self.phone_home, &self.phone_work].into_iter().flatten();
        last_four.len() == 4 && phones.any(|known| digits(known).ends_with(last_four))
    }

    pub fn has_family_name(&self, typed: &str) -> bool {
        same_name(&self.family_name, typed)
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Whether a typed name, or a part of a name, is the recorded one: folded, with spaces or without.
fn same_name(recorded: &str, typed: &str) -> bool {
    let key = |text: &str| folded(text).replace(' ', "");
    let typed = key(typed);
    !typed.is_empty() && (key(recorded) == typed || recorded.split_whitespace().next().is_some_and(|first| key(first) == typed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_one_in_the_record_however_it_is_typed() {
        for (recorded, typed) in
            [("José Luis", "jose"), ("García-López", "garcia lopez"), ("O’Brien", "O'BRIEN"), ("Van der Berg", "vanderberg")]
        {
            assert!(same_name(recorded, typed), "{recorded}: {typed}");
        }
        for (recorded, typed) in [("Ana", ""), ("Ana", "-"), ("Ana", "An"), ("García-López", "Garcia")] {
            assert!(!same_name(recorded, typed), "{recorded}: {typed}");
        }
    }
}
