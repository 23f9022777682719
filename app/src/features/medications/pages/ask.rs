use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::words::{kind, refused};
use crate::{
    access::{
        allow,
        policy::{RequestMedicine, ViewHealthSummary},
    },
    base::{error::Error, i18n::texts, ids::PatientId},
    features::medications::{
        api,
        asking::{OTHER, batch, box_of, prepared},
        pharmacies::{PHARMACIES, address, ask_preferred, pharmacies},
        store::{ask_medicines, medicines_of},
    },
    people::folding::folded,
    platform::batch::Batch,
    record::item::model::State,
    view::{
        document::{Document, Part},
        fields::{Checkbox, Field, FieldGroup, Input, Select},
        form::{PostForm, SearchForm},
        page::{Page, PageRequest},
        sections::{KeptNames, QuietButton, Section},
    },
};

/// The form: which medicines, where to get them, how much is left. Nothing is requested by it yet.
///
/// # Errors
/// What the policy refuses.
pub async fn ask(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<RequestMedicine>(patient).await?;
    let chart = allow::<ViewHealthSummary>(patient).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let words = request.query("pharmacy_words").unwrap_or_default();
    let mut asked = Batch::default();
    let (said, open) = (ask_medicines(&mut asked, &chart), asked.ask(prepared(&grant)?));
    let (preferred, found) = (ask_preferred(&mut asked, &grant), asked.ask(pharmacies(&words)));
    let mut answers = asked.read(grant.db()).await?;
    let all = medicines_of(&chart, said(&mut answers)?).await?;
    let mut chosen: Vec<Uuid> = request.queries("which").iter().filter_map(|id| id.parse().ok()).collect();
    // Whoever prepared something goes on with it.
    let before = match answers.take(open)?.pop() {
        Some(open) => batch(&grant, open.batch).await?,
        None => Vec::new(),
    };
    if chosen.is_empty() {
        chosen = before.iter().map(|request| request.prescription_id).collect();
    }
    let before = before.into_iter().next();
    let offered: Vec<(Uuid, String, String, bool)> = all
        .iter()
        .filter_map(|medicine| {
            let (id, wanted) = (medicine.item.id, medicine.ask.ok()?);
            Some((id, medicine.item.title.clone(), kind(t, wanted, &medicine.supply), chosen.contains(&id)))
        })
        .collect();
    let not_now: Vec<Part> = all
        .iter()
        .filter(|medicine| medicine.item.state == State::Active)
        .filter_map(|medicine| {
            let words = refused(t, medicine, medicine.ask.err()?, &zone)?;
            Some(Part::Entry { title: medicine.item.title.clone(), tag: None, lines: vec![words], parts: Vec::new() })
        })
        .collect();
    let (preferred, mut found) = (preferred(&mut answers)?, answers.take(found)?);
    found.sort_by_cached_key(|place| folded(&place.name));
    let many = found.len() >= usize::try_from(PHARMACIES).unwrap_or(usize::MAX) || !words.is_empty();
    // Else where the medicine came from the last time.
    let last =
        all.iter().filter(|medicine| chosen.is_empty() || chosen.contains(&medicine.item.id)).find_map(|found| found.pharmacy.as_ref());
    let preferred = preferred.or_else(|| found.iter().find(|place| Some(&place.name) == last).cloned());
    let first = preferred.as_ref().map(|place| place.id);
    let listed = preferred.iter().chain(found.iter().filter(|place| Some(place.id) != first));
    let label = |place: &crate::record::care_team::entity::department::Model| {
        if place.delivers { t.medications_sends_home(&address(place)) } else { address(place) }
    };
    let choices: Vec<(String, String)> = std::iter::once((String::new(), t.medications_choose_pharmacy().to_owned()))
        .chain(listed.map(|place| (place.id.to_string(), label(place))))
        .chain([(OTHER.to_owned(), t.medications_other_pharmacy().to_owned())])
        .collect();
    let value = match &before {
        Some(before) => before.pharmacy_id.map_or_else(|| OTHER.to_owned(), |id| id.to_string()),
        None => first.map(|id| id.to_string()).unwrap_or_default(),
    };
    let kept = Kept {
        other: before.as_ref().filter(|before| before.pharmacy_id.is_none()).map(|before| before.pharmacy.clone()).unwrap_or_default(),
        days_left: before.as_ref().and_then(|before| before.days_left).map(|days| days.to_string()).unwrap_or_default(),
        comment: before.and_then(|before| before.comment).unwrap_or_default(),
    };
    let name = grant.person()?.full_name.clone();
    let none = offered.is_empty();
    let to_office = format!("/p/{patient}/messages/new?topic=medication");
    let has_not_now = !not_now.is_empty();
    Ok(Page::new(t.medications_need_more(), t.medications_need_more_lead(&name)).narrow().back(format!("/p/{patient}/medications"), t.medications_title()).body(
        view! {
            {if none {
                view! { <Section><p class="text">{t.medications_none_now()}</p><QuietButton href=to_office label=t.messages_write()/></Section> }.into_any()
            } else {
                view! {
                    {many.then(|| view! {
                        <Section>
                            <SearchForm submit=t.medications_find_pharmacy()>
                                {chosen.iter().map(|id| view! { <input type="hidden" name="which" value=id.to_string()/> }).collect_view()}
                                <Field name="pharmacy_words" label=t.medications_pharmacy_words() input=Input::Search value=words optional=true/>
                            </SearchForm>
                        </Section>
                    })}
                    <Section>
                        <AskForm patient offered choices value kept/>
                    </Section>
                }.into_any()
            }}
            {has_not_now.then(|| view! { <Section heading=t.medications_not_now()><KeptNames><Document parts=not_now/></KeptNames></Section> })}
        },
    ))
}

/// What was prepared before.
struct Kept {
    other: String,
    days_left: String,
    comment: String,
}

#[component]
fn AskForm(
    patient: PatientId,
    offered: Vec<(Uuid, String, String, bool)>,
    choices: Vec<(String, String)>,
    value: String,
    kept: Kept,
) -> impl IntoView {
    let t = texts();
    let only = offered.len() == 1;
    view! {
        <PostForm action=api::Prepare::PATH submit=t.medications_look_over() hidden=vec![("patient", patient.to_string())]>
            <FieldGroup label=t.medications_which()/>
            {offered.into_iter().map(|(id, name, hint, checked)| view! {
                <Checkbox name=box_of(id) id=format!("which-{id}") label=name hint checked={checked || only}/>
            }).collect_view()}
            <Select name="pharmacy" label=t.medications_pharmacy() choices value/>
            <Field name="pharmacy_other" label=t.medications_pharmacy_other() hint=t.medications_pharmacy_other_hint() value=kept.other optional=true/>
            <Checkbox name="remember" label=t.medications_remember()/>
            <Field name="days_left" label=t.medications_days_left() input=Input::Digits hint=t.medications_days_left_hint() value=kept.days_left optional=true/>
            <Field name="comment" label=t.medications_comment() input=Input::Area hint=t.medications_comment_hint() value=kept.comment optional=true/>
        </PostForm>
        <p class="meta">{t.medications_nothing_yet()}</p>
    }
}
