//! A questionnaire as it is asked. Source: FHIR R4, Questionnaire; the extensions of its core and of SDC (Structured Data Capture).

use super::{
    total::Calculation,
    value::{Code, Value},
    when::When,
};

/// The deepest group that is read.
pub const DEEPEST: usize = 8;
/// How many items, options of an item, and repetitions of an item there may be.
pub const ITEMS: usize = 2_000;
pub const OPTIONS: usize = 1_000;
pub const REPETITIONS: usize = 20;

#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    pub url: Option<String>,
    pub version: Option<String>,
    /// Differs where its source does: answers by place are for the very form that was drawn.
    pub mark: String,
    pub title: String,
    pub description: Option<String>,
    pub copyright: Option<String>,
    pub codes: Vec<Code>,
    pub items: Vec<Item>,
}

/// Why a questionnaire cannot be asked here. Each names the `linkId` where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is not a Questionnaire.
    NotOne,
    /// It has something that changes its meaning in a way that is not known here: a modifier extension or implicit rules.
    Modified(Option<String>),
    NoItems,
    TooDeep(String),
    TooManyItems,
    TooManyOptions(String),
    /// An item has no `linkId`.
    NoLinkId,
    /// Two items have the same `linkId` (FHIR's rule que-2).
    SameLinkId(String),
    /// The rule when an item is asked cannot be read, or is an expression.
    Condition(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Group,
    Display,
    Boolean,
    Decimal,
    Integer,
    Date,
    DateTime,
    Time,
    String,
    Text,
    Url,
    Choice,
    OpenChoice,
    Attachment,
    Reference,
    Quantity,
    /// Another type, which cannot be answered here.
    Unknown,
}

/// How a question wants to be drawn (the extension `questionnaire-itemControl`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    DropDown,
    CheckBox,
    RadioButton,
    Slider,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub link_id: String,
    pub kind: Kind,
    pub text: String,
    pub prefix: Option<String>,
    pub help: Option<String>,
    pub required: bool,
    pub repeats: bool,
    pub read_only: bool,
    pub hidden: bool,
    pub min_length: Option<usize>,
    pub max_length: Option<usize>,
    pub min_value: Option<Value>,
    pub max_value: Option<Value>,
    pub max_decimal_places: Option<usize>,
    pub min_occurs: Option<usize>,
    pub max_occurs: Option<usize>,
    pub control: Option<Control>,
    pub units: Vec<Code>,
    pub options: Vec<AnswerOption>,
    /// The address of a list of options that is not in the questionnaire.
    pub elsewhere: Option<String>,
    pub when: Vec<When>,
    /// Whether one met condition is enough.
    pub any: bool,
    pub initial: Vec<Value>,
    pub codes: Vec<Code>,
    pub definition: Option<String>,
    pub calculated: Option<Calculation>,
    pub initial_expression: Option<String>,
    /// How many months old an observation may be whose value answers the question already (SDC, `observationLinkPeriod`).
    pub link_months: Option<u32>,
    pub items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct AnswerOption {
    pub value: Value,
    /// In thousandths.
    pub score: Option<i64>,
    /// Nothing else may be chosen with it.
    pub exclusive: bool,
    pub initially_selected: bool,
}

impl Form {
    /// All items, each before those in it.
    pub fn all(&self) -> Vec<&Item> {
        fn add<'a>(items: &'a [Item], all: &mut Vec<&'a Item>) {
            for item in items {
                all.push(item);
                add(&item.items, all);
            }
        }
        let mut all = Vec::new();
        add(&self.items, &mut all);
        all
    }
}

impl Kind {
    /// Whether it takes answers: not a group, a text to read or something unknown.
    pub fn is_question(self) -> bool {
        !matches!(self, Kind::Group | Kind::Display | Kind::Unknown)
    }

    pub fn is_choice(self) -> bool {
        matches!(self, Kind::Choice | Kind::OpenChoice)
    }
}

impl Item {
    /// Whether a person can answer it here: not what is read-only, hidden or calculated, and no choice whose options are elsewhere. What is
    /// asked but cannot be answered is never missing.
    pub fn is_answerable(&self) -> bool {
        let has_options = self.kind != Kind::Choice || !self.options.is_empty();
        self.kind.is_question() && has_options && !self.read_only && !self.hidden && self.calculated.is_none()
    }

    /// Whether its answers are boxes to check: one field for each option, and one line for all answers.
    pub fn is_boxes(&self) -> bool {
        self.kind.is_choice() && self.repeats
    }

    /// How many answers, or instances of a group, are kept.
    pub fn most(&self) -> usize {
        match (self.repeats, self.is_boxes()) {
            (false, _) => 1,
            (true, true) => OPTIONS,
            (true, false) => REPETITIONS,
        }
    }

    /// How many the questionnaire wants at most.
    pub fn most_wanted(&self) -> usize {
        self.max_occurs.unwrap_or(usize::MAX).clamp(1, self.most())
    }

    pub fn has_code(&self, system: &str, code: &str) -> bool {
        self.codes.iter().any(|own| own.is(system, code))
    }

    /// The option that is this value.
    pub fn option(&self, value: &Value) -> Option<(usize, &AnswerOption)> {
        let equal = Some(std::cmp::Ordering::Equal);
        self.options.iter().enumerate().find(|(_, option)| option.value == *value || option.value.compare(value) == equal)
    }
}
