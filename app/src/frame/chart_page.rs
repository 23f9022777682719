use std::{future::Future, pin::Pin};

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};

use crate::{
    error::Error,
    ids::PatientId,
    notes::wire::Notes,
    personal_information::wire::PersonalInformation,
    summaries::wire::Summary,
    ui::{ErrorNotice, Skeleton},
    visits::wire::Visits,
};

/// What the pages of a chart ask for, as one type: the machinery that waits for an answer and takes it over from the server's
/// page is in the browser once, and not once a page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Part {
    Notes(Notes),
    PersonalInformation(PersonalInformation),
    Summary(Summary),
    Visits(Visits),
}

/// A part of a chart on its way.
pub type Asked = Pin<Box<dyn Future<Output = Result<Part, Error>> + Send>>;

/// A part of a chart that is asked for whenever the person in the address, or `key`, changes.
///
/// What arrives is shown only under the person it was asked for: while somebody switches to another person, however slow the
/// network, there is a skeleton and never the old person's data under the new name.
pub fn chart_page(key: Signal<String>, ask: fn(PatientId, String) -> Asked, show: fn(Part, String) -> AnyView) -> AnyView {
    let params = use_params_map();
    let patient = Memo::new(move |_| params.read().get("patient").and_then(|id| id.parse::<PatientId>().ok()));
    let answer = Resource::new(
        move || (patient.get(), key.get()),
        move |(patient, key)| async move {
            let patient = patient.ok_or(Error::NotFound)?;
            ask(patient, key).await.map(|found| (patient, found))
        },
    );
    view! {
        <Suspense fallback=Skeleton>
            {move || Suspend::new(async move {
                match answer.await {
                    Ok((whose, found)) if Some(whose) == patient.get_untracked() => show(found, key.get_untracked()),
                    Ok(_) => Skeleton().into_any(),
                    Err(error) => view! { <ErrorNotice error/> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}
