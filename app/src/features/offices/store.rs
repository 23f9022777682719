//! How departments answer: read and changed by their own staff.

use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use super::problem;
use crate::{
    access::{Grant, policy::ManageOffice},
    base::{
        error::{Error, Problem},
        ids::new_id,
        money::cents,
        text::date,
        why::Why,
    },
    desk::office::{
        entity::{clinician_away, message_office, saved_reply},
        store::{Office, office, offices, replies},
    },
    people::staff_office,
    record::care_team::entity::{clinician, department},
};

/// Letters of the title of a reply.
const TITLE: usize = 100;
/// Letters of a reply.
const REPLY: usize = 4000;
/// Business days in which an office may promise to answer.
const DAYS: std::ops::RangeInclusive<i32> = 1..=10;

/// A department of the caller.
pub struct Own {
    pub place: department::Model,
    pub office: Office,
    /// The caller may change how it answers.
    pub supervisor: bool,
    /// The clinicians who answer there.
    pub clinicians: Vec<clinician::Model>,
    /// Who of them is away, today or later.
    pub away: Vec<clinician_away::Model>,
    pub replies: Vec<saved_reply::Model>,
}

/// The departments of the caller, by name.
///
/// # Errors
/// When the database fails.
pub async fn own(grant: &Grant<ManageOffice>) -> Result<Vec<Own>, Error> {
    let db = grant.db();
    let mut all = Vec::new();
    for mine in offices(grant).await? {
        let Some(place) = department::Entity::find_by_id(mine.department_id).one(db).await? else { continue };
        let staff = staff_office::Entity::find().filter(staff_office::Column::DepartmentId.eq(place.id)).all(db).await?;
        let clinicians = clinician::Entity::find()
            .filter(clinician::Column::Id.is_in(staff.iter().filter_map(|row| row.clinician_id)))
            .order_by_asc(clinician::Column::Name)
            .all(db)
            .await?;
        let away = clinician_away::Entity::find()
            .filter(clinician_away::Column::ClinicianId.is_in(clinicians.iter().map(|found| found.id)))
            .filter(clinician_away::Column::UntilOn.gte(grant.now().today))
            .order_by_asc(clinician_away::Column::FromOn)
            .all(db)
            .await?;
        let (office, replies) = (office(db, place.id).await?, replies(db, vec![place.id]).await?);
        all.push(Own { office, supervisor: mine.supervisor, clinicians, away, replies, place });
    }
    all.sort_by(|one, other| one.place.name.cmp(&other.place.name));
    Ok(all)
}

async fn of(grant: &Grant<ManageOffice>, department: Uuid) -> Result<Own, Error> {
    own(grant).await?.into_iter().find(|own| own.place.id == department).ok_or(Error::NotFound)
}

/// How a supervisor wants a department to answer, as it was typed.
pub struct Wanted<'a> {
    pub reply_days: &'a str,
    pub sensitive: bool,
    /// Empty where no visit by message is offered.
    pub e_visit_price: &'a str,
    pub refill_percent: &'a str,
    pub refill_days: &'a str,
}

/// Changes how a department answers.
///
/// # Errors
/// `NotFound` for whoever does not supervise it; `Invalid` with everything that is wrong.
pub async fn change(grant: &Grant<ManageOffice>, department: Uuid, wanted: &Wanted<'_>) -> Result<(), Error> {
    if !of(grant, department).await?.supervisor {
        return Err(Error::NotFound);
    }
    let mut problems = Vec::new();
    let mut number = |field: &str, typed: &str, range: std::ops::RangeInclusive<i32>| {
        let found = typed.trim().parse::<i32>().ok().filter(|number| range.contains(number));
        if found.is_none() {
            problems.push(Problem { field: field.into(), why: problem::NOT_IN_RANGE });
        }
        found
    };
    let reply_days = number("reply_days", wanted.reply_days, DAYS);
    let refill_days = number("refill_days", wanted.refill_days, DAYS);
    let refill_percent = number("refill_percent", wanted.refill_percent, 0..=100);
    let price = match wanted.e_visit_price.trim() {
        "" => None,
        typed => match cents(typed).filter(|cents| *cents > 0) {
            Some(cents) => Some(cents),
            None => {
                problems.push(Problem { field: "e_visit_price".into(), why: problem::NO_PRICE });
                None
            }
        },
    };
    let (Some(reply_days), Some(refill_days), Some(refill_percent), true) = (reply_days, refill_days, refill_percent, problems.is_empty())
    else {
        return Err(Error::Invalid(problems));
    };
    let row = message_office::ActiveModel {
        department_id: Set(department),
        reply_days: Set(reply_days),
        sensitive: Set(wanted.sensitive),
        e_visit_cents: Set(price),
        refill_percent: Set(refill_percent),
        refill_days: Set(refill_days),
    };
    let known = OnConflict::column(message_office::Column::DepartmentId)
        .update_columns([
            message_office::Column::ReplyDays,
            message_office::Column::Sensitive,
            message_office::Column::EVisitCents,
            message_office::Column::RefillPercent,
            message_office::Column::RefillDays,
        ])
        .to_owned();
    message_office::Entity::insert(row).on_conflict(known).exec_without_returning(grant.db()).await?;
    Ok(())
}

/// Leave of a clinician, as it was typed.
pub struct Leave<'a> {
    pub clinician: &'a str,
    pub from: &'a str,
    pub until: &'a str,
    /// Empty where the whole office answers.
    pub cover: &'a str,
}

/// Writes down when a clinician of a department is away, and who answers meanwhile.
///
/// # Errors
/// `NotFound` for another department; `Invalid` with everything that is wrong.
pub async fn add_leave(grant: &Grant<ManageOffice>, department: Uuid, leave: &Leave<'_>) -> Result<(), Error> {
    let office = of(grant, department).await?;
    let named = |key: &str| office.clinicians.iter().find(|found| found.id.to_string() == key).map(|found| found.id);
    let mut problems = Vec::new();
    let from: Option<NaiveDate> = Error::gather(date("from", leave.from), &mut problems)?;
    let until: Option<NaiveDate> = Error::gather(date("until", leave.until), &mut problems)?;
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    let away = named(leave.clinician);
    if away.is_none() {
        refuse("clinician", Why::MISSING);
    }
    let cover = named(leave.cover);
    match cover {
        None if !leave.cover.is_empty() => refuse("cover", Why::MISSING),
        Some(_) if cover == away => refuse("cover", problem::COVERS_THEMSELVES),
        _ => {}
    }
    if let (Some(from), Some(until)) = (from, until) {
        if until < from {
            refuse("until", problem::ENDS_BEFORE);
        } else if until < grant.now().today {
            refuse("until", Why::NOT_FUTURE);
        }
    }
    let (Some(clinician_id), Some(from_on), Some(until_on), true) = (away, from, until, problems.is_empty()) else {
        return Err(Error::Invalid(problems));
    };
    let row = clinician_away::ActiveModel {
        id: Set(new_id()),
        clinician_id: Set(clinician_id),
        from_on: Set(from_on),
        until_on: Set(until_on),
        cover_id: Set(cover),
    };
    clinician_away::Entity::insert(row).exec_without_returning(grant.db()).await?;
    Ok(())
}

/// Takes leave of a clinician of a department back.
///
/// # Errors
/// `NotFound` for that of another department.
pub async fn end_leave(grant: &Grant<ManageOffice>, department: Uuid, id: Uuid) -> Result<(), Error> {
    let office = of(grant, department).await?;
    let found = office.away.iter().find(|row| row.id == id).ok_or(Error::NotFound)?;
    clinician_away::Entity::delete_by_id(found.id).exec(grant.db()).await?;
    Ok(())
}

/// An answer that a department gives often, as it was typed.
pub struct Reply<'a> {
    pub title: &'a str,
    pub english: &'a str,
    pub spanish: &'a str,
}

/// Keeps an answer; with an `id`, changes it.
///
/// # Errors
/// `NotFound` for another department; `Invalid` with everything that is wrong.
pub async fn keep_reply(grant: &Grant<ManageOffice>, department: Uuid, id: Option<Uuid>, reply: &Reply<'_>) -> Result<(), Error> {
    let office = of(grant, department).await?;
    let mut problems = Vec::new();
    for (field, text, most) in [("title", reply.title, TITLE), ("english", reply.english, REPLY), ("spanish", reply.spanish, REPLY)] {
        match text.trim() {
            "" => problems.push(Problem { field: field.into(), why: Why::MISSING }),
            text if text.chars().count() > most => problems.push(Problem { field: field.into(), why: Why::TOO_LONG }),
            _ => {}
        }
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let text = |text: &str| text.trim().to_owned();
    match id {
        Some(id) => {
            let found = office.replies.iter().find(|kept| kept.id == id).ok_or(Error::NotFound)?;
            saved_reply::Entity::update_many()
                .col_expr(saved_reply::Column::Title, Expr::value(text(reply.title)))
                .col_expr(saved_reply::Column::English, Expr::value(text(reply.english)))
                .col_expr(saved_reply::Column::Spanish, Expr::value(text(reply.spanish)))
                .filter(saved_reply::Column::Id.eq(found.id))
                .exec(grant.db())
                .await?;
        }
        None => {
            let row = saved_reply::ActiveModel {
                id: Set(new_id()),
                department_id: Set(department),
                title: Set(text(reply.title)),
                english: Set(text(reply.english)),
                spanish: Set(text(reply.spanish)),
            };
            saved_reply::Entity::insert(row).exec_without_returning(grant.db()).await?;
        }
    }
    Ok(())
}

/// Deletes an answer of a department.
///
/// # Errors
/// `NotFound` for that of another department.
pub async fn delete_reply(grant: &Grant<ManageOffice>, department: Uuid, id: Uuid) -> Result<(), Error> {
    let office = of(grant, department).await?;
    let found = office.replies.iter().find(|kept| kept.id == id).ok_or(Error::NotFound)?;
    saved_reply::Entity::delete_by_id(found.id).exec(grant.db()).await?;
    Ok(())
}
