//! Visits that were booked, moved or called off in the portal, when their Appointment comes in: whichever was said last counts.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use crate::record::{
    fhir,
    import::{CHUNK, Context, Incoming, of_type},
    resource::entity::fhir_resource,
    visit::{
        entity::{booking, visit},
        model::Status,
    },
};

/// The identifier system of visits that were booked in the portal.
pub const APPOINTMENTS: &str = "urn:oid:2.25.133927413920873651920380118312264098113.5";

/// What the portal knows of the visits of one import.
pub(super) struct Known {
    bookings: HashMap<Uuid, booking::Model>,
    /// When each of these resources came in.
    imported: HashMap<Uuid, DateTime<Utc>>,
    /// The visit that an Appointment was made of here.
    made_here: HashMap<Uuid, Uuid>,
}

impl Known {
    pub(super) async fn of(context: &Context<'_>, stored: &mut Vec<visit::Model>, rows: &[Incoming<'_>]) -> Result<Self, DbErr> {
        let named = |row: Incoming<'_>| {
            let mut identifiers = fhir::items(&row.value["identifier"]).filter(|found| found["system"] == APPOINTMENTS);
            let visit: Uuid = identifiers.find_map(|found| found["value"].as_str()?.parse().ok())?;
            Some((row.id, visit))
        };
        let made_here: HashMap<Uuid, Uuid> = of_type(rows, "Appointment").filter_map(named).collect();
        let missing: Vec<Uuid> = made_here.values().copied().filter(|id| !stored.iter().any(|visit| visit.id == *id)).collect();
        for chunk in missing.chunks(CHUNK) {
            stored.extend(visit::Entity::find().filter(visit::Column::Id.is_in(chunk.iter().copied())).all(context.tx).await?);
        }
        let (mut bookings, mut imported) = (HashMap::new(), HashMap::new());
        let ids: Vec<Uuid> = stored.iter().map(|visit| visit.id).collect();
        for chunk in ids.chunks(CHUNK) {
            let found = booking::Entity::find().filter(booking::Column::VisitId.is_in(chunk.iter().copied())).all(context.tx).await?;
            bookings.extend(found.into_iter().map(|row| (row.visit_id, row)));
        }
        if !bookings.is_empty() {
            let ids: Vec<Uuid> = of_type(rows, "Appointment").map(|row| row.id).collect();
            for chunk in ids.chunks(CHUNK) {
                let found: Vec<(Uuid, DateTime<Utc>)> = fhir_resource::Entity::find()
                    .select_only()
                    .columns([fhir_resource::Column::Id, fhir_resource::Column::ImportedAt])
                    .filter(fhir_resource::Column::Id.is_in(chunk.iter().copied()))
                    .into_tuple()
                    .all(context.tx)
                    .await?;
                imported.extend(found);
            }
        }
        Ok(Self { bookings, imported, made_here })
    }

    /// The visit of this chart that the portal named this Appointment.
    pub(super) fn made_here(&self, stored: &[visit::Model], row: Incoming<'_>) -> Option<usize> {
        let id = self.made_here.get(&row.id)?;
        stored.iter().position(|visit| visit.id == *id && Some(visit.patient_id) == row.patient)
    }

    /// What is stored of a visit: as its Appointment tells it, or as it was left here where that was later. `None` where nothing of it
    /// changes.
    pub(super) async fn told(
        &self,
        context: &Context<'_>,
        row: Incoming<'_>,
        before: Option<visit::Model>,
        told: visit::Model,
        clinician: Option<Uuid>,
    ) -> Result<Option<visit::Model>, DbErr> {
        let Some((before, booking)) = before.and_then(|before| Some((self.bookings.get(&before.id)?, before))).map(|(a, b)| (b, a)) else {
            return Ok(Some(told));
        };
        let at = fhir::instant(&row.value["meta"]["lastUpdated"]).or(self.imported.get(&row.id).copied());
        let at = at.unwrap_or(booking.changed_at);
        if at < booking.changed_at {
            if before.appointment_id.is_none() {
                let named = visit::Entity::update_many().col_expr(visit::Column::AppointmentId, Expr::value(Some(row.id)));
                named.filter(visit::Column::Id.eq(before.id)).exec(context.tx).await?;
            }
            // Whose it is, the record says: also after records of two people were told apart.
            if before.patient_id != told.patient_id {
                let theirs = booking::Entity::update_many().col_expr(booking::Column::PatientId, Expr::value(told.patient_id));
                theirs.filter(booking::Column::VisitId.eq(before.id)).exec(context.tx).await?;
                return Ok(Some(visit::Model { patient_id: told.patient_id, ..before }));
            }
            return Ok(None);
        }
        let is_on = matches!(told.status, Status::Booked | Status::Arrived | Status::Finished);
        let mut known = booking::Entity::update_many().col_expr(booking::Column::ChangedAt, Expr::value(at));
        if is_on {
            known = known
                .col_expr(booking::Column::AcknowledgedAt, Expr::value(Some(booking.acknowledged_at.unwrap_or(at))))
                .col_expr(booking::Column::CancelledAt, Expr::value(None::<DateTime<Utc>>));
        }
        if told.status == Status::Cancelled {
            known = known.col_expr(booking::Column::CancelledAt, Expr::value(Some(booking.cancelled_at.unwrap_or(at))));
        }
        if told.starts_at != before.starts_at {
            known = known.col_expr(booking::Column::ConfirmedAt, Expr::value(None::<DateTime<Utc>>));
        }
        if let Some(clinician) = clinician {
            known = known.col_expr(booking::Column::ClinicianId, Expr::value(clinician));
        }
        if let Some(department) = told.department_id {
            known = known.col_expr(booking::Column::DepartmentId, Expr::value(department));
        }
        known.filter(booking::Column::VisitId.eq(before.id)).exec(context.tx).await?;
        let keeps = booking.made_here;
        Ok(Some(visit::Model {
            title: if keeps { before.title } else { told.title },
            reason: told.reason.or(before.reason.filter(|_| keeps)),
            patient_instruction: told.patient_instruction.or(before.patient_instruction.filter(|_| keeps)),
            join_url: told.join_url.or(before.join_url.filter(|_| keeps)),
            department_id: told.department_id.or(before.department_id),
            ends_at: told.ends_at.or(before.ends_at.filter(|_| told.starts_at == before.starts_at)),
            sensitive: told.sensitive || before.sensitive,
            ..told
        }))
    }
}
