//! Reads summaries, from a grant for one chart.

use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Select};

use crate::{
    access::{Grant, policy::ViewSummaries},
    base::{error::Error, i18n::Texts, ids::VisitId},
    record::{
        note::{
            entity::note,
            model::{Block, Disclosure, Format, Kind, blocks},
            wire::Body,
        },
        release::Release,
        summary::{
            entity::summary_item,
            head,
            model::Section,
            wire::{Line, Summary},
        },
        visit::model::Status,
    },
};

/// # Errors
/// `NotFound` when the visit is not in this chart or did not take place.
pub async fn of_visit(grant: &Grant<ViewSummaries>, id: VisitId) -> Result<Summary, Error> {
    let visit = head::visit(grant, id).await?;
    if visit.encounter_id.is_none() || visit.status != Status::Finished {
        return Err(Error::NotFound);
    }
    let mut items = summary_item::Entity::find()
        .filter(summary_item::Column::PatientId.eq(grant.patient().0))
        .filter(summary_item::Column::VisitId.eq(id.0));
    if !grant.sees_sensitive() {
        items = items.filter(summary_item::Column::Sensitive.eq(false));
    }
    let items = items.order_by_asc(summary_item::Column::Position).order_by_asc(summary_item::Column::Id).all(grant.db()).await?;
    let t = grant.texts();
    let section = |section: Section| lines(t, items.iter().filter(|item| item.section == section));
    let written = documents(grant, id, Kind::Instructions)
        .filter(note::Column::Disclosure.eq(Disclosure::Shown))
        .order_by_asc(note::Column::SignedAt)
        .all(grant.db())
        .await?;
    let mut instructions: Vec<Body> = written
        .into_iter()
        .map(|found| if found.format == Format::Html { Body::Html(found.body) } else { Body::Blocks(blocks(&found.body)) })
        .collect();
    let planned: Vec<String> = section(Section::Instruction).into_iter().map(|line| line.text).collect();
    if !planned.is_empty() {
        instructions.push(Body::Blocks(vec![Block::List(planned)]));
    }
    let notes = documents(grant, id, Kind::Note)
        .filter(note::Column::Disclosure.ne(Disclosure::Hidden))
        .filter(Release::for_reader(grant).await?.notes())
        .count(grant.db())
        .await?;
    Ok(Summary {
        visit: head::of(grant, id).await?,
        reason: visit.reason,
        diagnoses: section(Section::Diagnosis),
        vitals: section(Section::Vital),
        started: section(Section::MedicineStart),
        changed: section(Section::MedicineChange),
        stopped: section(Section::MedicineStop),
        tests: section(Section::Test),
        instructions,
        follow_ups: section(Section::FollowUp),
        has_notes: notes > 0,
    })
}

fn documents(grant: &Grant<ViewSummaries>, visit: VisitId, kind: Kind) -> Select<note::Entity> {
    let all = note::Entity::find()
        .filter(note::Column::PatientId.eq(grant.patient().0))
        .filter(note::Column::VisitId.eq(visit.0))
        .filter(note::Column::Kind.eq(kind));
    if grant.sees_sensitive() { all } else { all.filter(note::Column::Sensitive.eq(false)) }
}

/// The same words twice, told by two resources, are one line.
fn lines<'a>(t: Texts, items: impl Iterator<Item = &'a summary_item::Model>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for item in items {
        let line = Line { text: item.text.clone(), detail: item.detail.clone(), due: item.due_on.map(|day| t.date(day)) };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}
