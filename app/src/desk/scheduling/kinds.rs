//! Which kinds of visits a person may book, with whom, and why not.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{Months, NaiveDate, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{
    entity::{booking, scheduling_office, visit_kind, visit_kind_clinician},
    free::At,
    model::{Owner, SEEN_MONTHS, Who},
};
use crate::{
    access::{Grant, Permission, proxy::age_on},
    base::{error::Error, i18n::Texts, ids::PatientId, locale::Locale},
    people::patient::{self, with_merged},
    record::{
        care_team::entity::{clinician, department},
        item::{
            entity::health_item,
            model::{Kind as ItemKind, State},
        },
        visit::{
            entity::{visit, visit_clinician},
            model::Status,
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
    pub due: Option<chrono::DateTime<Utc>>,
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

/// All kinds of visits for this person, by name.
///
/// # Errors
/// When the database fails.
pub async fn kinds_for<P: Permission<Scope = PatientId>>(grant: &Grant<P>) -> Result<Vec<KindFor>, Error> {
    of_person(grant.db(), grant.patient().0, grant.now(), grant.sees_clinical(), None).await
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
    now: crate::base::clock::Now,
    clinical: bool,
    only: Option<Uuid>,
) -> Result<Vec<KindFor>, Error> {
    let person = patient::current(db, patient).await?.ok_or(Error::NotFound)?;
    let mut kinds = visit_kind::Entity::find().filter(visit_kind::Column::RetiredAt.is_null());
    if let Some(id) = only {
        kinds = kinds.filter(visit_kind::Column::Id.eq(id));
    }
    let fits = |kind: &visit_kind::Model| fits_age(kind, &person, now.today);
    let kinds: Vec<visit_kind::Model> = kinds.order_by_asc(visit_kind::Column::NameEn).all(db).await?.into_iter().filter(fits).collect();
    let rows = visit_kind_clinician::Entity::find()
        .filter(visit_kind_clinician::Column::KindId.is_in(kinds.iter().map(|kind| kind.id)))
        .all(db)
        .await?;
    let departments: HashSet<Uuid> = rows.iter().map(|row| row.department_id).collect();
    let offices = scheduling_office::Entity::find().filter(scheduling_office::Column::DepartmentId.is_in(departments.iter().copied()));
    let offices: HashMap<Uuid, _> = offices.all(db).await?.into_iter().map(|row| (row.department_id, row)).collect();
    let places = department::Entity::find().filter(department::Column::Id.is_in(departments)).all(db).await?;
    let places: HashMap<Uuid, _> = places.into_iter().map(|row| (row.id, row)).collect();
    let people = clinician::Entity::find().filter(clinician::Column::Id.is_in(rows.iter().map(|row| row.clinician_id))).all(db).await?;
    let people: BTreeMap<Uuid, _> = people.into_iter().map(|row| (row.id, row)).collect();
    let seen = Seen::of(db, patient, now.instant).await?;
    let orders = if clinical { open_orders(db, patient).await? } else { Vec::new() };
    let kind_for = |kind: visit_kind::Model| {
        let opened: Vec<Order> = orders.iter().filter(|(_, opens)| opens_kind(&kind, opens)).map(|(order, _)| order.clone()).collect();
        let mut offered: Vec<Offered> = rows
            .iter()
            .filter(|row| row.kind_id == kind.id)
            .filter_map(|row| {
                let direct = match kind.who {
                    _ if row.by_request => Err(Closed::ByRequest),
                    Who::Request => Err(Closed::ByRequest),
                    Who::Seen if !seen.by(row) => Err(Closed::NotSeen),
                    Who::Order if opened.is_empty() => Err(Closed::NeedsOrder),
                    Who::Anyone | Who::Seen | Who::Order => Ok(()),
                };
                Some(Offered {
                    clinician: people.get(&row.clinician_id)?.clone(),
                    department: places.get(&row.department_id)?.clone(),
                    office: offices.get(&row.department_id)?.clone(),
                    direct,
                })
            })
            .collect();
        offered.sort_by(|a, b| (&a.clinician.name, &a.department.name).cmp(&(&b.clinician.name, &b.department.name)));
        KindFor { kind, offered, orders: opened }
    };
    Ok(kinds.into_iter().map(kind_for).filter(|found| !found.offered.is_empty()).collect())
}

/// By whom and where a person was seen within 36 months.
struct Seen {
    clinicians: HashSet<Uuid>,
    departments: HashSet<Uuid>,
}

impl Seen {
    async fn of(db: &impl ConnectionTrait, patient: Uuid, now: chrono::DateTime<Utc>) -> Result<Self, DbErr> {
        let since = now.checked_sub_months(Months::new(SEEN_MONTHS)).unwrap_or(now);
        let visits = || {
            visit::Entity::find()
                .select_only()
                .filter(visit::Column::PatientId.in_subquery(with_merged(patient).into_query()))
                .filter(visit::Column::Status.eq(Status::Finished))
                .filter(visit::Column::StartsAt.gte(since))
        };
        let departments: Vec<Option<Uuid>> = visits().column(visit::Column::DepartmentId).distinct().into_tuple().all(db).await?;
        let clinicians: Vec<Uuid> = visit_clinician::Entity::find()
            .select_only()
            .column(visit_clinician::Column::ClinicianId)
            .filter(visit_clinician::Column::VisitId.in_subquery(visits().column(visit::Column::Id).into_query()))
            .distinct()
            .into_tuple()
            .all(db)
            .await?;
        Ok(Self { clinicians: clinicians.into_iter().collect(), departments: departments.into_iter().flatten().collect() })
    }

    fn by(&self, row: &visit_kind_clinician::Model) -> bool {
        self.clinicians.contains(&row.clinician_id) || self.departments.contains(&row.department_id)
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

/// What was ordered, is not done, and has no visit yet.
async fn open_orders(db: &impl ConnectionTrait, patient: Uuid) -> Result<Vec<(Order, Opens)>, DbErr> {
    let orders = health_item::Entity::find()
        .filter(health_item::Column::PatientId.in_subquery(with_merged(patient).into_query()))
        .filter(health_item::Column::Kind.is_in([ItemKind::Preventive, ItemKind::Other]))
        .filter(health_item::Column::State.eq(State::Planned))
        .filter(health_item::Column::Tentative.eq(false))
        .order_by_asc(health_item::Column::At)
        .all(db)
        .await?;
    let booked: Vec<Option<Uuid>> = booking::Entity::find()
        .select_only()
        .column(booking::Column::OrderId)
        .filter(booking::Column::OrderId.is_in(orders.iter().map(|order| order.id)))
        .filter(booking::Column::CancelledAt.is_null())
        .into_tuple()
        .all(db)
        .await?;
    let open = orders.into_iter().filter(|order| !booked.contains(&Some(order.id)));
    Ok(open
        .map(|order| {
            (
                Order { id: order.id, title: order.title.clone(), due: order.at.filter(|_| order.kind == ItemKind::Preventive) },
                (order.code, order.title),
            )
        })
        .collect())
}
