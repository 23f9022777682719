//! Reads summaries, from a grant for one chart.

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, IntoSimpleExpr, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};

use crate::{
    access::{Grant, policy::ViewSummaries},
    base::{
        error::Error,
        i18n::Texts,
        ids::VisitId,
        terms::{quantity, vital_sign},
    },
    record::{
        note::{
            entity::note,
            model::{Block, Disclosure, Format, Kind, blocks},
            wire::Body,
        },
        release,
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
    let (visit, head) = head::of(grant, id).await?;
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
    let (written, notes): (Vec<_>, Vec<_>) = documents(grant, id).await?.into_iter().partition(|found| found.kind == Kind::Instructions);
    let mut instructions: Vec<Body> = written
        .into_iter()
        .map(|found| if found.format == Format::Html { Body::Html(found.body) } else { Body::Blocks(blocks(&found.body)) })
        .collect();
    let planned: Vec<String> = section(Section::Instruction).into_iter().map(|line| line.text).collect();
    if !planned.is_empty() {
        instructions.push(Body::Blocks(vec![Block::List(planned)]));
    }
    Ok(Summary {
        visit: head,
        reason: visit.reason,
        diagnoses: section(Section::Diagnosis),
        vitals: section(Section::Vital),
        started: section(Section::MedicineStart),
        changed: section(Section::MedicineChange),
        stopped: section(Section::MedicineStop),
        tests: section(Section::Test),
        instructions,
        follow_ups: section(Section::FollowUp),
        has_notes: !notes.is_empty(),
    })
}

/// Instructions that are shown, and notes that its reader may know of; the text of a result that waits, waits with it. Of notes,
/// only that they are there counts: their text stays where it is.
async fn documents(grant: &Grant<ViewSummaries>, visit: VisitId) -> Result<Vec<Document>, Error> {
    let shown = Condition::all().add(note::Column::Kind.eq(Kind::Instructions)).add(note::Column::Disclosure.eq(Disclosure::Shown));
    let known = Condition::all()
        .add(note::Column::Kind.eq(Kind::Note))
        .add(note::Column::Disclosure.ne(Disclosure::Hidden))
        .add(release::notes_for(grant));
    let all = note::Entity::find()
        .select_only()
        .columns([note::Column::Kind, note::Column::Format])
        .expr_as(Expr::case(note::Column::Kind.eq(Kind::Instructions), note::Column::Body.into_simple_expr()).finally(""), "body")
        .filter(note::Column::PatientId.eq(grant.patient().0))
        .filter(note::Column::VisitId.eq(visit.0))
        .filter(Condition::any().add(shown).add(known))
        .order_by_asc(note::Column::SignedAt);
    let all = if grant.sees_sensitive() { all } else { all.filter(note::Column::Sensitive.eq(false)) };
    Ok(all.into_model::<Document>().all(grant.db()).await?)
}

#[derive(FromQueryResult)]
struct Document {
    kind: Kind,
    format: Format,
    body: String,
}

/// The same words twice, told by two resources, are one line.
fn lines<'a>(t: Texts, items: impl Iterator<Item = &'a summary_item::Model>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for item in items {
        let (mut text, mut detail) = (item.text.clone(), item.detail.clone());
        if item.section == Section::Vital {
            (text, detail) = (vital_sign(t, "", &text), detail.map(|said| quantity(t, &said)));
        }
        let line = Line { text, detail, due: item.due_on.map(|day| t.date(day)) };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}
