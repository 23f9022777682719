//! What the record tells of requests: the prescription that answers one, and what a pharmacy made ready and gave out. Read at each
//! import of either, so that queues, home and what goes out know it too; what a source takes back is taken back here.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use super::{entity::refill_request, model::RequestState};
use crate::{
    people::patient::with_merged_of,
    record::{
        import::CHUNK,
        prescription::{
            entity::{dispense, prescription},
            model::DispenseState,
        },
    },
};

/// What the record tells of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Told {
    sent: Option<DateTime<Utc>>,
    ready: Option<DateTime<Utc>>,
    done: Option<DateTime<Utc>>,
}

impl Told {
    /// By the prescriptions and dispenses of its chart. A dispense belongs to it that was made after it, of its prescription or of the
    /// one that answers it.
    fn of(request: &refill_request::Model, prescriptions: &[prescription::Model], dispenses: &[dispense::Model]) -> Self {
        let Some(asked) = request.requested_at else { return Self::default() };
        let answer = prescriptions.iter().find(|found| found.answers == Some(request.id));
        let concerned = |found: &&dispense::Model| {
            found.prescription_id == request.prescription_id || answer.is_some_and(|answer| answer.id == found.prescription_id)
        };
        let of_this: Vec<_> = dispenses.iter().filter(concerned).filter(|found| found.state != DispenseState::NotGiven).collect();
        let after = |at: &DateTime<Utc>| *at >= asked;
        let handed = of_this.iter().filter(|found| found.state == DispenseState::Completed).filter_map(|found| found.handed_over_at);
        Self {
            sent: answer.and_then(|answer| answer.authored_at).filter(after),
            ready: of_this.iter().filter_map(|found| found.prepared_at).filter(after).min(),
            done: handed.filter(after).min(),
        }
    }

    /// Where the request stands by it.
    fn state(self, request: &refill_request::Model) -> RequestState {
        match request.state {
            RequestState::Requested | RequestState::Approved if self.done.is_some() => RequestState::Done,
            RequestState::Requested if self.sent.is_some() || self.ready.is_some() => RequestState::Approved,
            // It was done, or approved, by the record's word alone, and that does not hold any more.
            RequestState::Done if self.done.is_none() && request.done_at.is_none() && request.told_done_at.is_some() => {
                if request.decided_at.is_some() || self.sent.is_some() || self.ready.is_some() {
                    RequestState::Approved
                } else {
                    RequestState::Requested
                }
            }
            RequestState::Approved if request.decided_at.is_none() && request.sent_at.is_none() && self == Self::default() => {
                RequestState::Requested
            }
            state => state,
        }
    }
}

/// Brings the requests about these charts to what the record tells now.
///
/// # Errors
/// When the database fails.
pub(super) async fn settle(tx: &DatabaseTransaction, charts: BTreeSet<Uuid>) -> Result<(), DbErr> {
    let charts: Vec<Uuid> = charts.into_iter().collect();
    for chunk in charts.chunks(CHUNK) {
        let ids = || chunk.iter().copied();
        let people = with_merged_of(chunk.to_vec()).into_query();
        let requests = refill_request::Entity::find()
            .filter(refill_request::Column::PatientId.in_subquery(people))
            .filter(refill_request::Column::RequestedAt.is_not_null())
            .all(tx)
            .await?;
        if requests.is_empty() {
            continue;
        }
        let prescriptions = prescription::Entity::find().filter(prescription::Column::PatientId.is_in(ids())).all(tx).await?;
        let dispenses = dispense::Entity::find().filter(dispense::Column::PatientId.is_in(ids())).all(tx).await?;
        for request in requests {
            let told = Told::of(&request, &prescriptions, &dispenses);
            let before = Told { sent: request.told_sent_at, ready: request.told_ready_at, done: request.told_done_at };
            if told == before {
                continue;
            }
            let state = told.state(&request);
            let mut changed = refill_request::ActiveModel {
                told_sent_at: Set(told.sent),
                told_ready_at: Set(told.ready),
                told_done_at: Set(told.done),
                state: Set(state),
                ..Default::default()
            };
            if !state.is_open() {
                changed.open_for = Set(None);
            }
            refill_request::Entity::update_many().set(changed).filter(refill_request::Column::Id.eq(request.id)).exec(tx).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::features::medications::model::Kind;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    fn request(id: Uuid, prescription: Uuid) -> refill_request::Model {
        refill_request::Model {
            id,
            batch: id,
            patient_id: Uuid::nil(),
            prescription_id: prescription,
            open_for: Some(prescription),
            medicine: "X".into(),
            kind: Kind::Renewal,
            state: RequestState::Requested,
            sensitive: false,
            department_id: Uuid::nil(),
            clinician_id: None,
            pharmacy_id: None,
            pharmacy: "P".into(),
            delivery: false,
            days_left: None,
            comment: None,
            account_id: Uuid::nil(),
            author: "A".into(),
            role: None,
            prepared_at: at("2026-03-02T09:00:00Z"),
            requested_at: Some(at("2026-03-02T10:00:00Z")),
            due_at: Some(at("2026-03-05T22:00:00Z")),
            seen_at: None,
            seen_by: None,
            decided_at: None,
            decided_by: None,
            decided_role: None,
            answer: None,
            refills: None,
            sent_at: None,
            ready_at: None,
            done_at: None,
            withdrawn_at: None,
            told_sent_at: None,
            told_ready_at: None,
            told_done_at: None,
        }
    }

    fn prescribed(id: Uuid, answers: Option<Uuid>, authored: &str) -> prescription::Model {
        prescription::Model {
            id,
            patient_id: Uuid::nil(),
            clinician_id: None,
            visit_id: None,
            repeats: None,
            valid_until: None,
            days: None,
            days_computed: false,
            authored_at: Some(at(authored)),
            runs_out_on: None,
            answers,
            sensitive: false,
        }
    }

    fn given(prescription: Uuid, state: DispenseState, prepared: &str, handed: Option<&str>) -> dispense::Model {
        dispense::Model {
            id: Uuid::now_v7(),
            patient_id: Uuid::nil(),
            prescription_id: prescription,
            state,
            days: None,
            quantity: None,
            prepared_at: Some(at(prepared)),
            handed_over_at: handed.map(at),
            pharmacy: None,
        }
    }

    #[test]
    fn a_step_is_told_when_something_said_so_after_the_request() {
        let (id, old, new) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
        let request = request(id, old);
        let before = given(old, DispenseState::Completed, "2026-02-01T10:00:00Z", Some("2026-02-01T12:00:00Z"));
        let first = [prescribed(old, None, "2026-01-01T10:00:00Z")];
        let told = Told::of(&request, &first, std::slice::from_ref(&before));
        assert_eq!((told, told.state(&request)), (Told::default(), RequestState::Requested));
        let answered = [first[0].clone(), prescribed(new, Some(id), "2026-03-03T10:00:00Z")];
        let sent = Told::of(&request, &answered, std::slice::from_ref(&before));
        assert_eq!((sent.sent, sent.state(&request)), (Some(at("2026-03-03T10:00:00Z")), RequestState::Approved));
        let ready = [before.clone(), given(new, DispenseState::InProgress, "2026-03-04T10:00:00Z", None)];
        assert_eq!(Told::of(&request, &answered, &ready).ready, Some(at("2026-03-04T10:00:00Z")));
        let not = [given(new, DispenseState::NotGiven, "2026-03-04T10:00:00Z", None)];
        assert_eq!(Told::of(&request, &answered, &not).ready, None, "what is not given is not ready");
        let done = [before, given(new, DispenseState::Completed, "2026-03-04T10:00:00Z", Some("2026-03-04T15:00:00Z"))];
        let told = Told::of(&request, &answered, &done);
        assert_eq!((told.done, told.state(&request)), (Some(at("2026-03-04T15:00:00Z")), RequestState::Done));
        let prepared = refill_request::Model { requested_at: None, ..request };
        assert_eq!(Told::of(&prepared, &answered, &done), Told::default());
    }

    #[test]
    fn what_a_source_takes_back_is_taken_back_and_what_people_did_stays() {
        let requested = request(Uuid::now_v7(), Uuid::now_v7());
        let by_record =
            refill_request::Model { state: RequestState::Done, told_done_at: Some(at("2026-03-04T15:00:00Z")), ..requested.clone() };
        assert_eq!(Told::default().state(&by_record), RequestState::Requested);
        let decided = refill_request::Model { decided_at: Some(at("2026-03-03T10:00:00Z")), ..by_record.clone() };
        assert_eq!(Told::default().state(&decided), RequestState::Approved);
        let by_staff = refill_request::Model { done_at: Some(at("2026-03-04T15:00:00Z")), ..by_record };
        assert_eq!(Told::default().state(&by_staff), RequestState::Done);
        let told = Told { done: Some(at("2026-03-04T15:00:00Z")), ..Told::default() };
        for state in [RequestState::Declined, RequestState::Withdrawn, RequestState::NeedsVisit] {
            assert_eq!(told.state(&refill_request::Model { state, ..requested.clone() }), state);
        }
    }
}
