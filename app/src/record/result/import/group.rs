//! Which observations stand in which result: a report names its results, a panel its members, and panels stand in panels.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{
    class::{Class, class},
    head::{Head, Taken, is_sensitive, members, taken},
};
use crate::record::{
    import::{Context, Incoming, of_type},
    result::model::Kind,
};

/// Where an observation stands, and what it takes over from there.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) result: Uuid,
    /// Of the result.
    pub(super) kind: Kind,
    /// For values that do not say when they were taken.
    pub(super) taken: Option<Taken>,
    /// What stands in a sensitive report or panel is sensitive.
    pub(super) sensitive: bool,
}

/// The places of all observations that stand in a report, or in a panel that stands in no report. Of two reports that name
/// the same observation, the first keeps it.
pub(super) fn places(
    context: &mut Context<'_>,
    rows: &[Incoming<'_>],
    reports: &[Head<'_>],
    observations: &[Head<'_>],
) -> HashMap<Uuid, Place> {
    let known: HashMap<Uuid, Incoming<'_>> = of_type(rows, "Observation").map(|row| (row.id, row)).collect();
    let mut places = HashMap::new();
    for report in reports {
        fill(context, &known, report, &mut places);
    }
    let is_panel = |head: &&Head| matches!(head.class, Class::Result(_)) && members(head.row.value).next().is_some();
    let panels: Vec<&Head> = observations.iter().filter(is_panel).collect();
    let inner: HashSet<Uuid> = panels
        .iter()
        .flat_map(|panel| members(panel.row.value).map(move |member| (panel.row.id, member)))
        .filter_map(|(panel, member)| context.links.resolve(panel, member))
        .collect();
    for panel in panels.into_iter().filter(|panel| !inner.contains(&panel.row.id)) {
        if !places.contains_key(&panel.row.id) {
            fill(context, &known, panel, &mut places);
        }
    }
    places
}

/// Follows the names from one result down. The result waits for what is not here yet, on every floor.
fn fill(context: &mut Context<'_>, known: &HashMap<Uuid, Incoming<'_>>, root: &Head<'_>, places: &mut HashMap<Uuid, Place>) {
    let kind = if let Class::Result(kind) = root.class { kind } else { Kind::Other };
    let mut open: Vec<(Incoming<'_>, Place)> =
        vec![(root.row, Place { result: root.row.id, kind, taken: root.taken.clone(), sensitive: root.sensitive })];
    while let Some((row, place)) = open.pop() {
        for reference in members(row.value) {
            let Some(id) = context.links.resolve(root.row.id, reference).filter(|id| *id != root.row.id) else { continue };
            let Some(member) = known.get(&id).copied() else { continue };
            // Never into another chart; a panel that says nobody's name may pass on.
            let is_ours = member.patient.is_none_or(|patient| patient == root.patient);
            if !is_ours || class(member.value).is_none() || places.contains_key(&id) {
                continue;
            }
            let sensitive = place.sensitive || is_sensitive(context, member);
            let place = Place { sensitive, ..place.clone() };
            let below = Place { taken: taken(member.value).or_else(|| place.taken.clone()), ..place };
            places.insert(id, place);
            open.push((member, below));
        }
    }
}
