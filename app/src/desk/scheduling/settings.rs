//! Kinds of visits and how departments keep their calendars: changed by the front desk and by supervisors.

use std::collections::BTreeSet;

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, Iterable, QueryFilter, QueryOrder, sea_query::OnConflict};
use uuid::Uuid;

use super::{
    entity::{scheduling_office, visit_kind, visit_kind_clinician},
    keepers::changes,
    model::{Owner, Who},
    problem,
};
use crate::{
    access::{Grant, policy::ManageCalendars},
    base::{
        error::{Error, Problem},
        ids::new_id,
        money::cents,
        why::Why,
    },
    desk::office::store::offices,
    people::relation::StaffRole,
    record::{
        care_team::entity::{clinician, department},
        visit::{model::Kind as Way, taken::CELL_MINUTES},
    },
};

/// Whether the caller changes kinds and departments: the front desk, and supervisors.
///
/// # Errors
/// When the database fails.
pub async fn may_change(grant: &Grant<ManageCalendars>) -> Result<bool, Error> {
    Ok(grant.holder()?.staff == Some(StaffRole::FrontDesk) || offices(grant).await?.iter().any(|office| office.supervisor))
}

async fn checked(grant: &Grant<ManageCalendars>) -> Result<(), Error> {
    if may_change(grant).await? { Ok(()) } else { Err(Error::NotAllowed) }
}

/// A kind of visit as somebody typed it.
pub struct Kind<'a> {
    pub id: Option<Uuid>,
    pub name_en: &'a str,
    pub name_es: &'a str,
    pub says_en: &'a str,
    pub says_es: &'a str,
    pub minutes: &'a str,
    pub who: &'a str,
    pub way: &'a str,
    pub before_en: &'a str,
    pub before_es: &'a str,
    pub price: &'a str,
    pub cutoff_hours: &'a str,
    pub lead_hours: &'a str,
    pub least_age: &'a str,
    pub most_age: &'a str,
    pub order_code: &'a str,
    pub fast_pass: bool,
    pub retired: bool,
    /// Who does it where, and whether only by request.
    pub offered: Vec<(Uuid, Uuid, bool)>,
}

/// Keeps a kind of visit.
///
/// # Errors
/// `NotAllowed` for whoever changes none; `NotFound` for a kind that there is not; `Invalid` with everything that is wrong.
pub async fn keep_kind(grant: &Grant<ManageCalendars>, typed: &Kind<'_>) -> Result<Uuid, Error> {
    checked(grant).await?;
    let before = match typed.id {
        Some(id) => Some(visit_kind::Entity::find_by_id(id).one(grant.db()).await?.ok_or(Error::NotFound)?),
        None => None,
    };
    let mut problems = Vec::new();
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    for (field, text, most, needed) in [
        ("name_en", typed.name_en, 120, true),
        ("name_es", typed.name_es, 120, true),
        ("says_en", typed.says_en, 500, true),
        ("says_es", typed.says_es, 500, true),
        ("before_en", typed.before_en, 2000, false),
        ("before_es", typed.before_es, 2000, false),
        ("order_code", typed.order_code, 120, false),
    ] {
        match text.trim() {
            "" if needed => refuse(field, Why::MISSING),
            text if text.chars().count() > most => refuse(field, Why::TOO_LONG),
            _ => {}
        }
    }
    let mut number = |field: &str, text: &str, range: std::ops::RangeInclusive<i32>| {
        let found = text.trim().parse::<i32>().ok().filter(|found| range.contains(found));
        if found.is_none() {
            refuse(field, problem::NOT_IN_RANGE);
        }
        found.unwrap_or_default()
    };
    let minutes = number("minutes", typed.minutes, CELL_MINUTES..=8 * 60);
    let cutoff_hours = number("cutoff_hours", typed.cutoff_hours, 0..=14 * 24);
    let lead_hours = number("lead_hours", typed.lead_hours, 0..=30 * 24);
    let age = |text: &str| if text.trim().is_empty() { Ok(None) } else { text.trim().parse::<i32>().map(Some).map_err(|_| ()) };
    let (least_age, most_age) = (age(typed.least_age), age(typed.most_age));
    if minutes % CELL_MINUTES != 0 {
        refuse("minutes", problem::NO_TIME);
    }
    for (field, found) in [("least_age", &least_age), ("most_age", &most_age)] {
        if found.is_err() || found.is_ok_and(|age| age.is_some_and(|age| !(0..=130).contains(&age))) {
            refuse(field, problem::NOT_IN_RANGE);
        }
    }
    if let (Ok(Some(least)), Ok(Some(most))) = (least_age, most_age)
        && most < least
    {
        refuse("most_age", problem::ENDS_BEFORE);
    }
    let price = if typed.price.trim().is_empty() { Some(None) } else { cents(typed.price).map(Some) };
    if price.is_none() {
        refuse("price", problem::NOT_IN_RANGE);
    }
    let who = Who::ALL.iter().copied().find(|known| known.as_str() == typed.who);
    if who.is_none() {
        refuse("who", Why::MISSING);
    }
    if who == Some(Who::Order) && typed.order_code.trim().is_empty() {
        refuse("order_code", Why::MISSING);
    }
    let way = Way::ALL.iter().copied().find(|known| known.as_str() == typed.way && matches!(known, Way::Office | Way::Video | Way::Phone));
    if way.is_none() {
        refuse("way", Why::MISSING);
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let known = pairs(grant).await?;
    if typed.offered.iter().any(|(person, place, _)| !known.iter().any(|(found, at)| found.id == *person && at.id == *place)) {
        return Err(Error::NotFound);
    }
    // What others supervise stays as it is.
    let mut places: Vec<Uuid> = known.iter().map(|(_, place)| place.id).collect();
    places.sort();
    places.dedup();
    let mut own = Vec::new();
    for place in places {
        if changes(grant, place).await? {
            own.push(place);
        }
    }
    let places = own;
    let offered: Vec<(Uuid, Uuid, bool)> = typed.offered.iter().copied().filter(|(_, place, _)| places.contains(place)).collect();
    let said = |text: &str| text.trim().to_owned();
    let some = |text: &str| Some(said(text)).filter(|text| !text.is_empty());
    let id = typed.id.unwrap_or_else(new_id);
    let row = visit_kind::Model {
        id,
        name_en: said(typed.name_en),
        name_es: said(typed.name_es),
        says_en: said(typed.says_en),
        says_es: said(typed.says_es),
        minutes,
        who: who.unwrap_or(Who::Request),
        way: way.unwrap_or(Way::Office),
        before_en: some(typed.before_en),
        before_es: some(typed.before_es),
        price_cents: price.flatten(),
        cutoff_hours,
        lead_hours,
        fast_pass: typed.fast_pass,
        order_code: some(typed.order_code),
        least_age: least_age.unwrap_or_default(),
        most_age: most_age.unwrap_or_default(),
        retired_at: typed.retired.then(|| before.and_then(|before| before.retired_at).unwrap_or(grant.now().instant)),
    };
    let tx = grant.begin().await?;
    let columns = visit_kind::Column::iter().filter(|column| !matches!(column, visit_kind::Column::Id));
    let known = OnConflict::column(visit_kind::Column::Id).update_columns(columns).to_owned();
    visit_kind::Entity::insert(visit_kind::ActiveModel::from(row)).on_conflict(known).exec_without_returning(&tx).await?;
    visit_kind_clinician::Entity::delete_many()
        .filter(visit_kind_clinician::Column::KindId.eq(id))
        .filter(visit_kind_clinician::Column::DepartmentId.is_in(places))
        .exec(&tx)
        .await?;
    let rows: Vec<_> = offered
        .into_iter()
        .map(|(clinician, department, by_request)| visit_kind_clinician::ActiveModel {
            kind_id: Set(id),
            clinician_id: Set(clinician),
            department_id: Set(department),
            by_request: Set(by_request),
        })
        .collect();
    if !rows.is_empty() {
        visit_kind_clinician::Entity::insert_many(rows).exec_without_returning(&tx).await?;
    }
    tx.commit().await?;
    Ok(id)
}

/// How a department keeps its calendar, as somebody typed it.
pub struct Office<'a> {
    pub department: Uuid,
    pub owner: &'a str,
    pub request_days: &'a str,
    pub lead_hours: &'a str,
    pub access_en: &'a str,
    pub access_es: &'a str,
    pub interpreter: bool,
    /// Whatever is booked there is sensitive.
    pub sensitive: bool,
}

/// Keeps how a department keeps its calendar.
///
/// # Errors
/// `NotAllowed` for whoever changes none; `NotFound` for a department that there is not; `Invalid` with everything that is wrong.
pub async fn keep_office(grant: &Grant<ManageCalendars>, typed: &Office<'_>) -> Result<(), Error> {
    checked(grant).await?;
    department::Entity::find_by_id(typed.department).one(grant.db()).await?.ok_or(Error::NotFound)?;
    if !changes(grant, typed.department).await? {
        return Err(Error::NotFound);
    }
    let mut problems = Vec::new();
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    let owner = Owner::ALL.iter().copied().find(|known| known.as_str() == typed.owner);
    if owner.is_none() {
        refuse("owner", Why::MISSING);
    }
    let days = typed.request_days.trim().parse::<i32>().ok().filter(|days| (1..=20).contains(days));
    if days.is_none() {
        refuse("request_days", problem::NOT_IN_RANGE);
    }
    let lead = typed.lead_hours.trim().parse::<i32>().ok().filter(|hours| (0..=30 * 24).contains(hours));
    if lead.is_none() {
        refuse("lead_hours", problem::NOT_IN_RANGE);
    }
    for (field, text) in [("access_en", typed.access_en), ("access_es", typed.access_es)] {
        if text.chars().count() > 500 {
            refuse(field, Why::TOO_LONG);
        }
    }
    let (Some(owner), Some(days), Some(lead), true) = (owner, days, lead, problems.is_empty()) else {
        return Err(Error::Invalid(problems));
    };
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let row = scheduling_office::Model {
        department_id: typed.department,
        owner,
        request_days: days,
        fast_pass_lead_hours: lead,
        access_en: some(typed.access_en),
        access_es: some(typed.access_es),
        interpreter: typed.interpreter,
        sensitive: typed.sensitive,
    };
    let columns = scheduling_office::Column::iter().filter(|column| !matches!(column, scheduling_office::Column::DepartmentId));
    let known = OnConflict::column(scheduling_office::Column::DepartmentId).update_columns(columns).to_owned();
    scheduling_office::Entity::insert(scheduling_office::ActiveModel::from(row))
        .on_conflict(known)
        .exec_without_returning(grant.db())
        .await?;
    Ok(())
}

/// All kinds of visits, those that are booked no more last.
///
/// # Errors
/// When the database fails.
pub async fn all_kinds(grant: &Grant<ManageCalendars>) -> Result<Vec<visit_kind::Model>, Error> {
    let mut all = visit_kind::Entity::find().order_by_asc(visit_kind::Column::NameEn).all(grant.db()).await?;
    all.sort_by_key(|kind| kind.retired_at.is_some());
    Ok(all)
}

/// Who could do a kind of visit where: clinicians at their own departments, and wherever they have hours or do something already.
///
/// # Errors
/// When the database fails.
pub async fn pairs(grant: &Grant<ManageCalendars>) -> Result<Vec<(clinician::Model, department::Model)>, Error> {
    use super::entity::working_hours;
    let db = grant.db();
    let people = clinician::Entity::find().order_by_asc(clinician::Column::Name).all(db).await?;
    let places = department::Entity::find().all(db).await?;
    let mut pairs: BTreeSet<(Uuid, Uuid)> = people.iter().filter_map(|found| Some((found.id, found.department_id?))).collect();
    pairs.extend(visit_kind_clinician::Entity::find().all(db).await?.into_iter().map(|row| (row.clinician_id, row.department_id)));
    pairs.extend(working_hours::Entity::find().all(db).await?.into_iter().map(|row| (row.clinician_id, row.department_id)));
    let pair = |(person, place): (Uuid, Uuid)| {
        let person = people.iter().find(|found| found.id == person)?;
        Some((person.clone(), places.iter().find(|found| found.id == place)?.clone()))
    };
    let mut found: Vec<_> = pairs.into_iter().filter_map(pair).collect();
    found.sort_by(|(one, here), (other, there)| (&one.name, &here.name).cmp(&(&other.name, &there.name)));
    Ok(found)
}
