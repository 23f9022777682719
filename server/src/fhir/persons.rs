//! Which Patient resources are one person's, and so one chart.
//!
//! FHIR R4, Patient.link: within a source, records that replace each other or speak of the same person. Across sources: those that
//! bear the same identifier of a system that the organisation trusts, when the persons agree. And those that the front desk joined.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use app::{
    people::{
        patient,
        patient_record::{self, join, link},
    },
    record::{fhir, resource::entity::fhir_alias},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict,
};
use uuid::Uuid;

use super::{
    groups::groups,
    links::Links,
    merge,
    patient_link::{self, Node, load},
    person::Person,
    reference,
    store::{CHUNK, Row},
};

/// In front of the names by which persons are joined whatever source they come from.
pub const EVERYWHERE: &str = "*";

/// The names that trusted identifiers give a Patient resource.
pub fn trusted_names(row: &Row, trusted: &[String]) -> Vec<String> {
    if row.resource_type != "Patient" {
        return Vec::new();
    }
    let is_trusted = |(system, _): &(&str, &str)| trusted.iter().any(|trusted| trusted == system);
    let name = |(system, value): (&str, &str)| reference::in_source(EVERYWHERE, &format!("Patient?identifier={system}|{value}"));
    reference::identities("Patient", &row.value).filter(is_trusted).map(name).collect()
}

/// The record number of a patient, in words.
pub async fn record(tx: &impl ConnectionTrait, patient: Uuid) -> Result<String, DbErr> {
    let number = patient::Entity::find_by_id(patient).one(tx).await?.and_then(|found| found.mrn);
    Ok(number.map_or_else(|| "a record without a number".into(), |number| format!("record {number}")))
}

/// What has to be mapped because persons were joined or parted.
#[derive(Default)]
pub struct Regrouped {
    /// Patient resources that share a chart with those that came in.
    pub resources: HashSet<Uuid>,
    /// Charts whose resources may be in another chart now.
    pub charts: HashSet<Uuid>,
    /// Patient resources that are in no chart with others although they bear one trusted identifier: the persons do not agree.
    pub disagreeing: u64,
}

/// Finds the chart of each Patient resource among the rows: `links.patients` has those that are there already.
pub async fn regroup(tx: &impl ConnectionTrait, links: &mut Links, rows: &[&Row], fresh: &HashSet<Uuid>) -> Result<Regrouped, DbErr> {
    let rows: Vec<&&Row> = rows.iter().filter(|row| row.resource_type == "Patient").collect();
    let mut found = Regrouped::default();
    if rows.is_empty() {
        return Ok(found);
    }
    let mut nodes: BTreeMap<Uuid, Node> = BTreeMap::new();
    for row in &rows {
        nodes.insert(row.id, Node { source: row.source.clone(), last_updated: row.last_updated, value: row.value.clone() });
    }
    let came: HashSet<Uuid> = nodes.keys().copied().collect();
    patient_link::state(tx, links, &nodes, &came, fresh).await?;

    let mut edges: Vec<(Uuid, Uuid, bool)> = Vec::new();
    let mut records: HashMap<Uuid, Uuid> = HashMap::new();
    let mut bearing: BTreeMap<String, BTreeSet<Uuid>> = BTreeMap::new();
    let mut next: Vec<Uuid> = came.iter().copied().collect();
    while !next.is_empty() {
        let mut reached: HashSet<Uuid> = HashSet::new();
        for chunk in next.chunks(CHUNK) {
            let ids = || chunk.iter().copied();
            let either = Condition::any().add(link::Column::FromId.is_in(ids())).add(link::Column::ToId.is_in(ids()));
            for stated in link::Entity::find().filter(either).all(tx).await? {
                edges.push((stated.from_id, stated.to_id, stated.replaced));
                reached.extend([stated.from_id, stated.to_id]);
            }
            let either = Condition::any().add(join::Column::FromId.is_in(ids())).add(join::Column::ToId.is_in(ids()));
            for joined in join::Entity::find().filter(either).filter(join::Column::UndoneAt.is_null()).all(tx).await? {
                edges.push((joined.from_id, joined.to_id, true));
                reached.extend([joined.from_id, joined.to_id]);
            }
            let own = fhir_alias::Entity::find()
                .filter(fhir_alias::Column::ResourceId.is_in(ids()))
                .filter(fhir_alias::Column::Alias.starts_with(format!("{EVERYWHERE}|")));
            let names: Vec<String> = own.all(tx).await?.into_iter().map(|name| name.alias).collect();
            for found in fhir_alias::Entity::find().filter(fhir_alias::Column::Alias.is_in(names)).all(tx).await? {
                reached.insert(found.resource_id);
                bearing.entry(found.alias).or_default().insert(found.resource_id);
            }
            let own = patient_record::Entity::find().filter(patient_record::Column::ResourceId.is_in(ids())).all(tx).await?;
            let charts: Vec<Uuid> = own.iter().map(|record| record.patient_id).collect();
            for found in patient_record::Entity::find().filter(patient_record::Column::PatientId.is_in(charts)).all(tx).await? {
                records.insert(found.resource_id, found.patient_id);
                reached.insert(found.resource_id);
            }
        }
        next = reached.into_iter().filter(|id| !nodes.contains_key(id)).collect();
        load(tx, &mut nodes, &next).await?;
        next.retain(|id| nodes.contains_key(id));
    }
    for bearers in bearing.values() {
        let mut earlier: Vec<(Uuid, Person)> = Vec::new();
        for id in bearers {
            let person = Person::of(&nodes[id].value);
            match earlier.iter().find(|(_, known)| known.agrees(&person)) {
                Some((first, _)) => edges.push((*id, *first, false)),
                None if earlier.is_empty() => {}
                None => found.disagreeing += 1,
            }
            earlier.push((*id, person));
        }
    }
    let heads = heads(tx, &nodes).await?;
    for group in groups(&nodes.keys().copied().collect(), &edges) {
        place(tx, links, &nodes, &edges, &group, &records, &heads, &mut found).await?;
    }
    found.resources.retain(|id| !came.contains(id));
    Ok(found)
}

/// A chart, and the one that it went into.
#[derive(Clone, Copy)]
struct Headed {
    chart: Uuid,
    merged_into: Option<Uuid>,
}

/// The charts that these resources head, by the resources.
async fn heads(tx: &impl ConnectionTrait, nodes: &BTreeMap<Uuid, Node>) -> Result<HashMap<Uuid, Headed>, DbErr> {
    let (mut heads, ids): (_, Vec<Uuid>) = (HashMap::new(), nodes.keys().copied().collect());
    for chunk in ids.chunks(CHUNK) {
        let found: Vec<(Uuid, Uuid, Option<Uuid>)> = patient::Entity::find()
            .select_only()
            .columns([patient::Column::ResourceId, patient::Column::Id, patient::Column::MergedInto])
            .filter(patient::Column::ResourceId.is_in(chunk.iter().copied()))
            .into_tuple()
            .all(tx)
            .await?;
        heads.extend(found.into_iter().map(|(id, chart, merged_into)| (id, Headed { chart, merged_into })));
    }
    Ok(heads)
}

/// Puts a group into one chart.
#[expect(clippy::too_many_arguments, reason = "what is known of all groups, read once")]
async fn place(
    tx: &impl ConnectionTrait,
    links: &mut Links,
    nodes: &BTreeMap<Uuid, Node>,
    edges: &[(Uuid, Uuid, bool)],
    group: &[Uuid],
    records: &HashMap<Uuid, Uuid>,
    heads: &HashMap<Uuid, Headed>,
    found: &mut Regrouped,
) -> Result<(), DbErr> {
    let leader = leader(nodes, edges, group, heads);
    let led: BTreeMap<Uuid, Option<Uuid>> =
        group.iter().filter_map(|id| heads.get(id)).map(|head| (head.chart, head.merged_into)).collect();
    // The one that it stands in already, unless somebody else heads that.
    let is_own = |chart: &Uuid| led.contains_key(chart) || !heads.values().any(|head| head.chart == *chart);
    let own = heads.get(&leader).map(|head| head.chart).or_else(|| records.get(&leader).copied().filter(is_own));
    let chart = match (own, led.keys().next()) {
        (None, Some(other)) => Some(merge::beside(tx, *other, leader).await?),
        (own, _) => own,
    };
    let Some(chart) = chart else {
        // Nobody has a chart yet: the map of persons makes one, for the leader. Others of a group follow it there.
        let chart = app::base::ids::new_id();
        if group.len() > 1 || records.contains_key(&leader) {
            set(tx, links, group, chart, records, found).await?;
            links.leaders.insert(chart, leader);
        }
        return Ok(());
    };
    // Whatever went elsewhere comes back first, so that each chart knows what is its own.
    for (other, before) in &led {
        if before.is_some_and(|before| *other == chart || before != chart) {
            merge::undo(tx, *other).await?;
            found.charts.extend([Some(*other), *before].into_iter().flatten());
        }
    }
    for other in led.keys().filter(|other| **other != chart) {
        merge::into(tx, *other, chart).await?;
        found.charts.insert(*other);
    }
    set(tx, links, group, chart, records, found).await?;
    if group.len() > 1 {
        found.resources.extend(group);
    }
    links.leaders.insert(chart, leader);
    Ok(())
}

async fn set(
    tx: &impl ConnectionTrait,
    links: &mut Links,
    group: &[Uuid],
    chart: Uuid,
    records: &HashMap<Uuid, Uuid>,
    found: &mut Regrouped,
) -> Result<(), DbErr> {
    for id in group {
        links.patients.insert(*id, chart);
        let before = records.get(id);
        if before == Some(&chart) {
            continue;
        }
        found.charts.extend(before);
        let record = patient_record::ActiveModel { resource_id: Set(*id), patient_id: Set(chart) };
        let conflict = OnConflict::column(patient_record::Column::ResourceId).update_column(patient_record::Column::PatientId).to_owned();
        patient_record::Entity::insert(record).on_conflict(conflict).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The resource whose demographics count: one that is not replaced and can be told, of these one to which others refer, of these
/// the one that heads a chart already, of these the oldest.
fn leader(nodes: &BTreeMap<Uuid, Node>, edges: &[(Uuid, Uuid, bool)], group: &[Uuid], heads: &HashMap<Uuid, Headed>) -> Uuid {
    let rank = |id: &&Uuid| {
        let value = &nodes[*id].value;
        let is_replaced = edges.iter().any(|(from, _, replaced)| from == *id && *replaced);
        let refers = edges.iter().any(|(from, _, replaced)| from == *id && !*replaced);
        let is_empty = fhir::name(&value["name"], fhir::today()).is_none() || fhir::date(&value["birthDate"]).is_none();
        (is_empty, is_replaced, refers, !heads.contains_key(*id), **id)
    };
    *group.iter().min_by_key(rank).expect("a group has a member")
}
