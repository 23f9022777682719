//! One line of the health summary, before it is known whose it is.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{
    base::when::When,
    record::{
        fhir,
        item::model::{Fact, Kind, State, What},
    },
};

pub(super) struct Item {
    pub(super) kind: Kind,
    pub(super) state: State,
    pub(super) tentative: bool,
    pub(super) title: String,
    pub(super) code: Option<String>,
    pub(super) at: Option<DateTime<Utc>>,
    /// As its source says it.
    pub(super) at_sent: Option<String>,
    pub(super) until: Option<When>,
    pub(super) facts: Vec<Fact>,
}

/// An item with its dates; the rest is filled in by each kind.
pub(super) fn base(kind: Kind, state: State, title: Option<String>, at: &[&Value]) -> Item {
    let title = title.unwrap_or_default();
    let mut item = Item { kind, state, tentative: false, title, code: None, at: None, at_sent: None, until: None, facts: Vec::new() };
    item.began(at);
    item
}

impl Item {
    pub(super) fn say(&mut self, what: What, said: Option<impl Into<String>>) {
        self.facts.extend(said.map(|said| Fact::new(what, said)).filter(|fact| !fact.said.trim().is_empty()));
    }

    /// The first of these that is a date. Where it is a year or a month, that is all that is known, and a fact.
    pub(super) fn began(&mut self, at: &[&Value]) {
        let Some(found) = at.iter().copied().find(|found| fhir::instant(found).is_some()) else { return };
        let what = match self.kind {
            Kind::Condition | Kind::Allergy | Kind::Medication | Kind::CarePlan | Kind::CareTeam | Kind::Goal => What::Since,
            Kind::Preventive => What::TargetDay,
            _ => What::Day,
        };
        match fhir::partial(found) {
            Some(partial) => self.say(what, Some(partial)),
            None => {
                self.at = fhir::instant(found);
                self.at_sent = found.as_str().map(str::to_owned);
            }
        }
    }

    pub(super) fn ended(&mut self, until: &[&Value]) {
        let Some(found) = until.iter().copied().find(|found| fhir::date(found).is_some()) else { return };
        match fhir::partial(found) {
            Some(partial) => self.say(What::Until, Some(partial)),
            None => self.until = fhir::when(found),
        }
    }
}

/// Whether a request is only proposed, or one of several choices. FHIR R4, request-intent: nobody has asked for it yet.
pub(super) fn is_proposed(value: &Value) -> bool {
    matches!(value["intent"].as_str(), Some("proposal" | "option"))
}

/// What a thing or a place is called.
pub(super) fn display(reference: &Value) -> Option<String> {
    reference["display"].as_str().map(fhir::plain)
}

/// What a person is called.
pub(super) fn person(reference: &Value) -> Option<String> {
    reference["display"].as_str().map(fhir::person)
}
