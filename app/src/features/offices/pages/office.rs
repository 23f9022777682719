use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use crate::{
    access::{allow, policy::ManageOffice},
    base::{
        error::Error,
        i18n::{Texts, param, texts},
        money::price,
    },
    desk::office::{entity::saved_reply, store::Office},
    features::offices::{
        api,
        store::{Own, own},
    },
    view::{
        Notice,
        document::{Document, Part},
        fields::{Checkbox, Field, Input, Select},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Disclosure, Item, Section},
    },
};

/// How the departments of whoever looks answer.
///
/// # Errors
/// `NotFound` for whoever answers no messages.
pub async fn office(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<ManageOffice>(()).await?;
    let t = grant.texts();
    let offices = own(&grant).await?;
    let done = match request.query("done").as_deref() {
        Some("changed") => Some(t.offices_done_changed()),
        Some("leave") => Some(t.offices_done_leave()),
        Some("leave-ended") => Some(t.offices_done_leave_ended()),
        Some("reply") => Some(t.offices_done_reply()),
        Some("reply-deleted") => Some(t.offices_done_reply_deleted()),
        _ => None,
    };
    let none = offices.is_empty();
    Ok(Page::new(t.offices_title(), t.offices_lead()).narrow().back("/staff/messages", t.messages_title()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        {none.then(|| view! { <Section><p class="text">{t.messages_no_office()}</p></Section> })}
        {offices.into_iter().map(|own| view! { <OneOffice own/> }).collect_view()}
    }))
}

fn id(name: &str, department: Uuid) -> String {
    format!("{name}-{}", department.simple())
}

#[component]
fn OneOffice(own: Own) -> impl IntoView {
    let t = texts();
    let Own { place, office, supervisor, clinicians, away, replies } = own;
    let department = place.id;
    let name_of = |id: Uuid| clinicians.iter().find(|found| found.id == id).map(|found| found.name.clone()).unwrap_or_default();
    let leave: Vec<_> = away
        .iter()
        .map(|row| {
            let days = t.offices_away_days(param::From(&t.date(row.from_on)), param::Until(&t.date(row.until_on)));
            let cover = row.cover_id.map_or_else(|| t.offices_cover_office().to_owned(), |cover| t.offices_covered(&name_of(cover)));
            (row.id, name_of(row.clinician_id), vec![days, cover])
        })
        .collect();
    let choices: Vec<(String, String)> = clinicians.iter().map(|found| (found.id.to_string(), found.name.clone())).collect();
    let nobody = leave.is_empty();
    let settings = if supervisor {
        view! { <Settings department office/> }.into_any()
    } else {
        view! { <Document parts=vec![said(t, &office)]/> }.into_any()
    };
    let no_replies = replies.is_empty();
    view! {
        <Section heading=t.offices_answers(&place.name)>{settings}</Section>
        <Section heading=t.offices_leave(&place.name)>
            {nobody.then(|| view! { <p class="text">{t.offices_nobody_away()}</p> })}
            {leave.into_iter().map(|(row, title, lines)| view! {
                <Item title lines>
                    <PostForm action=api::EndLeave::PATH submit=t.offices_end_leave() quiet=true
                        hidden=vec![("department", department.to_string()), ("id", row.to_string())]/>
                </Item>
            }).collect_view()}
            {(!choices.is_empty()).then(|| view! { <LeaveForm department choices/> })}
        </Section>
        <Section heading=t.offices_replies(&place.name)>
            <p class="meta">{t.offices_replies_say()}</p>
            {no_replies.then(|| view! { <p class="text">{t.offices_no_replies()}</p> })}
            {replies.into_iter().map(|reply| view! { <OneReply department reply/> }).collect_view()}
            <Disclosure summary=t.offices_reply_add()><ReplyForm department reply=None/></Disclosure>
        </Section>
    }
}

/// How it answers, for whoever may not change it.
fn said(t: Texts, office: &Office) -> Part {
    let yes_no = |yes: bool| if yes { t.family_yes() } else { t.family_no() };
    Part::facts([
        (t.offices_reply_days(), Some(office.reply_days.to_string())),
        (t.offices_sensitive(), Some(yes_no(office.sensitive).to_owned())),
        (t.offices_e_visit_price(), Some(office.e_visit_cents.map_or_else(|| t.offices_no_e_visits().to_owned(), price))),
        (t.offices_refill_days(), Some(office.refill_days.to_string())),
        (t.offices_refill_percent(), Some(office.refill_percent.to_string())),
    ])
}

#[component]
fn Settings(department: Uuid, office: Office) -> impl IntoView {
    let t = texts();
    let price = office.e_visit_cents.map(|cents| price(cents).trim_start_matches('$').to_owned()).unwrap_or_default();
    view! {
        <PostForm action=api::ChangeOffice::PATH submit=t.offices_change() hidden=vec![("department", department.to_string())]>
            <Field name="reply_days" id=id("reply-days", department) label=t.offices_reply_days() input=Input::Digits
                value=office.reply_days.to_string() hint=t.offices_days_hint()/>
            <Checkbox name="sensitive" id=id("sensitive", department) label=t.offices_sensitive() checked=office.sensitive/>
            <Field name="e_visit_price" id=id("price", department) label=t.offices_e_visit_price() value=price optional=true
                hint=t.offices_e_visit_hint()/>
            <Field name="refill_days" id=id("refill-days", department) label=t.offices_refill_days() input=Input::Digits
                value=office.refill_days.to_string() hint=t.offices_days_hint()/>
            <Field name="refill_percent" id=id("percent", department) label=t.offices_refill_percent() input=Input::Digits
                value=office.refill_percent.to_string() hint=t.offices_refill_percent_hint()/>
        </PostForm>
    }
}

#[component]
fn LeaveForm(department: Uuid, choices: Vec<(String, String)>) -> impl IntoView {
    let t = texts();
    let cover: Vec<(String, String)> =
        std::iter::once((String::new(), t.offices_cover_office().to_owned())).chain(choices.iter().cloned()).collect();
    view! {
        <Disclosure summary=t.offices_leave_add()>
            <PostForm action=api::AddLeave::PATH submit=t.offices_leave_add() hidden=vec![("department", department.to_string())]>
                <Select name="clinician" id=id("clinician", department) label=t.offices_clinician() choices/>
                <Field name="from" id=id("from", department) label=t.offices_from() input=Input::Date/>
                <Field name="until" id=id("until", department) label=t.offices_until() input=Input::Date/>
                <Select name="cover" id=id("cover", department) label=t.offices_cover() choices=cover optional=true/>
            </PostForm>
        </Disclosure>
    }
}

#[component]
fn OneReply(department: Uuid, reply: saved_reply::Model) -> impl IntoView {
    let t = texts();
    let (title, english) = (reply.title.clone(), reply.english.clone());
    let hidden = vec![("department", department.to_string()), ("id", reply.id.to_string())];
    view! {
        <Item title>
            <p class="text">{english}</p>
            <Disclosure summary=t.offices_reply_change()>
                <ReplyForm department reply=Some(reply)/>
                <PostForm action=api::DeleteReply::PATH submit=t.offices_reply_delete() quiet=true hidden/>
            </Disclosure>
        </Item>
    }
}

#[component]
fn ReplyForm(department: Uuid, reply: Option<saved_reply::Model>) -> impl IntoView {
    let t = texts();
    let id_of = reply.as_ref().map(|reply| reply.id.to_string()).unwrap_or_default();
    let hidden = vec![("department", department.to_string()), ("id", id_of)];
    let here = reply.as_ref().map_or(department, |reply| reply.id);
    let (title, english, spanish) = reply.map(|reply| (reply.title, reply.english, reply.spanish)).unwrap_or_default();
    view! {
        <PostForm action=api::KeepReply::PATH submit=t.offices_reply_keep() hidden>
            <Field name="title" id=id("title", here) label=t.offices_reply_title() value=title/>
            <Field name="english" id=id("english", here) label=t.offices_english() input=Input::Area value=english/>
            <Field name="spanish" id=id("spanish", here) label=t.offices_spanish() input=Input::Area value=spanish/>
        </PostForm>
    }
}
