use crate::{
    access::{Grant, policy::ViewVisits},
    base::{error::Error, i18n::Texts},
    desk::scheduling::{
        act::{kind_of, visit_of},
        entity::{booking, visit_kind},
        kinds,
        model::Owner,
        words::way,
    },
    record::{
        care_team::entity::{clinician, department},
        visit::entity::{visit, visit_clinician},
    },
    view::document::Part,
};
use uuid::Uuid;

/// A visit with all that belongs to it.
pub struct Whole {
    pub visit: visit::Model,
    pub booking: Option<booking::Model>,
    pub kind: Option<visit_kind::Model>,
    pub place: Option<department::Model>,
    pub people: Vec<clinician::Model>,
    pub outside: bool,
}

impl Whole {
    /// # Errors
    /// `NotFound` for a visit that is not of this chart.
    pub async fn of(grant: &Grant<ViewVisits>, id: Uuid) -> Result<Self, Error> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
        let (visit, booking) = visit_of(grant, id).await?;
        let db = grant.db();
        let place = match visit.department_id {
            Some(id) => department::Entity::find_by_id(id).one(db).await?,
            None => None,
        };
        let with = visit_clinician::Entity::find()
            .select_only()
            .column(visit_clinician::Column::ClinicianId)
            .filter(visit_clinician::Column::VisitId.eq(id))
            .into_query();
        let people = clinician::Entity::find().filter(clinician::Column::Id.in_subquery(with)).order_by_asc(clinician::Column::Name);
        let office = match &place {
            Some(place) => kinds::office(db, place.id).await?,
            None => None,
        };
        Ok(Self {
            kind: kind_of(db, booking.as_ref()).await?,
            people: people.all(db).await?,
            outside: office.is_some_and(|office| office.owner == Owner::Outside),
            visit,
            booking,
            place,
        })
    }

    pub fn title(&self, t: Texts) -> String {
        self.kind.as_ref().map_or_else(|| self.visit.title.clone(), |kind| kinds::name(t, kind).to_owned())
    }

    pub fn facts(&self, t: Texts, zone: &chrono_tz::Tz, clinical: bool) -> Part {
        let names: Vec<String> = self.people.iter().map(|found| found.name.clone()).chain(self.visit.named_clinicians.clone()).collect();
        let booking = self.booking.as_ref();
        Part::facts([
            (t.appointments_when(), self.visit.starts_at.map(|at| t.date_and_time(at, zone))),
            (t.appointments_how_long(), self.minutes().map(|minutes| t.visits_minutes(&minutes.to_string()))),
            (t.appointments_with_whom(), Some(names.join(", ")).filter(|names| !names.is_empty())),
            (t.appointments_where(), self.place.as_ref().map(|place| place.name.clone())),
            (t.appointments_how(), way(t, self.visit.kind).map(str::to_owned)),
            (
                t.appointments_address(),
                self.place.as_ref().and_then(|place| place.address.clone()).filter(|_| way(t, self.visit.kind).is_none()),
            ),
            (t.appointments_reason(), self.visit.reason.clone().filter(|_| clinical)),
            (t.appointments_interpreter(), booking.and_then(|booking| booking.interpreter.clone())),
            (t.appointments_needs(), booking.and_then(|booking| booking.needs.clone()).filter(|_| clinical)),
        ])
    }

    fn minutes(&self) -> Option<i64> {
        let minutes = (self.visit.ends_at? - self.visit.starts_at?).num_minutes();
        (1..=720).contains(&minutes).then_some(minutes)
    }
}
