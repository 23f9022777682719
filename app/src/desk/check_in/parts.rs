//! Steps that are done when each of their parts is: questionnaires and documents; and paying, which is asked where something is due.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::{entity::check_in_step, model::Step, offices::Office};
use crate::{
    desk::{
        billing::{entity::bill, model::BillState, plans::not_planned},
        consents::asked::{self as documents, AskedDocument},
        questionnaires::asked::{self as forms, About, AskedForm},
        scheduling::entity::booking,
    },
    platform::batch::{Batch, Columns, Rows},
    record::visit::entity::visit,
};

/// What these visits ask.
#[derive(Default)]
pub struct Parts {
    pub(super) forms: HashMap<Uuid, Vec<AskedForm>>,
    pub(super) documents: HashMap<Uuid, Vec<AskedDocument>>,
    /// The patients of whose visits something is due.
    due: HashSet<Uuid>,
}

/// A visit, how its department wants it, and when the office asked a step again.
pub(super) struct Asking<'a> {
    pub visit: &'a visit::Model,
    pub booking: Option<&'a booking::Model>,
    pub office: &'a Office,
    pub rows: &'a [check_in_step::Model],
}

impl Asking<'_> {
    fn about(&self, step: Step, kind: Option<Uuid>, now: DateTime<Utc>) -> About {
        let own = self.rows.iter().find(|row| row.step == step && row.visit_id == self.visit.id);
        About {
            visit: self.visit.id,
            patient: self.visit.patient_id,
            department: self.visit.department_id,
            kind,
            at: judged_at(self.visit, now),
            reopened: own.and_then(|row| row.reopened_at),
        }
    }
}

/// What was booked, as far as it matters here.
#[derive(FromQueryResult)]
struct Booked {
    visit_id: Uuid,
    kind_id: Option<Uuid>,
}

/// Somebody who owes something.
#[derive(FromQueryResult)]
struct Owing {
    patient_id: Uuid,
}

impl Parts {
    /// Asks for what visits of these departments and patients may ask; of the answers, what each visit does.
    pub(super) fn ask(
        batch: &mut Batch,
        visits: &[(visit::Model, Option<booking::Model>)],
        departments: &[Uuid],
    ) -> impl FnOnce(&mut Rows, &[Asking<'_>], DateTime<Utc>) -> Result<Self, DbErr> + use<> {
        let patients: Vec<Uuid> = visits.iter().map(|(visit, _)| visit.patient_id).collect::<BTreeSet<_>>().into_iter().collect();
        // Lists of visits come without what was booked.
        let unknown: Vec<Uuid> = visits.iter().filter(|(_, booking)| booking.is_none()).map(|(visit, _)| visit.id).collect();
        let booked = (!unknown.is_empty()).then(|| {
            let booked = booking::Entity::find().filter(booking::Column::VisitId.is_in(unknown));
            batch.ask_columns::<_, Booked>(booked, Columns::default().of([booking::Column::VisitId, booking::Column::KindId]))
        });
        let owing = bill::Entity::find()
            .distinct()
            .filter(bill::Column::PatientId.is_in(patients.iter().copied()))
            .filter(bill::Column::State.eq(BillState::Open))
            .filter(bill::Column::Confidential.eq(false))
            .filter(Expr::cust("balance_cents > pending_cents"))
            .filter(not_planned());
        let owing = batch.ask_columns::<_, Owing>(owing, Columns::default().of([bill::Column::PatientId]));
        // Only departments ask.
        let asked = (!departments.is_empty())
            .then(|| (forms::ask(batch, departments.to_vec(), patients.clone()), documents::ask(batch, departments.to_vec(), patients)));
        move |answers, visits, now| {
            let booked = answers.take(booked)?;
            let owing = answers.take(owing)?;
            let kind = |found: &Asking<'_>| match found.booking {
                Some(booking) => booking.kind_id,
                None => booked.iter().find(|row| row.visit_id == found.visit.id).and_then(|row| row.kind_id),
            };
            let asking = |step: Step| visits.iter().filter(move |found| found.office.steps.contains(&step));
            let about = |step: Step| asking(step).map(|found| found.about(step, kind(found), now)).collect::<Vec<_>>();
            let pays = |patient: Uuid| asking(Step::Payment).any(|found| found.visit.patient_id == patient);
            let (forms, documents) = match asked {
                Some((forms, documents)) => (forms(answers, &about(Step::Forms))?, documents(answers, &about(Step::Consents))?),
                None => (HashMap::new(), HashMap::new()),
            };
            Ok(Self { forms, documents, due: owing.into_iter().map(|row| row.patient_id).filter(|patient| pays(*patient)).collect() })
        }
    }

    /// Whether a step has anything to ask.
    pub(super) fn asks(&self, visit: &visit::Model, step: Step) -> bool {
        match step {
            Step::Forms => self.forms.get(&visit.id).is_some_and(|all| !all.is_empty()),
            Step::Consents => self.documents.get(&visit.id).is_some_and(|all| !all.is_empty()),
            Step::Payment => self.due.contains(&visit.patient_id),
            _ => true,
        }
    }

    /// Who did the last part of such a step, once all of them are done.
    pub(super) fn done(&self, visit: &visit::Model, step: Step) -> Option<check_in_step::Model> {
        let blank = |at: DateTime<Utc>, author: &str, role: Option<&str>, told: bool| check_in_step::Model {
            visit_id: visit.id,
            step,
            patient_id: visit.patient_id,
            starts_at: visit.starts_at.unwrap_or(at),
            done_at: Some(at),
            told,
            author: author.to_owned(),
            role: role.map(str::to_owned),
            reopened_at: None,
            reopened_why: None,
            reopened_by: None,
        };
        match step {
            Step::Forms => {
                let done: Option<Vec<_>> = self.forms.get(&visit.id)?.iter().map(|form| form.done.as_ref()).collect();
                let last = done?.into_iter().max_by_key(|row| row.authored_at)?;
                Some(blank(last.authored_at?, last.author.as_deref().unwrap_or_default(), last.role.as_deref(), false))
            }
            Step::Consents => {
                let done: Option<Vec<_>> = self.documents.get(&visit.id)?.iter().map(|found| found.decided.as_ref()).collect();
                let done = done?;
                let refused = done.iter().any(|row| !row.agreed);
                let last = done.into_iter().max_by_key(|row| row.at)?;
                Some(blank(last.at, &last.author, last.role.as_deref(), refused))
            }
            _ => None,
        }
    }
}

/// What is answered so long after the time of a visit still counts for it.
pub const STILL_COUNTS: TimeDelta = TimeDelta::hours(1);

/// A visit that is over is judged as it was then.
pub(super) fn judged_at(visit: &visit::Model, now: DateTime<Utc>) -> DateTime<Utc> {
    visit.starts_at.map_or(now, |starts_at| now.min(starts_at + STILL_COUNTS))
}
