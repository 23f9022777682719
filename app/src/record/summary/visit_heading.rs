use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::{
    base::{
        error::Error,
        i18n::{param, texts},
        ids::{PatientId, VisitId},
    },
    record::visit::wire::VisitHead,
};

/// The person and the visit that the address names.
pub fn visit_in_address() -> Signal<String> {
    let params = use_params_map();
    Signal::derive(move || {
        let params = params.read();
        format!("{} {}", params.get("patient").unwrap_or_default(), params.get("visit").unwrap_or_default())
    })
}

/// What [`visit_in_address`] said.
///
/// # Errors
/// `NotFound` when the address names no visit.
pub fn patient_and_visit(address: &str) -> Result<(PatientId, VisitId), Error> {
    let (patient, visit) = address.split_once(' ').ok_or(Error::NotFound)?;
    Ok((patient.parse().map_err(|_| Error::NotFound)?, visit.parse().map_err(|_| Error::NotFound)?))
}

/// Title, person, time, place and people: on paper, the head of the letter.
#[component]
pub fn VisitHeading(visit: VisitHead, title: &'static str) -> impl IntoView {
    let t = texts();
    view! {
        <p class="back no-print"><a class="link" href=format!("/p/{}/visits", visit.patient)>{t.visits_back()}</a></p>
        <header class="letter__head">
            <h1 tabindex="-1">{title}</h1>
            <p class="lead">{[Some(visit.title), visit.when].into_iter().flatten().collect::<Vec<_>>().join(" · ")}</p>
            <p class="only-print">{t.summary_for(param::Born(&visit.birth_date), param::Name(&visit.full_name))}</p>
            <dl class="facts">
                {visit.place.map(|place| view! {
                    <div><dt>{t.summary_where()}</dt>
                        <dd>{place.name}
                            {place.address.map(|address| view! { <span>{address}</span> })}
                            {place.phone.map(|phone| view! { <a href=format!("tel:{phone}")>{phone.clone()}</a> })}
                        </dd></div>
                })}
                {(!visit.clinicians.is_empty()).then(|| view! {
                    <div><dt>{t.summary_who()}</dt>
                        {visit.clinicians.into_iter().map(|clinician| view! {
                            <dd>{clinician.name}
                                {clinician.specialty.map(|specialty| view! { <span>{specialty}</span> })}
                                {clinician.phone.map(|phone| view! { <a href=format!("tel:{phone}")>{phone.clone()}</a> })}
                            </dd>
                        }).collect_view()}</div>
                })}
            </dl>
        </header>
    }
    .into_any()
}
