use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::{
    overview::Undo,
    parts,
    words::{about, done, not_open},
};
use crate::{
    access::{
        Grant, allow,
        policy::{ChangePersonalInformation, CheckIn as MayCheckIn, RequestMedicine, ViewHealthSummary, ViewInsurance},
    },
    base::{
        clock::local_date,
        error::Error,
        i18n::{param, texts},
        ids::PatientId,
    },
    desk::{
        billing::{model::INSURANCE_REQUEST, reading::coverages},
        check_in::{answering::may, handing::others, model::Step, store::CheckIn, words::title},
        requests::store::open_of,
    },
    features::{
        check_in::{
            api,
            medicines::{asked, field, in_a_line},
        },
        medications::{
            model::{ProposalKind, ProposalState},
            proposals::told,
        },
        personal::store::{self as personal, Details},
    },
    people::patient,
    record::visit::model::Kind,
    view::{
        Notice,
        document::{Document, Part},
        fields::{Field, Input, Radios},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Disclosure, Item, MainButton, QuietButton, Section},
    },
};

/// One step: what the record has, and saying that it is right, or what is different.
///
/// # Errors
/// `NotFound` for a visit or a step that there is not; `NotAllowed` for a step that somebody else does.
pub async fn step(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let step = Step::ALL.iter().copied().find(|found| found.as_str() == request.text(2)).ok_or(Error::NotFound)?;
    let grant = allow::<MayCheckIn>(patient).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let found = CheckIn::of(&grant, id).await?;
    let at = found.steps.iter().position(|of| of.step == step).ok_or(Error::NotFound)?;
    if !may(&grant, step) {
        return Err(Error::NotAllowed);
    }
    let (name, place, _) = about(&grant, &found).await?;
    let given = grant.person()?.given_name.clone();
    let back = format!("/p/{patient}/visits/{id}/check-in");
    let lead = t.check_in_step_of(param::All(&found.steps.len().to_string()), param::Name(&given), param::Number(&(at + 1).to_string()));
    let page = Page::new(title(t, step), lead).narrow().back(back.clone(), t.check_in_title(&name));
    if !found.is_open() {
        let says = not_open(t, found.window, place.and_then(|place| place.phone).as_deref(), &zone);
        return Ok(page.body(view! {
            <Section>
                {says.into_iter().map(|words| view! { <p class="text">{words}</p> }).collect_view()}
                <QuietButton href=back label=t.check_in_back()/>
            </Section>
        }));
    }
    let before = found.steps[at].done.as_ref().map(|row| done(t, row, &given, &zone));
    let form = form(&grant, &found, step).await?;
    let others = others(&grant, step, found.visit.sensitive).await?;
    let others: Vec<_> = others.into_iter().map(|account| (account.id.to_string(), account.display_name, String::new())).collect();
    let hands = (found.steps[at].done.is_none() && !others.is_empty()).then(|| {
        let hidden = vec![("patient", patient.to_string()), ("visit", id.to_string()), ("step", step.as_str().to_owned())];
        view! {
            <Section>
                <Disclosure summary=t.check_in_hand_over()>
                    <p class="text">{t.check_in_hand_over_says()}</p>
                    <PostForm action=api::HandOver::PATH submit=t.check_in_hand_over_do() quiet=true hidden>
                        <Radios name="to" label=t.check_in_whom() choices=others/>
                    </PostForm>
                </Disclosure>
            </Section>
        }
    });
    // The other steps go on by themselves when they are saved.
    let next = found.steps.iter().find(|of| of.done.is_none() && may(&grant, of.step)).map(|of| of.step);
    let next = found.steps[at].done.as_ref().filter(|_| step.has_parts()).map(|_| match next {
        Some(next) => format!("{back}/{}", next.as_str()),
        None => back.clone(),
    });
    Ok(page.body(view! {
        {before.map(|words| view! {
            <Notice><p class="text">{words}</p>{(!step.has_parts()).then(|| view! { <Undo patient visit=id step=step.as_str()/> })}</Notice>
        })}
        {form}
        {next.map(|href| view! { <Section><MainButton href label=t.check_in_next_step()/></Section> })}
        {hands}
    }))
}

async fn form(grant: &Grant<MayCheckIn>, found: &CheckIn, step: Step) -> Result<AnyView, Error> {
    let (t, patient, id) = (grant.texts(), grant.patient(), found.visit.id);
    let hidden = vec![("patient", patient.to_string()), ("visit", id.to_string())];
    Ok(match step {
        Step::Personal => {
            let known = personal::as_asked(&allow::<ChangePersonalInformation>(patient).await?).await?;
            view! { <Personal known hidden/> }.into_any()
        }
        Step::Insurance => {
            let view = allow::<ViewInsurance>(patient).await?;
            let known = coverages(view.db(), patient.0).await?;
            let rows: Vec<(String, Part)> = known
                .into_iter()
                .filter(|row| row.active)
                .map(|row| {
                    let facts = [
                        (t.billing_plan_name(), row.plan_name),
                        (t.billing_member_id(), row.member_id),
                        (t.billing_group_id(), row.group_id),
                        (t.billing_holder(), row.holder),
                    ];
                    (row.insurer, Part::facts(facts))
                })
                .collect();
            let waits = open_of(&view, INSURANCE_REQUEST).await?.into_iter().filter(|request| request.state.is_pending());
            let told = waits.map(|request| t.billing_told_on(&t.date(local_date(request.created_at, &view.zone())))).collect();
            view! { <Insurance rows told hidden change=format!("/p/{patient}/insurance")/> }.into_any()
        }
        Step::Medications | Step::Allergies => {
            allow::<RequestMedicine>(patient).await?;
            let chart = allow::<ViewHealthSummary>(patient).await?;
            let items = asked(&chart, step).await?;
            let told = told(&chart).await?;
            let rows = items
                .into_iter()
                .map(|item| {
                    let waits = told.iter().find(|told| told.item_id == Some(item.id) && told.state == ProposalState::Unreviewed);
                    let said = match waits.map(|told| told.kind) {
                        Some(ProposalKind::Differently) => "differently",
                        Some(ProposalKind::Stopped) => "stopped",
                        Some(ProposalKind::NoAllergy) => "not",
                        _ => "same",
                    };
                    let words = waits.map(|told| told.words.clone()).unwrap_or_default();
                    Row { id: item.id, title: item.title, line: in_a_line(t, step, &item.facts), said, words }
                })
                .collect();
            let hidden = [hidden, vec![("step", step.as_str().to_owned())]].concat();
            view! { <Medicines step rows hidden/> }.into_any()
        }
        Step::Forms => parts::forms(grant, found),
        Step::Consents => parts::consents(grant, found),
        Step::Payment => parts::payment(grant, found).await?,
        Step::Plan => {
            let booked = found.booking.as_ref();
            let phone = match booked.and_then(|booking| booking.phone.clone()) {
                Some(phone) => phone,
                // The one that they told in the step before.
                None if may(grant, Step::Personal) => {
                    personal::as_asked(&allow::<ChangePersonalInformation>(patient).await?).await?.phone_mobile
                }
                None => patient::current(grant.db(), patient.0).await?.and_then(|person| person.phone_mobile).unwrap_or_default(),
            };
            let needs = booked.and_then(|booking| booking.needs.clone()).filter(|_| grant.sees_clinical()).unwrap_or_default();
            let hint = if found.visit.kind == Kind::Office { t.check_in_needs_hint() } else { t.check_in_plan_video_needs_hint() };
            view! { <Plan phone needs hint hidden whole=grant.sees_clinical()/> }.into_any()
        }
    })
}

/// A medicine or an allergy that is asked about, with what was told of it and nobody has reviewed.
struct Row {
    id: Uuid,
    title: String,
    /// How it is taken, or how it shows.
    line: Option<String>,
    said: &'static str,
    words: String,
}

#[component]
fn Personal(known: Details, hidden: Vec<(&'static str, String)>) -> impl IntoView {
    let t = texts();
    let Details { address_line, city, state, postal_code, phone_mobile, phone_home } = known;
    view! {
        <Section>
            <p class="text">{t.check_in_personal_says()}</p>
            <PostForm action=api::ConfirmPersonal::PATH submit=t.check_in_this_is_right() hidden>
                <Field name="address_line" label=t.personal_address() value=address_line autocomplete="street-address" optional=true/>
                <Field name="city" label=t.personal_city() value=city autocomplete="address-level2" optional=true/>
                <Field name="state" label=t.personal_state() value=state autocomplete="address-level1" optional=true/>
                <Field name="postal_code" label=t.signup_zip() value=postal_code autocomplete="postal-code" optional=true/>
                <Field name="phone_mobile" label=t.personal_phone_mobile() input=Input::Phone value=phone_mobile autocomplete="tel" optional=true/>
                <Field name="phone_home" label=t.personal_phone_home() input=Input::Phone value=phone_home optional=true/>
            </PostForm>
        </Section>
    }
}

#[component]
fn Insurance(rows: Vec<(String, Part)>, told: Vec<String>, hidden: Vec<(&'static str, String)>, change: String) -> impl IntoView {
    let t = texts();
    let none = rows.is_empty();
    let submit = if none { t.check_in_no_insurance() } else { t.check_in_this_is_right() };
    view! {
        <Section>
            {none.then(|| view! { <p class="text">{t.billing_no_insurance()}</p> })}
            {rows.into_iter().map(|(title, facts)| view! { <Item title><Document parts=vec![facts]/></Item> }).collect_view()}
            {told.into_iter().map(|words| view! { <Notice><p class="text">{words}</p></Notice> }).collect_view()}
            <PostForm action=api::ConfirmInsurance::PATH submit hidden/>
        </Section>
        <Section heading=t.check_in_insurance_other()>
            <p class="text">{t.check_in_insurance_other_says()}</p>
            <QuietButton href=change label=t.billing_insurance_change()/>
        </Section>
    }
}

#[component]
fn Medicines(step: Step, rows: Vec<Row>, hidden: Vec<(&'static str, String)>) -> impl IntoView {
    let t = texts();
    let allergies = step == Step::Allergies;
    let choice = |value: &str, words: &str| (value.to_owned(), words.to_owned(), String::new());
    let choices = if allergies {
        vec![choice("same", t.check_in_allergy_same()), choice("not", t.check_in_allergy_not())]
    } else {
        vec![
            choice("same", t.check_in_medicine_same()),
            choice("differently", t.check_in_medicine_differently()),
            choice("stopped", t.check_in_medicine_stopped()),
        ]
    };
    let none = rows.is_empty();
    let (says, nothing, new) = if allergies {
        (t.check_in_allergies_says(), t.check_in_no_allergies(), t.check_in_new_allergy())
    } else {
        (t.check_in_medications_says(), t.check_in_no_medications(), t.check_in_new_medicine())
    };
    let (name, words) = if allergies {
        (t.check_in_new_allergy_name(), t.check_in_new_allergy_words())
    } else {
        (t.check_in_new_medicine_name(), t.check_in_new_medicine_words())
    };
    let fields = rows.into_iter().map(move |Row { id, title, line, said, words }| {
        let label = t.check_in_what_differs(&title);
        view! {
            <Radios name=field("said", id) label=title hint=line.unwrap_or_default() choices=choices.clone() value=said id=format!("said-{id}")/>
            <Field name=field("words", id) label value=words optional=true id=format!("words-{id}")/>
        }
    });
    view! {
        <Section>
            <p class="text">{if none { nothing } else { says }}</p>
            <PostForm action=api::ConfirmMedicines::PATH submit=t.check_in_save() hidden>
                {fields.collect_view()}
                <Disclosure summary=new>
                    <Field name="new_title" label=name optional=true/>
                    <Field name="new_words" label=words optional=true/>
                </Disclosure>
            </PostForm>
            <p class="meta">{t.check_in_reviewed()}</p>
        </Section>
    }
}

#[component]
fn Plan(phone: String, needs: String, hint: &'static str, hidden: Vec<(&'static str, String)>, whole: bool) -> impl IntoView {
    let t = texts();
    view! {
        <Section>
            <PostForm action=api::KeepPlan::PATH submit=t.check_in_save() hidden>
                <Field name="phone" label=t.check_in_phone() hint=t.check_in_phone_hint() input=Input::Phone value=phone autocomplete="tel"/>
                {whole.then(|| view! {
                    <Field name="needs" label=t.appointments_needs() hint input=Input::Area value=needs optional=true/>
                })}
            </PostForm>
        </Section>
    }
}
