//! By whom and where somebody was seen.

use std::collections::HashSet;

use chrono::{DateTime, Months, Utc};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{entity::visit_kind_clinician, model::SEEN_MONTHS};
use crate::{
    people::patient::with_merged,
    platform::batch::{Batch, Columns, Rows},
    record::visit::{
        entity::{visit, visit_clinician},
        model::Status,
    },
};

/// By whom and where a person was seen within 36 months.
pub(super) struct Seen {
    clinicians: HashSet<Uuid>,
    departments: HashSet<Uuid>,
}

/// A visit that was.
#[derive(FromQueryResult)]
struct Visited {
    department_id: Option<Uuid>,
}

/// Somebody who saw the person.
#[derive(FromQueryResult)]
struct SeenBy {
    clinician_id: Uuid,
}

impl Seen {
    pub(super) fn ask(batch: &mut Batch, patient: Uuid, now: DateTime<Utc>) -> impl FnOnce(&mut Rows) -> Result<Self, DbErr> + use<> {
        let since = now.checked_sub_months(Months::new(SEEN_MONTHS)).unwrap_or(now);
        let visits = visit::Entity::find()
            .filter(visit::Column::PatientId.in_subquery(with_merged(patient).into_query()))
            .filter(visit::Column::Status.eq(Status::Finished))
            .filter(visit::Column::StartsAt.gte(since));
        let ids = visits.clone().select_only().column(visit::Column::Id).into_query();
        let clinicians = visit_clinician::Entity::find().distinct().filter(visit_clinician::Column::VisitId.in_subquery(ids));
        let departments = batch.ask_columns::<_, Visited>(visits.distinct(), Columns::default().of([visit::Column::DepartmentId]));
        let clinicians = batch.ask_columns::<_, SeenBy>(clinicians, Columns::default().of([visit_clinician::Column::ClinicianId]));
        move |answers| {
            Ok(Self {
                clinicians: answers.take(clinicians)?.into_iter().map(|row| row.clinician_id).collect(),
                departments: answers.take(departments)?.into_iter().filter_map(|row| row.department_id).collect(),
            })
        }
    }

    pub(super) fn by(&self, row: &visit_kind_clinician::Model) -> bool {
        self.clinicians.contains(&row.clinician_id) || self.departments.contains(&row.department_id)
    }
}
