//! What the frame of every signed-in page shows.

use serde::{Deserialize, Serialize};

use crate::{
    access::Level,
    base::ids::PatientId,
    people::relation::{Relationship, StaffRole},
};

/// Who is signed in and whose charts are open to them right now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub name: String,
    pub staff: Option<StaffRole>,
    /// A second step was passed: staff need it.
    pub second_step_passed: bool,
    /// The own chart first, then the others in the order in which access was given.
    pub people: Vec<PersonCard>,
    /// After so many seconds without a request the session ends.
    pub idle_seconds: u32,
}

/// One person whose chart may be opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonCard {
    pub patient: PatientId,
    pub given_name: String,
    pub full_name: String,
    /// What the account holder calls this person.
    pub nickname: Option<String>,
    /// The account holder has chosen a photo.
    pub photo: bool,
    pub initials: String,
    /// Which of the eight colours, 0-7.
    pub hue: u8,
    /// Completed years.
    pub age: i32,
    pub via: Via,
}

/// How the account holder comes to open a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Via {
    Own,
    Proxy(Relationship, Level),
}

impl PersonCard {
    pub fn is_own(&self) -> bool {
        self.via == Via::Own
    }

    pub fn sees_visits(&self) -> bool {
        match self.via {
            Via::Own => true,
            Via::Proxy(_, level) => level.sees_schedule(),
        }
    }

    /// The health summary and the results.
    pub fn sees_clinical(&self) -> bool {
        match self.via {
            Via::Own => true,
            Via::Proxy(_, level) => level.sees_clinical(),
        }
    }

    /// The insurances of this person.
    pub fn sees_insurance(&self) -> bool {
        match self.via {
            Via::Own => true,
            Via::Proxy(_, level) => level.sees_bills(),
        }
    }

    /// Bills: of a child, those that the caller pays.
    pub fn sees_bills(&self) -> bool {
        match self.via {
            Via::Own => true,
            Via::Proxy(_, level) => level == Level::Demographics || level.sees_bills(),
        }
    }

    pub fn reads_messages(&self) -> bool {
        match self.via {
            Via::Own => true,
            Via::Proxy(_, level) => level.reads_messages(),
        }
    }

    /// The page that opens when this person is chosen.
    pub fn path(&self) -> String {
        if self.sees_visits() { self.visits_path() } else { self.personal_information_path() }
    }

    pub fn visits_path(&self) -> String {
        format!("/p/{}/visits", self.patient)
    }

    pub fn health_path(&self) -> String {
        format!("/p/{}/health", self.patient)
    }

    pub fn results_path(&self) -> String {
        format!("/p/{}/results", self.patient)
    }

    pub fn personal_information_path(&self) -> String {
        format!("/p/{}/personal-information", self.patient)
    }
}

impl Session {
    pub fn person(&self, patient: PatientId) -> Option<&PersonCard> {
        self.people.iter().find(|person| person.patient == patient)
    }

    /// Whose visits the word "Visits" in the menu means outside of a chart: the own ones, else the only ones there are.
    pub fn visits_path(&self) -> String {
        let mut open = self.people.iter().filter(|person| person.sees_visits());
        match (open.next(), open.next()) {
            (Some(person), _) if person.is_own() => person.visits_path(),
            (Some(person), None) => person.visits_path(),
            _ => "/people".into(),
        }
    }
}

/// "Emma Rivera" as "ER".
pub fn initials(given: &str, family: &str) -> String {
    given.chars().next().into_iter().chain(family.chars().next()).flat_map(char::to_uppercase).collect()
}

/// The person whose chart a path belongs to.
pub fn patient_in_path(path: &str) -> Option<PatientId> {
    path.strip_prefix("/p/")?.split('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_person_is_in_the_path() {
        let id = "0192f0c1-2345-7abc-8def-0123456789ab";
        assert_eq!(patient_in_path(&format!("/p/{id}/visits")).map(|found| found.to_string()), Some(id.into()));
        assert_eq!(patient_in_path("/home"), None);
        assert_eq!(patient_in_path("/p/maria/visits"), None);
    }

    #[test]
    fn initials_are_capitals() {
        assert_eq!(initials("emma", "rivera"), "ER");
        assert_eq!(initials("Ana", ""), "A");
    }
}
