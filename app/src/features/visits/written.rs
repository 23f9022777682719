//! Which visits have something to read, as far as their reader may know of it.

use std::collections::HashSet;

use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::{
    access::{Grant, policy::ViewVisits},
    platform::batch::{Batch, Columns, Rows},
    record::{
        note::{
            entity::note,
            model::{Disclosure, Kind},
        },
        release,
        summary::entity::summary_item,
    },
};

#[derive(Default)]
pub(super) struct Written {
    pub(super) notes: HashSet<Uuid>,
    /// Lines of a summary, or instructions.
    pub(super) summaries: HashSet<Uuid>,
}

#[derive(FromQueryResult)]
struct Text {
    visit_id: Option<Uuid>,
    kind: Kind,
}

#[derive(FromQueryResult)]
struct Line {
    visit_id: Uuid,
}

impl Written {
    pub(super) fn ask(
        batch: &mut Batch,
        grant: &Grant<ViewVisits>,
        visits: Vec<Uuid>,
    ) -> impl FnOnce(&mut Rows) -> Result<Self, DbErr> + use<> {
        let asked = (grant.sees_clinical() && !visits.is_empty()).then(|| {
            let known = Condition::all()
                .add(note::Column::Kind.eq(Kind::Note))
                .add(note::Column::Disclosure.ne(Disclosure::Hidden))
                .add(release::notes_for(grant));
            let shown = Condition::all().add(note::Column::Kind.eq(Kind::Instructions)).add(note::Column::Disclosure.eq(Disclosure::Shown));
            let mut texts = note::Entity::find()
                .distinct()
                .filter(note::Column::VisitId.is_in(visits.iter().copied()))
                .filter(Condition::any().add(known).add(shown));
            let mut lines = summary_item::Entity::find().distinct().filter(summary_item::Column::VisitId.is_in(visits));
            if !grant.sees_sensitive() {
                texts = texts.filter(note::Column::Sensitive.eq(false));
                lines = lines.filter(summary_item::Column::Sensitive.eq(false));
            }
            let texts = batch.ask_columns::<_, Text>(texts, Columns::default().of([note::Column::VisitId, note::Column::Kind]));
            (texts, batch.ask_columns::<_, Line>(lines, Columns::default().of([summary_item::Column::VisitId])))
        });
        move |answers| {
            let Some((texts, lines)) = asked else { return Ok(Self::default()) };
            let mut found = Self::default();
            for text in answers.take(texts)? {
                let of = if text.kind == Kind::Note { &mut found.notes } else { &mut found.summaries };
                of.extend(text.visit_id);
            }
            found.summaries.extend(answers.take(lines)?.into_iter().map(|line| line.visit_id));
            Ok(found)
        }
    }
}
