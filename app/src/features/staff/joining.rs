//! Two records of one person, which the front desk joins and takes apart again.

use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::{
    access::{
        Grant,
        policy::{JoinRecords, ViewPatientAccount},
    },
    base::{
        error::Error,
        i18n::Texts,
        ids::{PatientId, new_id},
        why::Why,
    },
    desk::requests::sought::{Compared, Fact, Sought, confirmed_words},
    people::{
        patient,
        patient_record::{self, join},
        regroup::Regroup,
    },
};

/// Whom to look for beside this patient.
pub fn sought(patient: &patient::Model) -> Sought {
    Sought {
        given_name: patient.given_name.clone(),
        family_name: patient.family_name.clone(),
        birth_date: patient.birth_date,
        zip: patient.postal_code.clone().unwrap_or_default(),
        phone: patient.phone_mobile.clone().or_else(|| patient.phone_home.clone()).unwrap_or_default(),
    }
}

/// The record that is kept.
///
/// # Errors
/// `NotFound` when there is no such patient.
pub async fn kept(grant: &Grant<JoinRecords>) -> Result<patient::Model, Error> {
    patient::Entity::in_use().filter(patient::Column::Id.eq(grant.patient().0)).one(grant.db()).await?.ok_or(Error::NotFound)
}

/// What one record says beside what the other says.
pub fn compared(t: Texts, one: &patient::Model, other: &patient::Model) -> Vec<Compared> {
    let mut compared = sought(one).compared(t, other);
    // A year or a month is told as such.
    for found in compared.iter_mut().filter(|found| found.fact == Fact::BirthDate) {
        found.asked = t.when_as_said(&one.born());
        found.agrees = one.birth_date == other.birth_date && one.born_by == other.born_by;
    }
    compared
}

/// Why it is known that two records are one person's.
pub struct Known {
    pub differences_confirmed: bool,
    pub known_by: String,
}

/// Puts the record of `other` into that of `grant`: one chart with both parts. Accounts and accesses follow as far as they can.
///
/// # Errors
/// `NotFound` without such records; `Invalid` when nothing says how it is known that they are one person's.
pub async fn join(grant: &Grant<JoinRecords>, other: &Grant<JoinRecords>, known: &Known, regroup: &Regroup) -> Result<(), Error> {
    let tx = grant.begin().await?;
    let both = [grant.patient().0, other.patient().0];
    let found = patient::Entity::in_use().filter(patient::Column::Id.is_in(both)).all(&tx).await?;
    let of = |id: Uuid| found.iter().find(|patient| patient.id == id).ok_or(Error::NotFound);
    let (kept, joined) = (of(both[0])?, of(both[1])?);
    if kept.id == joined.id {
        return Err(Error::form(Why::ALREADY_DONE));
    }
    let differing: Vec<Fact> =
        compared(grant.texts(), kept, joined).into_iter().filter(Compared::differs).map(|compared| compared.fact).collect();
    let known_by = confirmed_words(grant.texts(), &differing, known.differences_confirmed, &known.known_by)?;
    let row = join::ActiveModel {
        id: Set(new_id()),
        from_id: Set(joined.resource_id),
        to_id: Set(kept.resource_id),
        joined_by: Set(grant.holder()?.name.clone()),
        joined_at: Set(grant.now().instant),
        known_by: Set(known_by),
        ..Default::default()
    };
    join::Entity::insert(row).exec_without_returning(&tx).await?;
    (regroup.0)(&tx, vec![joined.resource_id, kept.resource_id]).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes two joined records apart: each chart has again what is its own.
///
/// # Errors
/// `NotFound` without such a join in this chart.
pub async fn separate(grant: &Grant<JoinRecords>, id: Uuid, reason: &str, regroup: &Regroup) -> Result<(), Error> {
    let tx = grant.begin().await?;
    let row = join::Entity::find_by_id(id).filter(join::Column::UndoneAt.is_null()).one(&tx).await?.ok_or(Error::NotFound)?;
    let record = patient_record::Entity::find_by_id(row.to_id).one(&tx).await?;
    if record.is_none_or(|record| record.patient_id != grant.patient().0) {
        return Err(Error::NotFound);
    }
    let undone = join::ActiveModel {
        undone_by: Set(Some(grant.holder()?.name.clone())),
        undone_at: Set(Some(grant.now().instant)),
        reason: Set(Some(reason.trim().chars().take(400).collect())),
        ..Default::default()
    };
    join::Entity::update_many().set(undone).filter(join::Column::Id.eq(id)).exec(&tx).await?;
    (regroup.0)(&tx, vec![row.from_id, row.to_id]).await?;
    tx.commit().await?;
    Ok(())
}

/// The chart that went into this one by a join.
///
/// # Errors
/// `NotFound` without such a join that stands.
pub async fn other(grant: &Grant<JoinRecords>, id: Uuid) -> Result<PatientId, Error> {
    let row = join::Entity::find_by_id(id).filter(join::Column::UndoneAt.is_null()).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let chart = patient::Entity::find().filter(patient::Column::ResourceId.eq(row.from_id)).one(grant.db()).await?;
    Ok(PatientId(chart.ok_or(Error::NotFound)?.id))
}

/// A join of which this chart has a part, and the number of the record that was joined.
pub struct Joined {
    pub join: join::Model,
    pub record_number: Option<String>,
}

/// What was joined with this chart, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn joined(grant: &Grant<ViewPatientAccount>) -> Result<Vec<Joined>, Error> {
    let db = grant.db();
    let records = patient_record::Entity::find().filter(patient_record::Column::PatientId.eq(grant.patient().0)).all(db).await?;
    let ids = || records.iter().map(|record| record.resource_id);
    let either = Condition::any().add(join::Column::FromId.is_in(ids())).add(join::Column::ToId.is_in(ids()));
    let joins = join::Entity::find().filter(either).order_by_desc(join::Column::JoinedAt).all(db).await?;
    let heads = patient::Entity::find().filter(patient::Column::ResourceId.is_in(joins.iter().map(|join| join.from_id))).all(db).await?;
    let number = |id: Uuid| heads.iter().find(|head| head.resource_id == id).and_then(|head| head.mrn.clone());
    Ok(joins.into_iter().map(|join| Joined { record_number: number(join.from_id), join }).collect())
}
