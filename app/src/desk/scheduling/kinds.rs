//! Which kinds of visits a person may book, with whom, and why not.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{
    entity::{booking, scheduling_office, visit_kind, visit_kind_clinician},
    free::At,
    model::{Owner, Who},
    seen::Seen,
};
use crate::{
    access::{Grant, Permission, proxy::age_on},
    base::{clock::Now, error::Error, i18n::Texts, ids::PatientId, locale::Locale},
    people::{
        folding::folded,
        patient::{self, ask_current, with_merged},
    },
    platform::batch::{Batch, Rows, alone},
    record::{
        care_team::entity::{clinician, department},
        item::{
            entity::health_item,
            model::{Kind as ItemKind, State},
        },
    },
};

/// Why somebody cannot be booked directly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// The office finds the time for everybody.
    ByRequest,
    /// Nobody there has seen the person within 36 months.
    NotSeen,
    /// It takes an order.
    NeedsOrder,
}

/// Somebody who does a kind of visit at a place.
#[derive(Clone, Debug)]
pub struct Offered {
    pub clinician: clinician::Model,
    pub department: department::Model,
    pub office: scheduling_office::Model,
    pub direct: Result<(), Closed>,
}

impl Offered {
    pub fn at(&self) -> At {
        At { clinician: self.clinician.id, department: self.department.id, outside: self.office.owner == Owner::Outside }
    }
}

/// An order that nobody has booked.
#[derive(Clone, Debug)]
pub struct Order {
    pub id: Uuid,
    pub title: String,
    pub due: Option<DateTime<Utc>>,
}

/// A kind of visit with everybody who does it.
#[derive(Clone, Debug)]
pub struct KindFor {
    pub kind: visit_kind::Model,
    pub offered: Vec<Offered>,
    /// The orders that open it.
    pub orders: Vec<Order>,
}

impl KindFor {
    /// Who can be booked directly.
    pub fn direct(&self) -> Vec<At> {
        self.offered.iter().filter(|offered| offered.direct.is_ok()).map(Offered::at).collect()
    }

    pub fn who(&self, clinician: Uuid, department: Uuid) -> Option<&Offered> {
        self.offered.iter().find(|offered| offered.clinician.id == clinician && offered.department.id == department)
    }
}

/// The name of a kind in the reader's language.
pub fn name(t: Texts, kind: &visit_kind::Model) -> &str {
    if t.0 == Locale::Es { &kind.name_es } else { &kind.name_en }
}

/// For whom it is, in the reader's language.
pub fn says(t: Texts, kind: &visit_kind::Model) -> &str {
    if t.0 == Locale::Es { &kind.says_es } else { &kind.says_en }
}

/// What to do before, in the reader's language.
pub fn before(t: Texts, kind: &visit_kind::Model) -> Option<&str> {
    if t.0 == Locale::Es { kind.before_es.as_deref() } else { kind.before_en.as_deref() }
}

/// Stairs, ramp and parking, in the reader's language.
pub fn access(t: Texts, office: &scheduling_office::Model) -> Option<&str> {
    if t.0 == Locale::Es { office.access_es.as_deref() } else { office.access_en.as_deref() }
}

/// # Errors
/// When the database fails.
pub async fn kind(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<visit_kind::Model>, DbErr> {
    visit_kind::Entity::find_by_id(id).one(db).await
}

/// Whether a kind of visit is for people of this age.
pub fn fits_age(kind: &visit_kind::Model, person: &patient::Model, today: NaiveDate) -> bool {
    let age = person.known_birth_date().map(|born| age_on(born, today));
    age.is_none_or(|age| kind.least_age.is_none_or(|least| least <= age) && kind.most_age.is_none_or(|most| age <= most))
}

/// How the calendar of a department is kept; `None` where nothing is booked.
///
/// # Errors
/// When the database fails.
pub async fn office(db: &impl ConnectionTrait, department: Uuid) -> Result<Option<scheduling_office::Model>, DbErr> {
    scheduling_office::Entity::find_by_id(department).one(db).await
}

/// The kinds of visits that a department has, by name.
///
/// # Errors
/// When the database fails.
pub async fn of_department(db: &impl ConnectionTrait, department: Uuid) -> Result<Vec<visit_kind::Model>, DbErr> {
    let had = visit_kind_clinician::Entity::find()
        .select_only()
        .column(visit_kind_clinician::Column::KindId)
        .filter(visit_kind_clinician::Column::DepartmentId.eq(department))
        .into_query();
    let all = visit_kind::Entity::find().filter(visit_kind::Column::Id.in_subquery(had)).filter(visit_kind::Column::RetiredAt.is_null());
    all.order_by_asc(visit_kind::Column::NameEn).all(db).await
}

/// Asks for all kinds of visits for this person, by name.
pub fn ask_kinds_for<P: Permission<Scope = PatientId>>(
    batch: &mut Batch,
    grant: &Grant<P>,
) -> impl FnOnce(&mut Rows) -> Result<Vec<KindFor>, Error> + use<P> {
    ask_of_person(batch, grant.patient().0, grant.now(), grant.sees_clinical(), None)
}

/// One of them.
///
/// # Errors
/// `NotFound` when the person cannot have it.
pub async fn kind_for<P: Permission<Scope = PatientId>>(grant: &Grant<P>, id: Uuid) -> Result<KindFor, Error> {
    let found = of_person(grant.db(), grant.patient().0, grant.now(), grant.sees_clinical(), Some(id)).await?;
    found.into_iter().next().ok_or(Error::NotFound)
}

/// # Errors
/// When the database fails.
pub async fn of_person(
    db: &impl ConnectionTrait,
    patient: Uuid,
    now: Now,
    clinical: bool,
    only: Option<Uuid>,
) -> Result<Vec<KindFor>, Error> {
    alone(db, |batch| ask_of_person(batch, patient, now, clinical, only)).await
}

fn ask_of_person(
    batch: &mut Batch,
    patient: Uuid,
    now: Now,
    clinical: bool,
    only: Option<Uuid>,
) -> impl FnOnce(&mut Rows) -> Result<Vec<KindFor>, Error> + use<> {
    let person = ask_current(batch, patient);
    let mut kinds = visit_kind::Entity::find().filter(visit_kind::Column::RetiredAt.is_null());
    if let Some(id) = only {
        kinds = kinds.filter(visit_kind::Column::Id.eq(id));
    }
    let ids = kinds.clone().select_only().column(visit_kind::Column::Id).into_query();
    let rows = visit_kind_clinician::Entity::find().filter(visit_kind_clinician::Column::KindId.in_subquery(ids));
    let of_rows = |column: visit_kind_clinician::Column| rows.clone().select_only().column(column).into_query();
    let departments = || of_rows(visit_kind_clinician::Column::DepartmentId);
    let clinicians = of_rows(visit_kind_clinician::Column::ClinicianId);
    let offices = scheduling_office::Entity::find().filter(scheduling_office::Column::DepartmentId.in_subquery(departments()));
    let places = department::Entity::find().filter(department::Column::Id.in_subquery(departments()));
    let people = clinician::Entity::find().filter(clinician::Column::Id.in_subquery(clinicians));
    let (kinds, offices, places, people) = (batch.ask(kinds), batch.ask(offices), batch.ask(places), batch.ask(people));
    let rows = batch.ask(rows);
    let seen = Seen::ask(batch, patient, now.instant);
    let orders = clinical.then(|| ask_open_orders(batch, patient));
    move |answers| {
        let person = person(answers)?.ok_or(Error::NotFound)?;
        let mut kinds = answers.take(kinds)?;
        kinds.retain(|kind| fits_age(kind, &person, now.today));
        kinds.sort_by_cached_key(|kind| folded(&kind.name_en));
        let orders = orders.map(|orders| orders(answers)).transpose()?.unwrap_or_default();
        let desk = Desk {
            rows: answers.take(rows)?,
            offices: answers.take(offices)?.into_iter().map(|row| (row.department_id, row)).collect(),
            places: answers.take(places)?.into_iter().map(|row| (row.id, row)).collect(),
            people: answers.take(people)?.into_iter().map(|row| (row.id, row)).collect(),
            seen: seen(answers)?,
        };
        Ok(kinds.into_iter().map(|kind| desk.kind_for(kind, &orders)).filter(|found| !found.offered.is_empty()).collect())
    }
}

/// Who does what where, and by whom and where a person was seen.
struct Desk {
    rows: Vec<visit_kind_clinician::Model>,
    offices: HashMap<Uuid, scheduling_office::Model>,
    places: HashMap<Uuid, department::Model>,
    people: HashMap<Uuid, clinician::Model>,
    seen: Seen,
}

impl Desk {
    fn kind_for(&self, kind: visit_kind::Model, orders: &[(Order, Opens)]) -> KindFor {
        let opened: Vec<Order> = orders.iter().filter(|(_, opens)| opens_kind(&kind, opens)).map(|(order, _)| order.clone()).collect();
        let mut offered: Vec<Offered> = self
            .rows
            .iter()
            .filter(|row| row.kind_id == kind.id)
            .filter_map(|row| {
                let direct = match kind.who {
                    _ if row.by_request => Err(Closed::ByRequest),
                    Who::Request => Err(Closed::ByRequest),
                    Who::Seen if !self.seen.by(row) => Err(Closed::NotSeen),
                    Who::Order if opened.is_empty() => Err(Closed::NeedsOrder),
                    Who::Anyone | Who::Seen | Who::Order => Ok(()),
                };
                Some(Offered {
                    clinician: self.people.get(&row.clinician_id)?.clone(),
                    department: self.places.get(&row.department_id)?.clone(),
                    office: self.offices.get(&row.department_id)?.clone(),
                    direct,
                })
            })
            .collect();
        offered.sort_by(|a, b| (&a.clinician.name, &a.department.name).cmp(&(&b.clinician.name, &b.department.name)));
        KindFor { kind, offered, orders: opened }
    }
}

/// The code and the title of an order.
type Opens = (Option<String>, String);

fn opens_kind(kind: &visit_kind::Model, (code, title): &Opens) -> bool {
    kind.order_code.as_deref().is_some_and(|wanted| {
        let code = code.as_deref().is_some_and(|code| code == wanted || code.rsplit('|').next() == Some(wanted));
        code || title.eq_ignore_ascii_case(wanted)
    })
}

/// Asks what was ordered, is not done, and has no visit yet.
fn ask_open_orders(batch: &mut Batch, patient: Uuid) -> impl FnOnce(&mut Rows) -> Result<Vec<(Order, Opens)>, DbErr> + use<> {
    let orders = health_item::Entity::find()
        .filter(health_item::Column::PatientId.in_subquery(with_merged(patient).into_query()))
        .filter(health_item::Column::Kind.is_in([ItemKind::Preventive, ItemKind::Other]))
        .filter(health_item::Column::State.eq(State::Planned))
        .filter(health_item::Column::Tentative.eq(false));
    let ids = orders.clone().select_only().column(health_item::Column::Id).into_query();
    let booked = booking::Entity::find().filter(booking::Column::OrderId.in_subquery(ids)).filter(booking::Column::CancelledAt.is_null());
    let (orders, booked) = (batch.ask(orders), batch.ask(booked));
    move |answers| {
        let (mut orders, booked) = (answers.take(orders)?, answers.take(booked)?);
        // What has no day comes last.
        orders.sort_by_key(|order| (order.at.is_none(), order.at, order.id));
        let open = orders.into_iter().filter(|order| !booked.iter().any(|booked| booked.order_id == Some(order.id)));
        let told = open.map(|order| {
            let due = order.at.filter(|_| order.kind == ItemKind::Preventive);
            (Order { id: order.id, title: order.title.clone(), due }, (order.code, order.title))
        });
        Ok(told.collect())
    }
}
