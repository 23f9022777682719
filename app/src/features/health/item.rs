//! One line of the health summary, and what it contradicts.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use uuid::Uuid;

use crate::{
    base::when::When,
    record::item::{
        entity::health_item,
        model::{Fact, Kind, Nothing, State, What, remark},
    },
};

/// One line of the summary.
#[derive(Clone)]
pub struct Item {
    pub id: Uuid,
    pub kind: Kind,
    pub state: State,
    pub tentative: bool,
    pub title: String,
    pub code: Option<String>,
    /// When it began or took place; nothing where only a year, a month or words are known, which are facts.
    pub at: Option<When>,
    pub until: Option<NaiveDate>,
    pub facts: Vec<Fact>,
    /// Older resources that say the same, and when.
    pub also: Vec<(Uuid, Option<When>)>,
    /// The facts as they are stored, to see whether two items say the same.
    pub(super) said: String,
}

impl Item {
    /// Every resource that says it, the older ones first.
    pub fn resources(&self) -> Vec<Uuid> {
        self.also.iter().rev().map(|(id, _)| *id).chain([self.id]).collect()
    }
}

impl From<health_item::Model> for Item {
    fn from(row: health_item::Model) -> Self {
        Self {
            at: when(&row),
            facts: serde_json::from_str(&row.facts).unwrap_or_default(),
            id: row.id,
            kind: row.kind,
            state: row.state,
            tentative: row.tentative,
            title: row.title,
            code: row.code,
            until: row.until,
            also: Vec::new(),
            said: row.facts,
        }
    }
}

/// Of rows that were read before precision was kept, noon UTC stands for a day.
fn when(row: &health_item::Model) -> Option<When> {
    let sent = row.at_sent.as_deref().and_then(When::stored);
    let is_day = |at: &DateTime<Utc>| at.time() == NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default();
    sent.or_else(|| row.at.map(|at| if is_day(&at) { When::Day(at.date_naive()) } else { When::Moment(at.fixed_offset()) }))
}

/// The absences that no item which holds today contradicts.
pub(super) fn uncontradicted(items: &[&Item], absences: &[(Uuid, Nothing)]) -> impl Iterator<Item = (Uuid, Nothing)> {
    let holds = |item: &&&Item| !matches!(item.state, State::Past | State::NotDone) && !is_reason_for_visit(item);
    absences.iter().copied().filter(move |(_, nothing)| {
        !items.iter().filter(holds).any(|item| {
            let categories: Vec<&str> = item
                .facts
                .iter()
                .filter(|fact| fact.what == What::Category && item.kind == Kind::Allergy)
                .map(|fact| fact.said.as_str())
                .collect();
            // Of what cannot be told, nobody knows what it contradicts.
            nothing.is_contradicted_by(item.kind, if is_untold(item) { &[] } else { &categories })
        })
    })
}

/// Whether only the source understands what an item says.
pub(super) fn is_untold(item: &Item) -> bool {
    item.facts.iter().any(|fact| fact.what == What::Remark && fact.said == remark::CANNOT_BE_SHOWN)
}

/// Check-ups and screenings that were coded as diagnoses are why somebody came, not what they have.
/// Source: ICD-10-CM, block Z00-Z13, persons encountering health services for examinations.
pub(super) fn is_reason_for_visit(item: &Item) -> bool {
    let block =
        item.code.as_deref().and_then(|code| code.strip_prefix("http://hl7.org/fhir/sid/icd-10-cm|Z")?.get(..2)?.parse::<u8>().ok());
    item.kind == Kind::Condition && block.is_some_and(|block| block <= 13)
}
