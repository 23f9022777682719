use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{Grant, Level, policy::UseOwnAccount},
    base::{
        error::Error,
        i18n::{Texts, texts},
        ids::PatientId,
    },
    features::family::{
        api::GiveUpAccess,
        grants::mine,
        words::{last_day_in_words, level_in_words, relation_of},
    },
    people::relation::Basis,
    view::{
        form::PostForm,
        sections::{Disclosure, Item, QuietButton, Tag},
    },
};

/// A chart of somebody else that is open to the reader.
pub(super) struct OpenedChart {
    patient: PatientId,
    full_name: String,
    given_name: String,
    tag: Tag,
    lines: Vec<String>,
}

/// # Errors
/// `SignInNeeded`.
pub(super) fn opened_charts(grant: &Grant<UseOwnAccount>) -> Result<Vec<OpenedChart>, Error> {
    let t = grant.texts();
    let charts = mine(grant)?.into_iter().map(|chart| {
        let mut lines = vec![level_in_words(t, chart.level), t.age(chart.age)];
        lines.extend(chart.until.map(|at| t.family_ends(&last_day_in_words(t, at, &grant.zone()))));
        lines.extend((chart.basis == Basis::ParentChild).then(|| by_age(t, chart.level).to_owned()));
        OpenedChart {
            patient: chart.person.patient,
            full_name: chart.person.full_name,
            given_name: chart.person.given_name,
            tag: Tag::neutral(relation_of(t, chart.relationship)),
            lines,
        }
    });
    Ok(charts.collect())
}

/// What age alone will still change about a parent's access.
fn by_age(t: Texts, level: Level) -> &'static str {
    if level == Level::Full { t.family_by_age() } else { t.family_ends_by_age() }
}

/// Whose charts the reader sees.
#[component]
pub(super) fn OpenedCharts(charts: Vec<OpenedChart>) -> impl IntoView {
    let t = texts();
    if charts.is_empty() {
        return view! { <p class="text">{t.family_no_charts()}</p> }.into_any();
    }
    let charts = charts.into_iter().map(|OpenedChart { patient, full_name, given_name, tag, lines }| {
        let hidden = vec![("patient", patient.to_string())];
        view! {
            <Item title=full_name tag=Some(tag) lines>
                <QuietButton href=format!("/people/{patient}") label=t.family_look()/>
                <Disclosure summary=t.family_give_up_ask()>
                    <p class="text">{t.family_give_up_text()}</p>
                    <PostForm action=GiveUpAccess::PATH submit=t.family_give_up(&given_name) quiet=true hidden/>
                </Disclosure>
            </Item>
        }
    });
    charts.collect_view().into_any()
}
