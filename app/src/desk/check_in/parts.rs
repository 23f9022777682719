//! Steps that are done when each of their parts is: questionnaires and documents; and paying, which is asked where something is due.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::{entity::check_in_step, model::Step, offices::Office};
use crate::{
    desk::{
        billing::{entity::bill, model::BillState, plans::not_planned},
        consents::asked::{self as documents, AskedDocument},
        questionnaires::asked::{self as forms, About, AskedForm},
        scheduling::entity::booking,
    },
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

impl Parts {
    /// # Errors
    /// When the database fails.
    pub(super) async fn read(db: &impl ConnectionTrait, visits: &[Asking<'_>], now: DateTime<Utc>) -> Result<Self, DbErr> {
        let asking = |step: Step| visits.iter().filter(move |found| found.office.steps.contains(&step));
        // Lists of visits come without what was booked.
        let unknown: Vec<Uuid> = asking(Step::Forms)
            .chain(asking(Step::Consents))
            .filter(|found| found.booking.is_none())
            .map(|found| found.visit.id)
            .collect::<HashSet<_>>()
            .into_iter()
            .collect();
        let read: Vec<(Uuid, Option<Uuid>)> = match unknown.is_empty() {
            true => Vec::new(),
            false => {
                booking::Entity::find()
                    .select_only()
                    .columns([booking::Column::VisitId, booking::Column::KindId])
                    .filter(booking::Column::VisitId.is_in(unknown))
                    .into_tuple()
                    .all(db)
                    .await?
            }
        };
        let kind = |found: &Asking<'_>| match found.booking {
            Some(booking) => booking.kind_id,
            None => read.iter().find(|(visit, _)| *visit == found.visit.id).and_then(|(_, kind)| *kind),
        };
        let about = |step: Step| asking(step).map(|found| found.about(step, kind(found), now)).collect::<Vec<_>>();
        let payers: Vec<Uuid> = asking(Step::Payment).map(|found| found.visit.patient_id).collect();
        let due: Vec<Uuid> = match payers.is_empty() {
            true => Vec::new(),
            false => {
                bill::Entity::find()
                    .select_only()
                    .column(bill::Column::PatientId)
                    .distinct()
                    .filter(bill::Column::PatientId.is_in(payers))
                    .filter(bill::Column::State.eq(BillState::Open))
                    .filter(bill::Column::Confidential.eq(false))
                    .filter(Expr::cust("balance_cents > pending_cents"))
                    .filter(not_planned())
                    .into_tuple()
                    .all(db)
                    .await?
            }
        };
        Ok(Self {
            forms: forms::asked(db, &about(Step::Forms)).await?,
            documents: documents::asked(db, &about(Step::Consents)).await?,
            due: due.into_iter().collect(),
        })
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
