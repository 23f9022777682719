//! The pages of the summary as chapters of a record that is read outside of the portal, and its cover.

use uuid::Uuid;

use super::{
    entry::added,
    item::uncontradicted,
    line::{absent, nothing_recorded},
    page::HealthPage,
    sections::sections,
    store::{self, Item},
};
use crate::{
    access::{DelegatedAccess, Grant, policy::ViewHealthSummary},
    base::{clock::local_date, error::Error, ids::PatientId, period::Period, terms::document_type},
    record::{
        chapter::Content,
        item::model::{Kind, State},
        note::{addenda, parts::text},
    },
    view::{document::Part, sections::Tag},
};

/// Name, and the line with the birth date, for the cover of a record that is taken along.
///
/// # Errors
/// `NotFound` when the chart is closed to the reader.
pub async fn cover(reader: &DelegatedAccess, patient: PatientId) -> Result<(String, String), Error> {
    let grant = reader.allow::<ViewHealthSummary>(patient)?;
    let (person, t) = (grant.person()?, grant.texts());
    Ok((person.full_name.clone(), t.health_born(&t.when_as_said(&person.born()))))
}

/// The items of a page.
///
/// # Errors
/// `NotFound` when the chart is closed to the reader; when the database fails.
pub(super) async fn page(reader: &DelegatedAccess, patient: PatientId, period: Period, page: HealthPage) -> Result<Content, Error> {
    items(&reader.allow::<ViewHealthSummary>(patient)?, period, page).await
}

async fn items(grant: &Grant<ViewHealthSummary>, period: Period, page: HealthPage) -> Result<Content, Error> {
    let (t, kinds) = (grant.texts(), page.kinds());
    // Of a list that is kept, what is not over holds in every period.
    let is_kept = |kind| {
        matches!(kind, Kind::Allergy | Kind::CarePlan | Kind::CareTeam | Kind::Condition | Kind::Device | Kind::Goal | Kind::Medication)
    };
    let is_over = |state| matches!(state, State::Past | State::NotDone | State::Done);
    let lasts = |item: &Item| item.state == State::Active || item.at.is_none() || (is_kept(item.kind) && !is_over(item.state));
    let all = store::all(grant, kinds).await?;
    let absences = store::absences(grant, kinds).await?;
    let told: Vec<&Item> = all.iter().collect();
    let said: Vec<Uuid> = uncontradicted(&told, &absences).map(|(resource, _)| resource).collect();
    let mut parts: Vec<Part> = absent(t, kinds[0], &told, &absences).into_iter().map(Part::text).collect();
    let is_recorded = !all.is_empty();
    let items: Vec<Item> = all
        .into_iter()
        .filter(|item| lasts(item) || item.at.as_ref().and_then(|at| at.day(grant.zone())).is_some_and(|day| period.holds_day(day)))
        .collect();
    let resources = items.iter().flat_map(Item::resources).chain(said).collect();
    let title = page.title(t).to_owned();
    if items.is_empty() {
        if parts.is_empty() {
            parts.push(Part::text(if is_recorded { t.portable_none_in_period() } else { nothing_recorded(t, kinds[0]) }));
        }
        return Ok((title, parts, resources));
    }
    let added = added(grant, &items).await?;
    for (heading, entries) in sections(grant, page, &items, &added) {
        if !heading.is_empty() {
            parts.push(Part::Heading(heading));
        }
        parts.extend(entries);
    }
    Ok((title, parts, resources))
}

/// Letters and other texts that belong to no visit, word for word; of files, what they are.
///
/// # Errors
/// As [`page`].
pub(super) async fn documents(reader: &DelegatedAccess, patient: PatientId, period: Period) -> Result<Content, Error> {
    let grant = reader.allow::<ViewHealthSummary>(patient)?;
    let (t, zone) = (grant.texts(), grant.zone());
    let (heading, files, mut resources) = items(&grant, period, HealthPage::Documents).await?;
    let mut parts = Vec::new();
    let letters = addenda::grouped(store::letters(&grant).await?);
    for (letter, is_addendum) in letters.into_iter().flat_map(|(letter, behind)| {
        let alone = letter.addendum_to.is_some();
        std::iter::once((letter, alone)).chain(behind.into_iter().map(|addendum| (addendum, true)))
    }) {
        if letter.signed_at.is_some_and(|at| !period.holds(at, zone)) {
            continue;
        }
        let lines = [letter.signed_at.map(|at| t.date(local_date(at, &zone))), letter.author_name.clone()];
        resources.push(letter.resource_id);
        parts.push(Part::Entry {
            title: document_type(t, &letter.title),
            tag: is_addendum.then(|| Tag::muted(t.notes_addendum())),
            lines: lines.into_iter().flatten().collect(),
            parts: text(&letter),
        });
    }
    if parts.is_empty() || files.iter().any(|part| matches!(part, Part::Entry { .. })) {
        parts.extend(files);
    }
    Ok((heading, parts, resources))
}
