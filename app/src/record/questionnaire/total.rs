//! Totals: how they are added up, and the panels that are known by their codes.

/// What an item's value is calculated from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Calculation {
    /// The sum over the questions that these paths lead to.
    Sum(Vec<Vec<Step>>),
    /// The total of a panel that is known by its code.
    Panel(&'static Panel),
    /// An expression that is not understood here: the item stays without answer.
    Other,
}

/// A step from items to other ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Children,
    Descendants,
    /// Those with one of these link ids.
    Named(Vec<String>),
}

/// A panel whose questions and total have codes of LOINC.
#[derive(Debug, PartialEq, Eq)]
pub struct Panel {
    pub name: &'static str,
    pub total: &'static str,
    pub questions: &'static [&'static str],
    /// The highest score of one question.
    pub highest: i64,
}

pub const LOINC: &str = "http://loinc.org";

/// Codes from LOINC; the panels are those of the PHQ (Kroenke 2001 and 2003), the GAD-7 (Spitzer 2006) and the AUDIT-C (Bush 1998).
pub static PANELS: [Panel; 4] = [
    Panel {
        name: "PHQ-9",
        total: "44261-6",
        questions: &["44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8"],
        highest: 3,
    },
    Panel { name: "PHQ-2", total: "55758-7", questions: &["44250-9", "44255-8"], highest: 3 },
    Panel {
        name: "GAD-7",
        total: "70274-6",
        questions: &["69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7"],
        highest: 3,
    },
    Panel { name: "AUDIT-C", total: "75626-2", questions: &["68518-0", "68519-8", "68520-6"], highest: 4 },
];
