use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::{
    base::i18n::Texts,
    desk::scheduling::{
        entity::{booking, scheduling_office, visit_kind},
        kinds,
        model::Owner,
        words::way,
    },
    people::folding::folded,
    platform::batch::{Batch, Rows},
    record::{
        care_team::entity::{clinician, department},
        visit::entity::{visit, visit_clinician},
    },
    view::document::Part,
};

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
    /// Asks for what belongs to a visit that the caller was let see.
    pub fn ask(
        batch: &mut Batch,
        visit: visit::Model,
        booking: Option<booking::Model>,
    ) -> impl FnOnce(&mut Rows) -> Result<Self, DbErr> + use<> {
        let with = visit_clinician::Entity::find()
            .select_only()
            .column(visit_clinician::Column::ClinicianId)
            .filter(visit_clinician::Column::VisitId.eq(visit.id))
            .into_query();
        let people = batch.ask(clinician::Entity::find().filter(clinician::Column::Id.in_subquery(with)));
        let place = visit.department_id.map(|id| batch.ask(department::Entity::find_by_id(id)));
        let office = visit.department_id.map(|id| batch.ask(scheduling_office::Entity::find_by_id(id)));
        let kind = booking.as_ref().and_then(|booking| booking.kind_id).map(|id| batch.ask(visit_kind::Entity::find_by_id(id)));
        move |answers| {
            let mut people = answers.take(people)?;
            people.sort_by_cached_key(|person| folded(&person.name));
            let outside = answers.take(office)?.pop().is_some_and(|office| office.owner == Owner::Outside);
            let (kind, place) = (answers.take(kind)?.pop(), answers.take(place)?.pop());
            Ok(Self { visit, booking, kind, place, people, outside })
        }
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
