use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::Form, hooks::use_query_map};

use super::{
    api::find_patients,
    wire::{FoundPatient, FoundProxy},
};
use crate::{
    access::Level,
    i18n::{Texts, texts},
    ui::{ErrorNotice, Field, PageHead, Skeleton},
};

/// Finds a patient, and who has access to their chart.
#[component]
pub fn PatientsPage() -> impl IntoView {
    let t = texts();
    let query = use_query_map();
    let asked = Memo::new(move |_| query.read().get("query").unwrap_or_default());
    let found = Resource::new(move || asked.get(), find_patients);
    view! {
        <Title text=t.staff_title()/>
        <PageHead title=t.staff_title() lead=t.staff_lead()/>
        <Form method="get" action="" attr:class="sheet search" attr:role="search">
            <Field label=t.staff_query() id="query" hint=t.staff_hint()>
                <input id="query" name="query" type="search" value=asked maxlength="100" autocomplete="off"/>
            </Field>
            <button class="btn" type="submit">{t.staff_find()}</button>
        </Form>
        <Suspense fallback=Skeleton>
            {move || Suspend::new(async move {
                match found.await {
                    Ok(found) => {
                        let none = found.is_empty() && !asked.get_untracked().is_empty();
                        view! {
                            {none.then(|| view! { <p class="empty">{t.staff_nobody()}</p> })}
                            <div class="results">{found.into_iter().map(|patient| view! { <Patient patient/> }).collect_view()}</div>
                        }
                        .into_any()
                    }
                    Err(error) => view! { <ErrorNotice error/> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

#[component]
fn Patient(patient: FoundPatient) -> impl IntoView {
    let t = texts();
    let facts = [Some(format!("{} ({})", patient.birth_date, t.age(patient.age))), patient.record_number, patient.phone];
    view! {
        <article class="sheet">
            <h2>{patient.full_name}</h2>
            <p class="meta">{facts.into_iter().flatten().collect::<Vec<_>>().join(" · ")}</p>
            <p class="tags">
                <span class="tag" class:tag--off=!patient.has_account>
                    {if patient.has_account { t.staff_has_account() } else { t.staff_no_account() }}
                </span>
                {patient.emancipated.then(|| view! { <span class="tag tag--plain">{t.staff_emancipated()}</span> })}
            </p>
            {(!patient.proxies.is_empty()).then(|| view! {
                <h3>{t.staff_access()}</h3>
                <ul class="lines">
                    {patient.proxies.into_iter().map(|proxy| {
                        let words = level_in_words(t, &proxy);
                        view! { <li><b>{proxy.name}</b><span>{words}</span></li> }
                    }).collect_view()}
                </ul>
            })}
        </article>
    }
    .into_any()
}

fn level_in_words(t: Texts, proxy: &FoundProxy) -> &'static str {
    use crate::access::{AdultLevel::*, EndReason::*};
    match proxy.level {
        Ok(Level::Full | Level::Adult(All)) => t.staff_level_all(),
        Ok(Level::Demographics) => t.staff_level_demographics(),
        Ok(Level::Adult(ScheduleMessages)) => t.staff_level_schedule(),
        Ok(Level::Adult(ScheduleMessagesBilling)) => t.staff_level_schedule_billing(),
        Ok(Level::Adult(AllButSensitive)) => t.staff_level_all_but_sensitive(),
        Err(TurnedEighteen) => t.staff_ended_eighteen(),
        Err(Emancipated) => t.staff_ended_emancipated(),
        Err(Expired) => t.staff_ended_expired(),
        Err(Revoked) => t.staff_ended_revoked(),
    }
}
