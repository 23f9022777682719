use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::words::access_in_words;
use crate::{
    access::{
        Grant,
        policy::{RecordAccess, ViewPatientAccount},
    },
    base::{error::Error, i18n::texts, ids::PatientId},
    features::{
        family::{Levels, grants::accesses, words::relationship_in_words},
        staff::api,
    },
    view::{
        fields::{Field, Input, Radios},
        form::PostForm,
        sections::{Disclosure, Item, Tag},
    },
};

/// Somebody's access to a patient's chart, open or over.
pub(super) struct ListedAccess {
    id: Uuid,
    name: String,
    tag: Tag,
    lines: Vec<String>,
    may_end: bool,
}

/// # Errors
/// When the database fails.
pub(super) async fn listed(grant: &Grant<ViewPatientAccount>) -> Result<Vec<ListedAccess>, Error> {
    let (t, zone, patient) = (grant.texts(), grant.zone(), grant.patient());
    let may_end = grant.would_allow::<RecordAccess>(&patient);
    let found = accesses(grant, patient.0).await?.into_iter().map(|access| {
        let open = access.level.is_ok();
        let mut lines = vec![access_in_words(t, access.level), t.family_since(&t.date_and_time(access.since, &zone))];
        lines.extend(access.given_by.map(|by| t.staff_given_by(&by)));
        lines.extend(access.until.map(|at| t.family_ends(&t.date_and_time(at, &zone))));
        lines.extend(access.end_note);
        let tag = if open { Tag::neutral(relationship_in_words(t, access.relationship)) } else { Tag::muted(t.family_over()) };
        ListedAccess { id: access.id, name: access.name, tag, lines, may_end: open && may_end }
    });
    Ok(found.collect())
}

/// Who has, or had, access to a patient's chart.
#[component]
pub(super) fn AccessList(patient: PatientId, accesses: Vec<ListedAccess>) -> impl IntoView {
    let t = texts();
    if accesses.is_empty() {
        return view! { <p class="text">{t.staff_no_access()}</p> }.into_any();
    }
    let items = accesses.into_iter().map(|ListedAccess { id, name, tag, lines, may_end }| {
        let submit = t.family_end(&name);
        let hidden = vec![("patient", patient.to_string()), ("id", id.to_string())];
        let end = may_end.then(|| {
            view! {
                <Disclosure summary=t.staff_end()>
                    <PostForm action=api::EndAccess::PATH submit quiet=true hidden>
                        <Field name="reason" label=t.queue_reason() id=format!("reason-{id}")/>
                    </PostForm>
                </Disclosure>
            }
        });
        view! { <Item title=name tag=Some(tag) lines>{end}</Item> }
    });
    items.collect_view().into_any()
}

/// Records access from a paper form.
#[component]
pub(super) fn RecordForm(patient: PatientId) -> impl IntoView {
    let t = texts();
    let bases = [
        ("parent_child", t.staff_basis_child(), t.staff_basis_child_says()),
        ("adult_adult", t.staff_basis_adult(), t.staff_basis_adult_says()),
        ("papers", t.staff_basis_papers(), t.staff_basis_papers_says()),
    ];
    let bases = bases.map(|(value, label, says)| (value.to_owned(), label.to_owned(), says.to_owned())).into();
    view! {
        <PostForm action=api::RecordAccess::PATH submit=t.staff_record_submit() quiet=true hidden=vec![("patient", patient.to_string())]>
            <Field name="username" label=t.staff_record_username() id="record-username" hint=t.staff_record_username_hint()/>
            <Radios name="basis" label=t.staff_record_basis() choices=bases/>
            <Levels id="record-level" optional=true/>
            <Field name="until" label=t.family_until() input=Input::Date id="record-until" hint=t.family_until_hint() optional=true/>
        </PostForm>
    }
}
