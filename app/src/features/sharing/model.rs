//! The sections of a record that somebody takes along or shows.

use chrono::TimeDelta;

use crate::base::stored::stored_as_text;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Section {
    Conditions,
    Allergies,
    Medications,
    Immunizations,
    Results,
    Vitals,
    Procedures,
    Devices,
    Preventive,
    Goals,
    History,
    CareTeam,
    Visits,
    Summaries,
    Notes,
    Documents,
}

stored_as_text!(Section {
    Conditions = "conditions",
    Allergies = "allergies",
    Medications = "medications",
    Immunizations = "immunizations",
    Results = "results",
    Vitals = "vitals",
    Procedures = "procedures",
    Devices = "devices",
    Preventive = "preventive-care",
    Goals = "goals",
    History = "history",
    CareTeam = "care-team",
    Visits = "visits",
    Summaries = "summaries",
    Notes = "notes",
    Documents = "documents",
});

impl Section {
    /// The LOINC code of the section in a clinical document. Source: International Patient Summary, sections; LOINC document ontology.
    pub fn loinc(self) -> &'static str {
        match self {
            Section::Conditions => "11450-4",
            Section::Allergies => "48765-2",
            Section::Medications => "10160-0",
            Section::Immunizations => "11369-6",
            Section::Results => "30954-2",
            Section::Vitals => "8716-3",
            Section::Procedures => "47519-4",
            Section::Devices => "46264-8",
            Section::Preventive => "18776-5",
            Section::Goals => "61146-7",
            Section::History => "11329-0",
            Section::CareTeam => "85847-2",
            Section::Visits => "46240-8",
            Section::Summaries => "69730-0",
            Section::Notes => "34109-9",
            Section::Documents => "55112-7",
        }
    }

    /// Several sections, as they are stored.
    pub fn list(sections: &[Section]) -> String {
        sections.iter().map(|section| section.as_str()).collect::<Vec<_>>().join(",")
    }

    /// What [`Section::list`] wrote, in the order of the record.
    pub fn read(list: &str) -> Vec<Section> {
        Section::ALL.iter().copied().filter(|section| list.split(',').any(|name| name == section.as_str())).collect()
    }
}

/// How far a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Waiting,
    Working,
    Ready,
    Failed,
}

stored_as_text!(State { Waiting = "waiting", Working = "working", Ready = "ready", Failed = "failed" });

/// Somebody who was given a code types wrong things so often, then the code is void.
pub const MOST_TRIES: i32 = 5;
/// Whoever opened a record reads it for so long at most.
pub const READING: TimeDelta = TimeDelta::minutes(60);
/// For how many minutes a share code can be used.
pub const CODE_MINUTES: [i64; 2] = [15, 60];
/// For how many days a link can be used.
pub const LINK_DAYS: [i64; 3] = [1, 7, 30];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_read_as_they_were_written() {
        let some = [Section::Allergies, Section::Results];
        assert_eq!(Section::read(&Section::list(&some)), some);
        assert_eq!(Section::read("results,nonsense,allergies"), some);
        assert_eq!(Section::read(""), []);
    }
}
