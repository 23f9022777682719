//! What an import did, for people and for machines.

use std::{collections::BTreeMap, fmt};

use serde_json::{Value, json};

use super::Refusal;

/// Counts per resource type.
#[derive(Default)]
pub struct Summary {
    pub types: BTreeMap<String, Counts>,
    pub refused: Vec<Refusal>,
    /// Files in folders that are no FHIR.
    pub skipped: Vec<String>,
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
    }

    pub fn to_json(&self) -> Value {
        let counts = |counts: &Counts| json!({"new": counts.new, "updated": counts.updated, "unchanged": counts.unchanged, "notShown": counts.not_shown});
        let refusal =
            |refusal: &Refusal| json!({"file": refusal.file, "resource": refusal.resource, "path": refusal.path, "reason": refusal.reason});
        json!({
            "types": self.types.iter().map(|(name, found)| (name.clone(), counts(found))).collect::<serde_json::Map<_, _>>(),
            "total": counts(&self.total()),
            "refused": self.refused.iter().map(refusal).collect::<Vec<_>>(),
            "skipped": self.skipped,
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
        for name in &self.skipped {
            writeln!(f, "Skipped, no FHIR: {name}")?;
        }
        for refusal in &self.refused {
            writeln!(f, "Refused: {refusal}")?;
        }
        Ok(())
    }
}
