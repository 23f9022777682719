use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{
        allow,
        policy::{FindPatients, JoinRecords},
    },
    base::{
        error::Error,
        i18n::{Texts, param, texts},
        ids::PatientId,
    },
    desk::requests::sought::{Compared, candidates},
    features::staff::{
        api,
        joining::{self, Joined},
    },
    people::patient,
    view::{
        document::{Document, Part},
        fields::{Checkbox, Field, Input},
        form::{PostForm, SearchForm},
        page::{Page, PageRequest},
        sections::{Disclosure, Item, Section, Tag},
    },
};

/// Other records that may be this person's, each beside the one that is kept.
///
/// # Errors
/// `NotFound` for everybody but the front desk.
pub async fn join(request: PageRequest) -> Result<Page, Error> {
    let id: PatientId = request.id(0)?;
    let grant = allow::<JoinRecords>(id).await?;
    let find = allow::<FindPatients>(()).await?;
    let (t, query) = (grant.texts(), request.query("q").unwrap_or_default());
    let kept = joining::kept(&grant).await?;
    let mut others = candidates(&find, &joining::sought(&kept), &query).await?;
    others.retain(|other| other.id != kept.id);
    let (name, lead) = (format!("{} {}", kept.given_name, kept.family_name), t.staff_join_lead(&named(t, &kept)));
    let nobody = others.is_empty();
    let others = others.into_iter().enumerate().map(move |(number, other)| {
        let compared = joining::compared(t, &kept, &other);
        view! { <Other patient=id number other compared/> }
    });
    let page = Page::new(t.staff_join_title(), lead);
    Ok(page.back(format!("/staff/patients/{id}"), name).body(view! {
        <Section>
            <p class="text">{t.staff_join_text()}</p>
            <SearchForm submit=t.staff_find()><Field name="q" label=t.queue_find() input=Input::Search value=query optional=true/></SearchForm>
        </Section>
        <Section heading=t.staff_join_others()>
            {nobody.then(|| view! { <p class="text">{t.staff_nobody()}</p> })}
            {others.collect_view()}
        </Section>
    }))
}

/// "Maria Rivera, MH-1001".
fn named(t: Texts, patient: &patient::Model) -> String {
    let number = patient.mrn.clone().unwrap_or_else(|| t.staff_join_no_number().to_owned());
    format!("{} {}, {number}", patient.given_name, patient.family_name)
}

#[component]
fn Other(patient: PatientId, number: usize, other: patient::Model, compared: Vec<Compared>) -> impl IntoView {
    let t = texts();
    let name = format!("{} {}", other.given_name, other.family_name);
    let differing: Vec<&str> = compared.iter().filter(|found| found.differs()).map(|found| found.fact.name(t)).collect();
    let tag = match differing.len() {
        0 => Tag::good(t.queue_agrees()),
        1 => Tag::warning(t.queue_one_differs()),
        count => Tag::warning(t.queue_differ(&count.to_string())),
    };
    let confirm = (!differing.is_empty()).then(|| t.staff_join_confirm(&differing.join(", ")));
    let lines = other.mrn.iter().map(|number| format!("{}: {number}", t.personal_record_number())).collect();
    let beside = Compared::table(t, t.staff_join_beside(&name), t.staff_join_kept(), t.staff_join_other(), compared);
    let hidden = vec![("patient", patient.to_string()), ("other", other.id.to_string())];
    view! {
        <Item title=name tag=Some(tag) lines>
            <Document parts=vec![beside]/>
            <PostForm action=api::JoinRecords::PATH submit=t.staff_join_submit() quiet=true hidden>
                {confirm.map(|label| view! { <Checkbox name="differences_confirmed" label id=format!("confirmed-{number}")/> })}
                <Field name="known_by" label=t.staff_join_known_by() hint=t.staff_join_known_by_hint() id=format!("known-by-{number}")/>
            </PostForm>
        </Item>
    }
}

/// What was joined with a record, and the way to take it apart.
#[component]
pub(super) fn JoinedRecords(patient: PatientId, joined: Vec<Joined>, zone: chrono_tz::Tz) -> impl IntoView {
    let t = texts();
    let lines = |found: &Joined| {
        let by = t.staff_joined_by(
            param::At(&t.date_and_time(found.join.joined_at, &zone)),
            param::By(&found.join.joined_by),
            param::Known(&found.join.known_by),
        );
        let undone = found.join.undone_at.map(|at| {
            let (by, reason) = (found.join.undone_by.as_deref().unwrap_or_default(), found.join.reason.as_deref().unwrap_or_default());
            t.staff_separated_by(param::At(&t.date_and_time(at, &zone)), param::By(by), param::Reason(reason))
        });
        vec![Part::Lines(std::iter::once(by).chain(undone).collect())]
    };
    joined
        .into_iter()
        .map(|found| {
            let parts = lines(&found);
            let number = found.record_number.unwrap_or_else(|| t.staff_join_no_number().to_owned());
            let id = found.join.id;
            let separate = found.join.undone_at.is_none().then(|| {
                let hidden = vec![("patient", patient.to_string()), ("id", id.to_string())];
                view! {
                    <Disclosure summary=t.staff_separate()>
                        <p class="text">{t.staff_separate_text()}</p>
                        <PostForm action=api::SeparateRecords::PATH submit=t.staff_separate() quiet=true hidden>
                            <Field name="reason" label=t.queue_reason() id=format!("separate-{id}")/>
                        </PostForm>
                    </Disclosure>
                }
            });
            view! { <Item title=t.staff_joined_record(&number)><Document parts/>{separate}</Item> }
        })
        .collect_view()
}
