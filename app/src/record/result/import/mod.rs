//! Observation and DiagnosticReport → values, and the reports that group them.
//!
//! Shown are final, amended and corrected ones; what is preliminary, cancelled or entered in error is kept and not shown.

pub mod class;
mod earlier;
mod group;
mod head;
mod value;

use std::collections::{HashMap, HashSet};

use chrono::Utc;
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict};
use uuid::Uuid;

use self::{
    class::Class,
    earlier::Earlier,
    group::Place,
    head::{Head, Taken, head, is_inside, is_panel, title},
    value::{contained_values, values_of},
};
use super::{
    entity::{measurement, test_result},
    model::Kind,
    range::{Person, Sex},
};
use crate::{
    people::patient,
    record::{
        fhir,
        import::{CHUNK, Context, Incoming, insert_all, of_type},
        note::{entity::note, model::Disclosure},
    },
};
pub use head::members;

pub async fn all(context: &mut Context<'_>, rows: &[Incoming<'_>]) -> Result<Vec<Uuid>, DbErr> {
    let earlier = Earlier::take_back(context.tx, rows).await?;
    let people = people(context.tx, rows).await?;
    let observations: Vec<Head<'_>> =
        of_type(rows, "Observation").filter_map(|row| head(context, row)).filter(|head| head.class != Class::Social).collect();
    let reports = reports(context, rows);
    let places = group::places(context, rows, &reports, &observations);
    let mut values: Vec<measurement::ActiveModel> = Vec::new();
    for head in &observations {
        values.extend(values_of(head, places.get(&head.row.id), &earlier, people.get(&head.patient).copied(), context.zone));
    }
    for head in reports.iter().chain(&observations) {
        values.extend(contained_values(head, places.get(&head.row.id), &earlier, people.get(&head.patient).copied(), context.zone));
    }
    let texts = texts(context.tx, &reports).await?;
    let mut results: Vec<test_result::ActiveModel> = Vec::new();
    for report in &reports {
        results.extend(result(report, &earlier, texts.get(&report.row.id).copied()));
    }
    for head in alone(&observations, &places, &values) {
        results.extend(result(head, &earlier, None));
    }
    name_for_search(rows, &places, &values, &mut results);
    let panels = of_type(rows, "Observation").filter(|row| places.contains_key(&row.id) && is_panel(row.value)).map(|row| row.id);
    let shown: Vec<Uuid> = values
        .iter()
        .map(|value| *value.resource_id.as_ref())
        .chain(results.iter().map(|found| *found.id.as_ref()))
        .chain(panels)
        .collect();
    let conflict = OnConflict::column(measurement::Column::Id).do_nothing().to_owned();
    insert_all!(context.tx, measurement::Entity, values, conflict.clone());
    let conflict = OnConflict::column(test_result::Column::Id).do_nothing().to_owned();
    insert_all!(context.tx, test_result::Entity, results, conflict.clone());
    Ok(shown)
}

/// Sex and birth date of everybody in whose chart something comes, for their ranges.
async fn people(tx: &DatabaseTransaction, rows: &[Incoming<'_>]) -> Result<HashMap<Uuid, Person>, DbErr> {
    let ids: HashSet<Uuid> = of_type(rows, "Observation").chain(of_type(rows, "DiagnosticReport")).filter_map(|row| row.patient).collect();
    let mut people = HashMap::new();
    for chunk in ids.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
        let found = patient::Entity::find().filter(patient::Column::Id.is_in(chunk.iter().copied())).all(tx).await?;
        people.extend(
            found.into_iter().map(|row| (row.id, Person { sex: row.sex.as_deref().and_then(Sex::of), born: row.known_birth_date() })),
        );
    }
    Ok(people)
}

/// The reports that are results, the oldest first. One that only wraps a visit's note stays with the visit.
fn reports<'a>(context: &mut Context<'_>, rows: &[Incoming<'a>]) -> Vec<Head<'a>> {
    let mut reports: Vec<Head<'a>> = of_type(rows, "DiagnosticReport").filter_map(|row| head(context, row)).collect();
    reports.retain(|report| {
        let is_result = report.class != Class::Result(Kind::Other) || report.row.value["conclusion"].is_string();
        let mut named = members(report.row.value);
        is_result || named.any(|member| is_inside(member) || context.links.resolve(report.row.id, member).is_some())
    });
    reports.sort_by_key(|report| report.row.id);
    reports
}

/// The texts of these reports that may be read, by the reports' ids.
async fn texts(tx: &DatabaseTransaction, reports: &[Head<'_>]) -> Result<HashMap<Uuid, Uuid>, DbErr> {
    let mut texts = HashMap::new();
    for chunk in reports.chunks(CHUNK) {
        let found: Vec<(Uuid, Uuid)> = note::Entity::find()
            .select_only()
            .columns([note::Column::ResourceId, note::Column::Id])
            .filter(note::Column::ResourceId.is_in(chunk.iter().map(|report| report.row.id)))
            .filter(note::Column::Disclosure.eq(Disclosure::Shown))
            .into_tuple()
            .all(tx)
            .await?;
        texts.extend(found);
    }
    Ok(texts)
}

/// The observations that are results themselves: they stand in no other, and there is something to show of them.
fn alone<'a>(
    observations: &'a [Head<'a>],
    places: &HashMap<Uuid, Place>,
    values: &[measurement::ActiveModel],
) -> impl Iterator<Item = &'a Head<'a>> {
    let filled: HashSet<Uuid> =
        places.values().map(|place| place.result).chain(values.iter().map(|value| *value.resource_id.as_ref())).collect();
    let placed: HashSet<Uuid> = places.keys().copied().collect();
    observations.iter().filter(move |head| {
        let is_empty_panel = is_panel(head.row.value) && !filled.contains(&head.row.id);
        matches!(head.class, Class::Result(_)) && !placed.contains(&head.row.id) && !is_empty_panel
    })
}

fn result(head: &Head<'_>, earlier: &Earlier, note_id: Option<Uuid>) -> Option<test_result::ActiveModel> {
    let Class::Result(kind) = head.class else { return None };
    let taken = head.taken.clone().unwrap_or_else(Taken::unsaid);
    let value = head.row.value;
    let issued_at = fhir::instant(&value["issued"]);
    let conclusion = value["conclusion"].as_str();
    Some(test_result::ActiveModel {
        id: Set(head.row.id),
        patient_id: Set(head.patient),
        kind: Set(kind),
        title: Set(head.title.clone()),
        search_title: Set(head.title.to_lowercase()),
        status: Set(head.status),
        taken_at: Set(taken.at),
        taken: Set(Some(taken.when.to_stored())),
        timed: Set(taken.timed()),
        issued_at: Set(issued_at),
        available_at: Set(earlier.result_since(head.row.id, head.status, issued_at.unwrap_or_else(|| taken.released(Utc::now())))),
        conclusion: Set(conclusion.map(str::to_owned)),
        conclusion_before: Set(earlier.conclusion_before(head.row.id, head.status, conclusion)),
        note_id: Set(note_id),
        sensitive: Set(head.sensitive),
    })
}

/// Who looks for "LDL" finds the lipid panel. The name of a sensitive value leads to no result that is not sensitive itself:
/// whoever may not see the value would learn of it.
fn name_for_search(
    rows: &[Incoming<'_>],
    places: &HashMap<Uuid, Place>,
    values: &[measurement::ActiveModel],
    results: &mut [test_result::ActiveModel],
) {
    let mut names: HashMap<Uuid, Vec<(String, bool)>> = HashMap::new();
    for value in values {
        let (result, name): (&Option<Uuid>, &String) = (value.result_id.as_ref(), value.name.as_ref());
        if let Some(result) = result {
            names.entry(*result).or_default().push((name.to_lowercase(), *value.sensitive.as_ref()));
        }
    }
    for row in of_type(rows, "Observation").filter(|row| is_panel(row.value)) {
        if let (Some(place), Some(title)) = (places.get(&row.id), title(&row.value["code"])) {
            names.entry(place.result).or_default().push((title.to_lowercase(), place.sensitive));
        }
    }
    for found in results {
        let title: &String = found.search_title.as_ref();
        let mut all = vec![title.clone()];
        for (name, sensitive) in names.remove(found.id.as_ref()).unwrap_or_default() {
            if (!sensitive || *found.sensitive.as_ref()) && !all.contains(&name) {
                all.push(name);
            }
        }
        found.search_title = Set(all.join("\n"));
    }
}
