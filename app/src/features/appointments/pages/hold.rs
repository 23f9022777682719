use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::words::{Danger, access_ends, before_booking, for_whom};
use crate::{
    access::{Grant, allow, policy::BookVisits},
    base::{
        error::Error,
        i18n::{Texts, param, texts},
        ids::PatientId,
        terms::language,
    },
    desk::scheduling::{
        entity::visit_hold,
        holding::{come_back, hold_of},
        kinds::{KindFor, kind_for, name},
    },
    features::appointments::api,
    people::patient,
    view::{
        Notice,
        document::{Document, Part},
        fields::{Field, Input, Radios, Select},
        form::{OtherButton, PostForm},
        page::{Page, PageRequest},
        sections::{MainButton, QuietButton, Section},
    },
};

/// What is held, for whom, and how long.
struct Held {
    hold: visit_hold::Model,
    found: KindFor,
    facts: Part,
    /// Seconds that are left; 0 when it is over.
    left: i64,
}

impl Held {
    async fn of(grant: &Grant<BookVisits>, id: Uuid) -> Result<Self, Error> {
        let (t, zone) = (grant.texts(), grant.zone());
        let hold = hold_of(grant, id).await?;
        let found = kind_for(grant, hold.kind_id).await?;
        let who = found.who(hold.clinician_id, hold.department_id);
        let place = who.map(|who| who.department.name.clone());
        let facts = Part::facts([
            (t.appointments_whose(), Some(grant.person()?.full_name.clone())),
            (t.appointments_what(), Some(name(t, &found.kind).to_owned())),
            (t.appointments_when(), Some(t.date_and_time(hold.starts_at, &zone))),
            (t.appointments_with_whom(), who.map(|who| who.clinician.name.clone())),
            (t.appointments_where(), place),
            (t.appointments_address(), who.and_then(|who| who.department.address.clone())),
        ]);
        let left = come_back(grant, &hold).await?;
        Ok(Self { hold, found, facts, left })
    }

    fn times(&self, patient: PatientId) -> String {
        let moves = self.hold.moves.map(|id| format!("?moves={id}")).unwrap_or_default();
        format!("/p/{patient}/visits/book/{}{moves}", self.found.kind.id)
    }
}

/// How long the time is held, counted down where there is JavaScript; renewing it, and giving it up.
#[component]
fn Countdown(
    patient: PatientId,
    id: Uuid,
    left: i64,
    /// Whether it can be renewed here: beside fields, their form does it, and keeps what was typed.
    renews: bool,
    until: String,
    again: String,
    booked: Option<Uuid>,
) -> impl IntoView {
    let t = texts();
    if let Some(visit) = booked {
        let href = format!("/p/{patient}/visits/{visit}");
        return view! { <Notice><p class="text">{t.appointments_is_booked()}</p><MainButton href label=t.appointments_see_visit()/></Notice> }.into_any();
    }
    let hidden = move || vec![("patient", patient.to_string()), ("id", id.to_string())];
    if left <= 0 {
        return view! {
            <Notice warn=true><p class="text">{t.appointments_held_over()}</p><MainButton href=again label=t.appointments_choose_again()/></Notice>
        }
        .into_any();
    }
    view! {
        <Notice>
            <p class="held" role="timer" data-hold=id.to_string() data-patient=patient.to_string() data-left=left.to_string() data-over=t.appointments_held_over()>
                <span>{t.appointments_held_until_time(&until)}</span><b></b>
            </p>
            <div class="acts">
                {renews.then(|| view! { <PostForm action=api::RenewHold::PATH submit=t.appointments_renew() quiet=true hidden=hidden()/> })}
                <PostForm action=api::GiveUpHold::PATH submit=t.appointments_give_up() quiet=true hidden=hidden()/>
            </div>
        </Notice>
    }
    .into_any()
}

fn countdown(grant: &Grant<BookVisits>, held: &Held, beside_fields: bool) -> impl IntoView + use<> {
    let (patient, again) = (grant.patient(), held.times(grant.patient()));
    let until = grant.texts().time(held.hold.until, &grant.zone());
    view! { <Countdown patient id=held.hold.id left=held.left renews={!held.hold.renewed && !beside_fields} until again booked=held.hold.visit_id/> }
}

/// What is filled in beside the time that is held.
///
/// # Errors
/// `NotFound` for what is not the caller's.
pub async fn hold(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<BookVisits>(patient).await?;
    let t = grant.texts();
    let mut held = Held::of(&grant, request.id(1)?).await?;
    let person = patient::current(grant.db(), patient.0).await?.ok_or(Error::NotFound)?;
    let own = person.language.as_deref().filter(|tag| !tag.starts_with("en")).map(|tag| language(t, tag).to_owned());
    if held.hold.phone.is_empty() {
        held.hold.phone = person.phone_mobile.clone().or(person.phone_home.clone()).unwrap_or_default();
    }
    if held.hold.reason.is_empty() {
        // Whoever asks for nothing in particular begins with their language.
        held.hold.interpreter = own.clone().unwrap_or_default();
    }
    let office = held.found.who(held.hold.clinician_id, held.hold.department_id).map(|who| who.office.clone());
    let before = before_booking(t, &held.found.kind, office.as_ref());
    let can_have = office.is_some_and(|office| office.interpreter);
    let (facts, clock, live) = (held.facts.clone(), countdown(&grant, &held, true), held.left > 0);
    let back = held.times(patient);
    Ok(Page::new(t.appointments_details_title(), t.appointments_details_lead()).narrow().back(back, t.appointments_other_times()).body(
        view! {
            <Section>{clock}<Document parts=vec![facts, before]/></Section>
            {live.then(|| view! { <Section heading=t.appointments_details()><DetailsForm patient hold=held.hold can_have own/></Section> })}
        },
    ))
}

#[component]
fn DetailsForm(patient: PatientId, hold: visit_hold::Model, can_have: bool, own: Option<String>) -> impl IntoView {
    let t = texts();
    let hidden = vec![("patient", patient.to_string()), ("id", hold.id.to_string())];
    let insurance = [
        ("same", t.appointments_insurance_same()),
        ("changed", t.appointments_insurance_changed()),
        ("none", t.appointments_insurance_none()),
    ];
    let insurance = insurance.map(|(value, words)| (value.to_owned(), words.to_owned(), String::new())).into();
    view! {
        <PostForm action=api::KeepDetails::PATH submit=t.appointments_look_over() hidden>
            <Danger action=api::KeepDetails::PATH/>
            <Field name="reason" label=t.appointments_reason() input=Input::Area hint=t.appointments_reason_hint() value=hold.reason/>
            <Field name="phone" label=t.appointments_phone() input=Input::Phone hint=t.appointments_phone_hint() value=hold.phone optional=true autocomplete="tel"/>
            {can_have.then(|| view! {
                <Select name="interpreter" label=t.appointments_interpreter() choices=interpreters(t, own) value=hold.interpreter optional=true/>
            })}
            <Field name="needs" label=t.appointments_needs() hint=t.appointments_needs_hint() value=hold.needs optional=true/>
            <Radios name="insurance" label=t.appointments_insurance() choices=insurance value=hold.insurance/>
            {(!hold.renewed).then(|| view! { <OtherButton action=api::RenewHold::PATH name="renew" value="1" label=t.appointments_renew()/> })}
        </PostForm>
    }
}

/// The languages of which there are interpreters; the person's own first.
fn interpreters(t: Texts, own: Option<String>) -> Vec<(String, String)> {
    let known = ["es", "pt", "pl", "it", "fr", "zh", "ar", "vi", "ru", "ht", "ko", "ase"].map(|tag| language(t, tag).to_owned());
    let mut all = vec![(String::new(), t.appointments_no_interpreter().to_owned())];
    let named: Vec<String> = own.into_iter().chain(known).collect();
    for name in named {
        if !all.iter().any(|(_, found)| *found == name) {
            all.push((name.clone(), name));
        }
    }
    all
}

/// Everything once more before it is booked, with the name of the person.
///
/// # Errors
/// `NotFound` for what is not the caller's.
pub async fn review(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let grant = allow::<BookVisits>(patient).await?;
    let t = grant.texts();
    let held = Held::of(&grant, id).await?;
    let (facts, clock) = (held.facts.clone(), countdown(&grant, &held, false));
    let said = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let insurance = match held.hold.insurance.as_str() {
        "same" => Some(t.appointments_insurance_same()),
        "changed" => Some(t.appointments_insurance_changed()),
        "none" => Some(t.appointments_insurance_none()),
        _ => None,
    };
    let details = Part::facts([
        (t.appointments_reason(), said(&held.hold.reason)),
        (t.appointments_phone(), said(&held.hold.phone)),
        (t.appointments_interpreter(), said(&held.hold.interpreter)),
        (t.appointments_needs(), said(&held.hold.needs)),
        (t.appointments_insurance(), insurance.map(str::to_owned)),
    ]);
    let whom = for_whom(&grant);
    let submit = match (held.hold.moves, whom) {
        (None, None) => t.appointments_book_own().to_owned(),
        (None, Some(given)) => t.appointments_book_for(&given),
        (Some(_), None) => t.appointments_move_own().to_owned(),
        (Some(_), Some(given)) => t.appointments_move_for(&given),
    };
    let waits = (held.found.kind.fast_pass && held.hold.moves.is_none()).then(|| t.appointments_will_wait());
    let ends = access_ends(&grant, held.hold.starts_at).map(|day| t.appointments_access_ends(&t.long_date(day)));
    let outside = held.found.who(held.hold.clinician_id, held.hold.department_id).is_some_and(|who| who.at().outside);
    let before = match held.hold.moves {
        Some(visit) => crate::desk::scheduling::act::visit_of(&grant, visit).await?.0.starts_at,
        None => None,
    };
    let before = before.map(|at| {
        t.appointments_moved_from(
            param::From(&t.date_and_time(at, &grant.zone())),
            param::Until(&t.date_and_time(held.hold.starts_at, &grant.zone())),
        )
    });
    let ready = held.left > 0 && !held.hold.reason.is_empty();
    let hidden = vec![("patient", patient.to_string()), ("id", id.to_string())];
    let back = format!("/p/{patient}/visits/hold/{id}");
    Ok(Page::new(t.appointments_review_title(), t.appointments_review_lead()).narrow().back(back.clone(), t.appointments_details()).body(
        view! {
            <Section>
                {clock}
                {before.map(|words| view! { <p class="text">{words}</p> })}
                <Document parts=vec![facts]/>
            </Section>
            <Section heading=t.appointments_details()>
                <Document parts=vec![details]/>
                <QuietButton href=back label=t.appointments_change_details()/>
            </Section>
            {ready.then(|| view! {
                <Section>
                    {ends.map(|words| view! { <Notice warn=true><p class="text">{words}</p></Notice> })}
                {outside.then(|| view! { <p class="text">{t.appointments_outside()}</p> })}
                {waits.map(|words| view! { <p class="text">{words}</p> })}
                    <PostForm action=api::Book::PATH submit hidden/>
                </Section>
            })}
        },
    ))
}
