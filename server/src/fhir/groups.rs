//! What belongs together because it is linked.

use std::collections::{BTreeSet, HashMap, HashSet};

use uuid::Uuid;

/// The resources that belong together.
pub fn groups(nodes: &BTreeSet<Uuid>, edges: &[(Uuid, Uuid, bool)]) -> Vec<Vec<Uuid>> {
    let mut neighbours: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for (from, to, _) in edges.iter().filter(|(from, to, _)| nodes.contains(from) && nodes.contains(to)) {
        neighbours.entry(*from).or_default().push(*to);
        neighbours.entry(*to).or_default().push(*from);
    }
    let (mut groups, mut seen) = (Vec::new(), HashSet::new());
    for id in nodes {
        let (mut group, mut next) = (Vec::new(), vec![*id]);
        while let Some(id) = next.pop() {
            if seen.insert(id) {
                group.push(id);
                next.extend(neighbours.get(&id).into_iter().flatten());
            }
        }
        if !group.is_empty() {
            group.sort();
            groups.push(group);
        }
    }
    groups
}
