//! The medicines of a chart with what is left of them, and what may be asked for more.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use super::{
    entity::refill_request,
    model::{Facts, Kind, Refused, RequestState, may_ask},
    schedule,
};
use crate::{
    access::{Grant, Permission, policy::ViewHealthSummary},
    base::{clock::local_date, error::Error, ids::PatientId},
    desk::office::store::{Office, answering},
    features::health::store::{Item, all},
    people::patient::with_merged,
    record::{
        care_team::entity::{clinician, department},
        item::{
            entity::health_item,
            model::{Fact, Kind as ItemKind, What},
        },
        prescription::{
            entity::{dispense, prescription},
            supply::Supply,
        },
        visit::entity::visit,
    },
};

/// The office that looks after a medicine.
#[derive(Clone)]
pub struct Responsible {
    pub department: department::Model,
    pub office: Office,
    pub clinician: Option<Uuid>,
}

/// A medicine of the record with all that the portal knows of it.
pub struct Medicine {
    pub item: Item,
    pub prescription: Option<prescription::Model>,
    pub supply: Supply,
    /// Where it was given last.
    pub pharmacy: Option<String>,
    pub responsible: Option<Responsible>,
    /// Where its prescription came from, where that office does not answer here.
    pub elsewhere: Option<department::Model>,
    /// The requests for it, the newest first.
    pub requests: Vec<refill_request::Model>,
    pub dispenses: Vec<dispense::Model>,
    pub ask: Result<Kind, Refused>,
}

impl Medicine {
    /// The request that keeps it from being asked for again, or else the newest one.
    pub fn request(&self) -> Option<&refill_request::Model> {
        self.requests.iter().find(|request| request.state.is_open()).or(self.requests.first())
    }
}

/// The requests about a chart that the caller may see: what somebody only prepared is theirs alone and not among them.
pub(super) fn visible<P: Permission<Scope = PatientId>>(grant: &Grant<P>) -> Select<refill_request::Entity> {
    let charts = with_merged(grant.patient().0).into_query();
    let all = refill_request::Entity::find()
        .filter(refill_request::Column::PatientId.in_subquery(charts))
        .filter(refill_request::Column::State.ne(RequestState::Prepared));
    if grant.sees_sensitive() { all } else { all.filter(refill_request::Column::Sensitive.eq(false)) }
}

/// Every medicine of a chart, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn medicines(grant: &Grant<ViewHealthSummary>) -> Result<Vec<Medicine>, Error> {
    let (db, zone, today) = (grant.db(), grant.zone(), grant.now().today);
    let items = all(grant, &[ItemKind::Medication]).await?;
    let prescriptions = of_chart(db, grant.patient().0).await?;
    let dispenses = given(db, grant.patient().0).await?;
    let requests = visible(grant).order_by_desc(refill_request::Column::RequestedAt).all(db).await?;
    let offices = responsible(db, &prescriptions).await?;
    let medicine = |item: Item| {
        let ids = item.resources();
        let prescription = prescriptions.iter().find(|found| found.id == item.id).cloned();
        let mut given: Vec<dispense::Model> = dispenses.iter().filter(|found| ids.contains(&found.prescription_id)).cloned().collect();
        given.sort_by_key(|found| std::cmp::Reverse(found.handed_over_at.or(found.prepared_at)));
        let of_newest: Vec<&dispense::Model> = given.iter().filter(|found| found.prescription_id == item.id).collect();
        let supply = prescription.as_ref().map(|found| Supply::of(found, &of_newest, |at| local_date(at, &zone))).unwrap_or_default();
        let asked: Vec<refill_request::Model> = requests.iter().filter(|request| ids.contains(&request.prescription_id)).cloned().collect();
        let (office, elsewhere) = match prescription.as_ref().map(|found| offices.of(found)) {
            Some(Ok(office)) => (Some(office), None),
            Some(Err(place)) => (None, place),
            None => (None, None),
        };
        let open = asked.iter().find(|request| request.state.is_open());
        let facts = Facts {
            state: item.state,
            is_prescribed: prescription.is_some() && !item.tentative,
            is_of_this_house: office.is_some(),
            schedule: schedule::of(&item.title),
            supply,
            refill_percent: office.as_ref().map_or(Office::USUAL, |office| office.office).refill_percent,
            valid_until: prescription.as_ref().and_then(|found| found.valid_until),
            asked_at: open.and_then(|request| request.requested_at),
        };
        let pharmacy = given.iter().find_map(|found| found.pharmacy.clone());
        Medicine {
            ask: may_ask(&facts, today),
            item,
            prescription,
            supply,
            pharmacy,
            responsible: office,
            elsewhere,
            requests: asked,
            dispenses: given,
        }
    };
    Ok(items.into_iter().map(medicine).collect())
}

/// # Errors
/// When the database fails.
pub(super) async fn of_chart(db: &impl ConnectionTrait, patient: Uuid) -> Result<Vec<prescription::Model>, Error> {
    Ok(prescription::Entity::find().filter(prescription::Column::PatientId.eq(patient)).all(db).await?)
}

/// # Errors
/// When the database fails.
pub(super) async fn given(db: &impl ConnectionTrait, patient: Uuid) -> Result<Vec<dispense::Model>, Error> {
    Ok(dispense::Entity::find().filter(dispense::Column::PatientId.eq(patient)).all(db).await?)
}

/// Which offices look after prescriptions.
pub(super) struct Offices {
    clinicians: Vec<clinician::Model>,
    visits: Vec<(Uuid, Option<Uuid>)>,
    answering: std::collections::BTreeMap<Uuid, crate::desk::office::store::Answering>,
    others: Vec<department::Model>,
}

impl Offices {
    /// The department of whoever prescribed it, or else of the visit at which that was, whose staff answer here; or where it came
    /// from.
    pub(super) fn of(&self, prescription: &prescription::Model) -> Result<Responsible, Option<department::Model>> {
        let places = self.places(prescription);
        let found = places.iter().find_map(|place| self.answering.get(place));
        match found {
            Some(found) => Ok(Responsible { department: found.place.clone(), office: found.office, clinician: prescription.clinician_id }),
            None => Err(places.iter().find_map(|place| self.others.iter().find(|found| found.id == *place)).cloned()),
        }
    }

    fn places(&self, prescription: &prescription::Model) -> Vec<Uuid> {
        let clinician = self.clinicians.iter().find(|found| Some(found.id) == prescription.clinician_id);
        let visited = self.visits.iter().find(|(id, _)| Some(*id) == prescription.visit_id).and_then(|(_, place)| *place);
        clinician.and_then(|found| found.department_id).into_iter().chain(visited).collect()
    }
}

/// # Errors
/// When the database fails.
pub(super) async fn responsible(db: &impl ConnectionTrait, prescriptions: &[prescription::Model]) -> Result<Offices, Error> {
    let of = |id: fn(&prescription::Model) -> Option<Uuid>| prescriptions.iter().filter_map(id).collect::<BTreeSet<Uuid>>();
    let clinicians = clinician::Entity::find().filter(clinician::Column::Id.is_in(of(|found| found.clinician_id))).all(db).await?;
    let visits: Vec<(Uuid, Option<Uuid>)> = visit::Entity::find()
        .select_only()
        .columns([visit::Column::Id, visit::Column::DepartmentId])
        .filter(visit::Column::Id.is_in(of(|found| found.visit_id)))
        .into_tuple()
        .all(db)
        .await?;
    let places: BTreeSet<Uuid> =
        clinicians.iter().filter_map(|found| found.department_id).chain(visits.iter().filter_map(|(_, place)| *place)).collect();
    let others = department::Entity::find().filter(department::Column::Id.is_in(places.iter().copied())).all(db).await?;
    Ok(Offices { answering: answering(db, places).await?, clinicians, visits, others })
}

/// What an item of the record says of something, such as its dose.
///
/// # Errors
/// When the database fails.
pub async fn said_of(db: &impl ConnectionTrait, item: Uuid, what: What) -> Result<Option<String>, Error> {
    let found = health_item::Entity::find_by_id(item).one(db).await?.filter(|found| !found.sensitive);
    let facts: Vec<Fact> = found.map(|found| serde_json::from_str(&found.facts).unwrap_or_default()).unwrap_or_default();
    let said: Vec<String> = facts.into_iter().filter(|fact| fact.what == what).map(|fact| fact.said).collect();
    Ok(Some(said.join("; ")).filter(|said| !said.is_empty()))
}
