//! What an import did, for people and for machines.

use std::{collections::BTreeMap, fmt};

use serde_json::{Value, json};

use super::{Refusal, links::Missing};

/// So many resources are named; the summary in JSON names all.
const NAMED: usize = 20;

fn some(names: &[String]) -> String {
    let more = names.len().saturating_sub(NAMED);
    let shown = names[..names.len() - more].join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

impl Missing {
    fn key(self) -> &'static str {
        match self {
            Missing::Unknown => "unknown-patient",
            Missing::NoChart => "patient-without-chart",
            Missing::Shared => "shared-identifier",
            Missing::NoIdentity => "no-identity",
            Missing::Nobody => "no-subject",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Missing::Unknown => "of a patient who is not here",
            Missing::NoChart => "of a patient who has no chart",
            Missing::Shared => "by an identifier that several have",
            Missing::NoIdentity => "by a number that does not tell who somebody is",
            Missing::Nobody => "that do not say whose they are",
        }
    }
}

/// Counts per resource type.
#[derive(Default)]
pub struct Summary {
    pub types: BTreeMap<String, Counts>,
    pub refused: Vec<Refusal>,
    /// Files in folders that are no FHIR.
    pub skipped: Vec<String>,
    /// Files that say themselves that there is more: the file, and what it says.
    pub incomplete: Vec<(String, String)>,
    /// Resources by the source they come from; empty when neither an address nor a name is known.
    pub sources: BTreeMap<String, u64>,
    /// New and updated resources that are in nobody's chart although they are of somebody, by why.
    pub without_chart: BTreeMap<Missing, Vec<String>>,
    /// New and updated resources that are in one chart, and name the patients of others too.
    pub several_patients: Vec<String>,
    /// Patient resources of which no chart can be made: without a name or a birth date.
    pub no_person: Vec<String>,
    /// Patient resources that bear a trusted identifier of somebody with whom they do not agree: both are charts of their own.
    pub disagreeing: u64,
    pub bytes: u64,
    pub seconds: f64,
}

#[derive(Clone, Copy, Default)]
pub struct Counts {
    pub new: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// Of the new and updated: kept, but no page shows them.
    pub not_shown: u64,
}

impl Summary {
    /// Whether nothing was refused.
    pub fn is_clean(&self) -> bool {
        self.refused.is_empty()
    }

    /// All types together.
    pub fn total(&self) -> Counts {
        self.types.values().fold(Counts::default(), |sum, counts| Counts {
            new: sum.new + counts.new,
            updated: sum.updated + counts.updated,
            unchanged: sum.unchanged + counts.unchanged,
            not_shown: sum.not_shown + counts.not_shown,
        })
    }

    pub(super) fn add(&mut self, other: Summary) {
        for (name, counts) in other.types {
            let sum = self.types.entry(name).or_default();
            sum.new += counts.new;
            sum.updated += counts.updated;
            sum.unchanged += counts.unchanged;
            sum.not_shown += counts.not_shown;
        }
        self.refused.extend(other.refused);
        self.incomplete.extend(other.incomplete);
        for (source, count) in other.sources {
            *self.sources.entry(source).or_default() += count;
        }
        for (why, names) in other.without_chart {
            self.without_chart.entry(why).or_default().extend(names);
        }
        self.several_patients.extend(other.several_patients);
        self.no_person.extend(other.no_person);
        self.disagreeing += other.disagreeing;
    }

    pub fn to_json(&self) -> Value {
        let counts = |counts: &Counts| json!({"new": counts.new, "updated": counts.updated, "unchanged": counts.unchanged, "notShown": counts.not_shown});
        let refusal = |refusal: &Refusal| json!({"file": refusal.file, "resource": refusal.resource, "path": refusal.path, "reason": refusal.reason, "accepted": refusal.accepted});
        json!({
            "types": self.types.iter().map(|(name, found)| (name.clone(), counts(found))).collect::<serde_json::Map<_, _>>(),
            "total": counts(&self.total()),
            "refused": self.refused.iter().map(refusal).collect::<Vec<_>>(),
            "skipped": self.skipped,
            "incomplete": self.incomplete.iter().map(|(file, what)| json!({"file": file, "what": what})).collect::<Vec<_>>(),
            "sources": self.sources,
            "withoutChart": self.without_chart.iter().map(|(why, names)| json!({"why": why.key(), "resources": names})).collect::<Vec<_>>(),
            "severalPatients": self.several_patients,
            "noPerson": self.no_person,
            "disagreeing": self.disagreeing,
            "bytes": self.bytes,
            "seconds": self.seconds,
        })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<28}{:>9}{:>9}{:>11}{:>20}", "", "new", "updated", "unchanged", "kept but not shown")?;
        let mut line = |name: &str, counts: &Counts| {
            writeln!(f, "{name:<28}{:>9}{:>9}{:>11}{:>20}", counts.new, counts.updated, counts.unchanged, counts.not_shown)
        };
        for (name, counts) in &self.types {
            line(name, counts)?;
        }
        let total = self.total();
        line("all", &total)?;
        let resources = total.new + total.updated + total.unchanged;
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let (rate, megabytes) = (resources as f64 / self.seconds.max(0.001), self.bytes as f64 / 1e6 / self.seconds.max(0.001));
        writeln!(f, "\n{resources} resources in {:.1} s: {rate:.0} resources/s, {megabytes:.1} MB/s", self.seconds)?;
        for (source, count) in &self.sources {
            let source = if source.is_empty() { "an unknown source" } else { source };
            writeln!(f, "From {source}: {count}")?;
        }
        for (why, names) in &self.without_chart {
            writeln!(f, "In no chart: {} {}: {}", names.len(), why.words(), some(names))?;
        }
        if !self.several_patients.is_empty() {
            let (count, names) = (self.several_patients.len(), some(&self.several_patients));
            writeln!(f, "In one chart only: {count} that name several patients, in that of the first: {names}")?;
        }
        if !self.no_person.is_empty() {
            writeln!(f, "No chart: {} without a name or a birth date: {}", self.no_person.len(), some(&self.no_person))?;
        }
        if self.disagreeing > 0 {
            let count = self.disagreeing;
            writeln!(f, "Not joined: {count} with a trusted identifier of somebody whose name and birth date differ")?;
        }
        for (file, what) in &self.incomplete {
            writeln!(f, "Not all: {file}: {what}")?;
        }
        for name in &self.skipped {
            writeln!(f, "Skipped, no FHIR: {name}")?;
        }
        for refusal in &self.refused {
            writeln!(f, "{}: {refusal}", if refusal.accepted { "Accepted, and not wholly brought in" } else { "Refused" })?;
        }
        Ok(())
    }
}
