//! The medicines of a chart with what is left of them, and what may be asked for more.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use super::{
    entity::refill_request,
    model::{Facts, Kind, Refused, RequestState, may_ask},
    schedule,
};
use crate::{
    access::{Grant, Permission, policy::ViewHealthSummary},
    base::{clock::local_date, error::Error, ids::PatientId},
    desk::office::store::{Answering, Office, ask_answering},
    features::health::store::{Item, ask_all},
    people::patient::with_merged,
    platform::batch::{Batch, Columns, Rows, alone},
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
    medicines_of(grant, alone(grant.db(), |batch| ask_medicines(batch, grant)).await?).await
}

/// What a chart says of its medicines.
pub struct Said {
    items: Vec<Item>,
    prescriptions: Vec<prescription::Model>,
    dispenses: Vec<dispense::Model>,
    requests: Vec<refill_request::Model>,
    prescribers: Vec<clinician::Model>,
    visits: Vec<Visited>,
}

/// A visit at which something was prescribed.
#[derive(FromQueryResult)]
struct Visited {
    id: Uuid,
    department_id: Option<Uuid>,
}

/// Asks for what a chart says of its medicines.
pub fn ask_medicines(batch: &mut Batch, grant: &Grant<ViewHealthSummary>) -> impl FnOnce(&mut Rows) -> Result<Said, DbErr> + use<> {
    let patient = grant.patient().0;
    let items = ask_all(batch, grant, &[ItemKind::Medication]);
    let (prescriptions, dispenses, requests) = (batch.ask(of_chart(patient)), batch.ask(given(patient)), batch.ask(visible(grant)));
    let ids = |of: prescription::Column| of_chart(patient).select_only().column(of).into_query();
    let prescribers = clinician::Column::Id.in_subquery(ids(prescription::Column::ClinicianId));
    let visits = visit::Entity::find().filter(visit::Column::Id.in_subquery(ids(prescription::Column::VisitId)));
    let prescribers = batch.ask(clinician::Entity::find().filter(prescribers));
    let visits = batch.ask_columns::<_, Visited>(visits, Columns::default().of([visit::Column::Id, visit::Column::DepartmentId]));
    move |answers| {
        let mut requests = answers.take(requests)?;
        requests.sort_by_key(|request| Reverse(request.requested_at));
        Ok(Said {
            items: items(answers)?,
            prescriptions: answers.take(prescriptions)?,
            dispenses: answers.take(dispenses)?,
            requests,
            prescribers: answers.take(prescribers)?,
            visits: answers.take(visits)?,
        })
    }
}

/// The medicines of what a chart says, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn medicines_of(grant: &Grant<ViewHealthSummary>, said: Said) -> Result<Vec<Medicine>, Error> {
    let (zone, today) = (grant.zone(), grant.now().today);
    let Said { items, prescriptions, dispenses, requests, prescribers, visits } = said;
    let offices = Offices::of_prescriptions(grant.db(), prescribers, visits).await?;
    let medicine = |item: Item| {
        let ids = item.resources();
        let prescription = prescriptions.iter().find(|found| found.id == item.id).cloned();
        let mut given: Vec<dispense::Model> = dispenses.iter().filter(|found| ids.contains(&found.prescription_id)).cloned().collect();
        given.sort_by_key(|found| Reverse(found.handed_over_at.or(found.prepared_at)));
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

/// The prescriptions of a chart.
pub(super) fn of_chart(patient: Uuid) -> Select<prescription::Entity> {
    prescription::Entity::find().filter(prescription::Column::PatientId.eq(patient))
}

/// What was given to a patient.
pub(super) fn given(patient: Uuid) -> Select<dispense::Entity> {
    dispense::Entity::find().filter(dispense::Column::PatientId.eq(patient))
}

/// Which offices look after prescriptions.
struct Offices {
    prescribers: Vec<clinician::Model>,
    visits: Vec<Visited>,
    answering: BTreeMap<Uuid, Answering>,
    others: Vec<department::Model>,
}

impl Offices {
    async fn of_prescriptions(db: &impl ConnectionTrait, prescribers: Vec<clinician::Model>, visits: Vec<Visited>) -> Result<Self, Error> {
        let visited = visits.iter().filter_map(|visit| visit.department_id);
        let places: BTreeSet<Uuid> = prescribers.iter().filter_map(|found| found.department_id).chain(visited).collect();
        let mut batch = Batch::default();
        let others = (!places.is_empty())
            .then(|| batch.ask(department::Entity::find().filter(department::Column::Id.is_in(places.iter().copied()))));
        let answering = ask_answering(&mut batch, places);
        let mut answers = batch.read(db).await?;
        Ok(Self { prescribers, visits, answering: answering(&mut answers)?, others: answers.take(others)? })
    }

    /// The department of whoever prescribed it, or else of the visit at which that was, whose staff answer here; or where it came
    /// from.
    fn of(&self, prescription: &prescription::Model) -> Result<Responsible, Option<department::Model>> {
        let places = self.places(prescription);
        let found = places.iter().find_map(|place| self.answering.get(place));
        match found {
            Some(found) => Ok(Responsible { department: found.place.clone(), office: found.office, clinician: prescription.clinician_id }),
            None => Err(places.iter().find_map(|place| self.others.iter().find(|found| found.id == *place)).cloned()),
        }
    }

    fn places(&self, prescription: &prescription::Model) -> Vec<Uuid> {
        let prescriber = self.prescribers.iter().find(|found| Some(found.id) == prescription.clinician_id);
        let visited = self.visits.iter().find(|visit| Some(visit.id) == prescription.visit_id).and_then(|visit| visit.department_id);
        prescriber.and_then(|found| found.department_id).into_iter().chain(visited).collect()
    }
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
