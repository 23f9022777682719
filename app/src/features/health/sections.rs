//! The items of a page under its headings.

use super::{
    entry::entry,
    item::{Item, is_reason_for_visit},
    page::HealthPage,
};
use crate::{
    access::{Grant, policy::ViewHealthSummary},
    base::i18n::Texts,
    record::{
        annotation::Added,
        item::{
            model::{Kind, State},
            vaccines::is_covid_19,
        },
    },
    view::document::Part,
};

/// The items of a page under its headings.
pub(super) fn sections(grant: &Grant<ViewHealthSummary>, page: HealthPage, items: &[Item], added: &Added) -> Vec<(String, Vec<Part>)> {
    let t = grant.texts();
    let today = grant.now().today;
    let groups: &[&str] = match page {
        HealthPage::Conditions | HealthPage::Allergies | HealthPage::Medications | HealthPage::Devices | HealthPage::CareTeam => {
            &["current", "planned", "past", "visits"]
        }
        HealthPage::Immunizations => &["covid", "others", "not_done"],
        HealthPage::Goals => &["goal", "plan"],
        HealthPage::History => &["family", "social"],
        HealthPage::PreventiveCare => &["overdue", "due", "done", "not_done"],
        _ => &[""],
    };
    let group_of = |item: &Item| -> &'static str {
        match (page, item.kind, item.state) {
            (HealthPage::Conditions, _, _) if is_reason_for_visit(item) => "visits",
            (
                HealthPage::Conditions | HealthPage::Allergies | HealthPage::Medications | HealthPage::Devices | HealthPage::CareTeam,
                _,
                state,
            ) => match state {
                State::Past | State::NotDone => "past",
                State::Planned => "planned",
                _ => "current",
            },
            (HealthPage::Immunizations | HealthPage::PreventiveCare, _, State::NotDone) => "not_done",
            (HealthPage::Immunizations, _, _) if item.code.as_deref().is_some_and(is_covid_19) => "covid",
            (HealthPage::Immunizations, _, _) => "others",
            (HealthPage::Goals, Kind::Goal, _) => "goal",
            (HealthPage::Goals, _, _) => "plan",
            (HealthPage::History, Kind::FamilyHistory, _) => "family",
            (HealthPage::History, _, _) => "social",
            (HealthPage::PreventiveCare, _, State::Done) => "done",
            (HealthPage::PreventiveCare, _, _) if item.at.as_ref().and_then(|at| at.day(grant.zone())).is_some_and(|day| day < today) => {
                "overdue"
            }
            (HealthPage::PreventiveCare, _, _) => "due",
            _ => "",
        }
    };
    groups
        .iter()
        .map(|group| {
            let parts: Vec<Part> = items.iter().filter(|item| group_of(item) == *group).map(|item| entry(grant, item, added)).collect();
            (heading(t, group).to_owned(), parts)
        })
        .filter(|(_, parts)| !parts.is_empty())
        .collect()
}

fn heading(t: Texts, group: &str) -> &'static str {
    match group {
        "current" => t.health_current(),
        "planned" => t.health_planned(),
        "past" => t.health_past(),
        "visits" => t.health_visit_reasons(),
        "covid" => t.health_covid(),
        "others" => t.health_other_vaccines(),
        "not_done" => t.health_not_done(),
        "goal" => t.health_goals(),
        "plan" => t.health_plans(),
        "family" => t.health_family(),
        "social" => t.health_social(),
        "overdue" => t.health_overdue(),
        "due" => t.health_due(),
        "done" => t.health_done(),
        _ => "",
    }
}
