use std::{future::Future, pin::Pin};

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};

use crate::{
    base::{error::Error, ids::PatientId},
    features::{personal::wire::PersonalInformation, visits::wire::Visits},
    record::{note::wire::Notes, summary::wire::Summary},
    site::tours::Step,
    view::{ErrorNotice, Skeleton, screens::model::Screen},
};

/// What the pages of a chart ask for, as one type: the machinery that waits for an answer and takes it over from the server's
/// page is in the browser once, and not once a page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Part {
    Notes(Notes),
    PersonalInformation(PersonalInformation),
    Screen(Screen),
    Summary(Summary),
    Tour(Vec<Step>),
    Visits(Visits),
}

/// A part of a chart on its way.
pub type Asked = Pin<Box<dyn Future<Output = Result<Part, Error>> + Send>>;

/// A part of a chart that is asked for whenever the person in the address, or `key`, changes.
///
/// With each change everything below is made anew: while somebody switches to another person, however slow the network, there
/// is a skeleton and never the old person's data under the new name, and an answer that comes late has no place to go to.
pub fn chart_page(key: Signal<String>, ask: fn(PatientId, String) -> Asked, show: fn(Part, String) -> AnyView) -> AnyView {
    let params = use_params_map();
    let asked = Memo::new(move |_| (params.read().get("patient").unwrap_or_default(), key.get()));
    view! {
        {move || {
            let (patient, key) = asked.get();
            part(patient, key, ask, show)
        }}
    }
    .into_any()
}

fn part(patient: String, key: String, ask: fn(PatientId, String) -> Asked, show: fn(Part, String) -> AnyView) -> AnyView {
    let asked = key.clone();
    let answer = Resource::new(
        || (),
        move |()| {
            let (patient, key) = (patient.parse::<PatientId>(), asked.clone());
            async move { ask(patient.map_err(|_| Error::NotFound)?, key).await }
        },
    );
    view! {
        <Suspense fallback=Skeleton>
            {move || {
                let key = key.clone();
                Suspend::new(async move {
                    match answer.await {
                        Ok(found) => show(found, key),
                        Err(error) => view! { <ErrorNotice error/> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
    .into_any()
}
