use std::future::Future;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::Error,
    ids::PatientId,
    ui::{ErrorNotice, Skeleton},
};

/// A part of a chart that is asked for whenever the person in the address, or `key`, changes.
///
/// What arrives is shown only under the person it was asked for: while somebody switches to another person, however slow the
/// network, there is a skeleton and never the old person's data under the new name.
pub fn chart_page<K, T, Fut>(
    key: impl Fn() -> K + Send + Sync + 'static,
    fetch: impl Fn(PatientId, K) -> Fut + Copy + Send + Sync + 'static,
    show: impl Fn(T) -> AnyView + Copy + Send + Sync + 'static,
) -> AnyView
where
    K: Clone + PartialEq + Send + Sync + 'static,
    T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<T, Error>> + Send + 'static,
{
    let params = use_params_map();
    let patient = Memo::new(move |_| params.read().get("patient").and_then(|id| id.parse::<PatientId>().ok()));
    let asked = move || (patient.get(), key());
    let answer = Resource::new(asked, move |(patient, key)| async move {
        let patient = patient.ok_or(Error::NotFound)?;
        fetch(patient, key).await.map(|found| (patient, found))
    });
    view! {
        <Suspense fallback=Skeleton>
            {move || Suspend::new(async move {
                match answer.await {
                    Ok((whose, found)) if Some(whose) == patient.get_untracked() => show(found),
                    Ok(_) => Skeleton().into_any(),
                    Err(error) => view! { <ErrorNotice error/> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}
