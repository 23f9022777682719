//! When results are shown, by kind.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{
        allow,
        policy::{ChooseResultTiming, ViewResults},
    },
    base::{error::Error, i18n::Texts, ids::PatientId},
    features::results::api::ChooseTiming,
    record::{
        release,
        result::model::{Choice, Kind},
    },
    view::{
        fields::Radios,
        form::PostForm,
        page::{Page, PageRequest},
        sections::Section,
    },
};

/// When results are shown, by kind.
///
/// # Errors
/// `NotAllowed` for whoever acts for an adult.
pub async fn timing(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    // Looking is written down as looking.
    let grant = allow::<ViewResults>(patient).await?;
    if !grant.would_allow::<ChooseResultTiming>(&patient) {
        return Err(Error::NotAllowed);
    }
    let t = grant.texts();
    let choices = [
        (Choice::Now.as_str(), t.results_timing_now(), ""),
        (Choice::Comment.as_str(), t.results_timing_comment(), t.results_timing_comment_says()),
        (Choice::Day.as_str(), t.results_timing_day(), t.results_timing_day_says()),
    ];
    let choices = choices.map(|(value, label, says)| (value.to_owned(), label.to_owned(), says.to_owned())).to_vec();
    let chosen = release::chosen(&grant).await?;
    let page = Page::new(t.results_timing(), t.results_timing_lead()).narrow();
    Ok(page.back(format!("/p/{patient}/results"), t.results_title()).body(view! {
        <Section>
            <p class="text">{t.results_timing_why()}</p>
            <PostForm action=ChooseTiming::PATH submit=t.family_save() hidden=vec![("patient", patient.to_string())]>
                {chosen.into_iter().map(|(kind, chosen)| view! {
                    <Radios name=kind.as_str() label=kind_in_words(t, kind) choices=choices.clone() value=chosen.as_str()/>
                }).collect_view()}
            </PostForm>
        </Section>
    }))
}

fn kind_in_words(t: Texts, kind: Kind) -> &'static str {
    match kind {
        Kind::Laboratory => t.results_laboratory(),
        Kind::Imaging => t.results_imaging(),
        Kind::Pathology => t.results_pathology(),
        Kind::Vital => t.health_vitals(),
        Kind::Other => t.results_other(),
    }
}
