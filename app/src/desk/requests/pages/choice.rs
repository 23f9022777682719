use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use crate::{
    access::{allow, policy::FindPatients},
    base::{
        error::Error,
        i18n::{param, texts},
    },
    desk::requests::{
        api,
        kind::Decision,
        sought::{Compared, Sought, candidates},
    },
    people::patient,
    view::{
        document::{Document, Part},
        fields::{Checkbox, Field, Input},
        form::{PostForm, SearchForm},
        page::PageRequest,
        sections::{Item, Section, Tag},
    },
};

/// Who may be meant, each beside what was asked and with the button that takes the request for them; and a search for others.
///
/// # Errors
/// When the database fails.
pub(super) async fn choice(request: &PageRequest, id: Uuid, decision: &'static Decision, sought: Sought) -> Result<AnyView, Error> {
    let grant = allow::<FindPatients>(()).await?;
    let t = grant.texts();
    let query = request.query("q").unwrap_or_default();
    let found = candidates(&grant, &sought, &query).await?;
    let nobody = found.is_empty();
    let found = found.into_iter().enumerate().map(move |(number, patient)| {
        let compared = sought.compared(t, &patient);
        view! { <Candidate id number patient compared/> }
    });
    Ok(view! {
        <Section heading=t.queue_who()>
            <p class="meta">{(decision.accept_says)(t)}</p>
            {nobody.then(|| view! { <p class="text">{t.queue_nobody()}</p> })}
            {found.collect_view()}
        </Section>
        <Section heading=t.queue_others()>
            <SearchForm submit=t.staff_find()><Field name="q" label=t.queue_find() input=Input::Search value=query optional=true/></SearchForm>
        </Section>
    }
    .into_any())
}

#[component]
fn Candidate(id: Uuid, number: usize, patient: patient::Model, compared: Vec<Compared>) -> impl IntoView {
    let t = texts();
    let name = format!("{} {}", patient.given_name, patient.family_name);
    let differing: Vec<&str> = compared.iter().filter(|found| found.differs()).map(|found| found.fact.name(t)).collect();
    let tag = match differing.len() {
        0 => Tag::good(t.queue_agrees()),
        1 => Tag::warning(t.queue_one_differs()),
        count => Tag::warning(t.queue_differ(&count.to_string())),
    };
    let lines = patient.mrn.iter().map(|number| format!("{}: {number}", t.personal_record_number())).collect();
    let address = Part::facts([(t.personal_address(), Some(patient.address().join(", ")).filter(|words| !words.is_empty()))]);
    let hidden = vec![("id", id.to_string()), ("decision", "accept".to_owned()), ("patient", patient.id.to_string())];
    let quiet = number > 0;
    let confirm = (!differing.is_empty()).then(|| t.queue_confirm(param::Facts(&differing.join(", ")), param::Name(&name)));
    let submit = t.queue_accept_for(&name);
    let beside = Compared::table(t, t.queue_beside(&name), t.queue_asked(), t.queue_recorded(), compared);
    view! {
        <Item title=name.clone() tag=Some(tag) lines>
            <Document parts=vec![beside, address]/>
            <PostForm action=api::Decide::PATH submit quiet=quiet hidden>
                {confirm.map(|label| view! {
                    <Checkbox name="differences_confirmed" label id=format!("confirmed-{number}")/>
                    <Field name="known_by" label=t.queue_known_by() hint=t.queue_known_by_hint() id=format!("known-by-{number}")/>
                })}
                <Field name="reason" label=t.queue_reason() input=Input::Area hint=t.queue_reason_hint() id=format!("reason-{number}")
                    optional=true/>
            </PostForm>
        </Item>
    }
}
