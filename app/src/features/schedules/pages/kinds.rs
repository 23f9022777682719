use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use crate::{
    access::{Grant, allow, policy::ManageCalendars},
    base::{
        error::Error,
        i18n::{Texts, texts},
        money::price,
    },
    desk::scheduling::{
        entity::{scheduling_office, visit_kind, visit_kind_clinician},
        kinds::{self, name},
        model::{Owner, Who},
        settings::{all_kinds, may_change, pairs},
        words::about_kind,
    },
    features::schedules::{api, model::pair_name},
    record::{care_team::entity::department, visit::model::Kind as Way},
    view::{
        Notice,
        fields::{Checkbox, Field, FieldGroup, Input, Radios, Select},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Item, MainButton, QuietButton, Section, Tag},
    },
};

/// All kinds of visits, and how departments keep their calendars.
///
/// # Errors
/// `NotFound` for whoever changes none.
pub async fn kinds(request: PageRequest) -> Result<Page, Error> {
    use sea_orm::{EntityTrait, QueryOrder};
    let grant = changing().await?;
    let t = grant.texts();
    let done = request.query("done").map(|_| t.schedules_done_kept());
    let items: Vec<_> = all_kinds(&grant)
        .await?
        .into_iter()
        .map(|kind| {
            let tag = kind.retired_at.map(|_| Tag::muted(t.schedules_retired()));
            (
                name(t, &kind).to_owned(),
                tag,
                vec![about_kind(t, &kind), who(t, kind.who).to_owned()],
                format!("/staff/schedule/kinds/{}", kind.id),
            )
        })
        .collect();
    let offices = scheduling_office::Entity::find().all(grant.db()).await?;
    let places: Vec<_> = department::Entity::find()
        .order_by_asc(department::Column::Name)
        .all(grant.db())
        .await?
        .into_iter()
        .filter(|place| !place.pharmacy)
        .map(|place| {
            let office = offices.iter().find(|office| office.department_id == place.id);
            let tag = match office.map(|office| office.owner) {
                Some(Owner::Portal) => Tag::good(t.schedules_owner_portal()),
                Some(Owner::Outside) => Tag::neutral(t.schedules_owner_outside()),
                None => Tag::muted(t.schedules_owner_none()),
            };
            (place.name, tag, format!("/staff/schedule/departments/{}", place.id))
        })
        .collect();
    Ok(Page::new(t.schedules_kinds(), t.schedules_kinds_lead()).narrow().back("/staff/schedule", t.schedules_title()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section heading=t.schedules_kind_list()>
            <MainButton href="/staff/schedule/kinds/new" label=t.schedules_new_kind()/>
            {items.into_iter().map(|(title, tag, lines, href)| {
                let words = t.schedules_change(&title);
                view! { <Item title tag lines><QuietButton href label=words/></Item> }
            }).collect_view()}
        </Section>
        <Section heading=t.schedules_departments()>
            {places.into_iter().map(|(title, tag, href)| {
                let words = t.schedules_change(&title);
                view! { <Item title tag=Some(tag)><QuietButton href label=words/></Item> }
            }).collect_view()}
        </Section>
    }))
}

async fn changing() -> Result<Grant<ManageCalendars>, Error> {
    let grant = allow::<ManageCalendars>(()).await?;
    if may_change(&grant).await? { Ok(grant) } else { Err(Error::NotFound) }
}

fn who(t: Texts, who: Who) -> &'static str {
    match who {
        Who::Anyone => t.schedules_who_anyone(),
        Who::Seen => t.schedules_who_seen(),
        Who::Request => t.schedules_who_request(),
        Who::Order => t.schedules_who_order(),
    }
}

/// A kind of visit, to be changed; or a new one.
///
/// # Errors
/// `NotFound` for whoever changes none, and for a kind that there is not.
pub async fn kind(request: PageRequest) -> Result<Page, Error> {
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    let grant = changing().await?;
    let t = grant.texts();
    let found = match request.text(0) {
        "new" => None,
        _ => Some(kinds::kind(grant.db(), request.id(0)?).await?.ok_or(Error::NotFound)?),
    };
    let offered = match &found {
        Some(kind) => visit_kind_clinician::Entity::find().filter(visit_kind_clinician::Column::KindId.eq(kind.id)).all(grant.db()).await?,
        None => Vec::new(),
    };
    let pairs: Vec<_> = pairs(&grant)
        .await?
        .into_iter()
        .map(|(person, place)| {
            let row = offered.iter().find(|row| row.clinician_id == person.id && row.department_id == place.id);
            let how = row.map_or("", |row| if row.by_request { "request" } else { "direct" });
            (pair_name(person.id, place.id), format!("{} · {}", person.name, place.name), how)
        })
        .collect();
    let title = found.as_ref().map_or_else(|| t.schedules_new_kind().to_owned(), |kind| name(t, kind).to_owned());
    Ok(Page::new(title, t.schedules_kind_lead()).narrow().back("/staff/schedule/kinds", t.schedules_kinds()).body(view! {
        <Section><KindForm found pairs/></Section>
    }))
}

#[component]
fn KindForm(found: Option<visit_kind::Model>, pairs: Vec<(String, String, &'static str)>) -> impl IntoView {
    let t = texts();
    let id = found.as_ref().map(|kind| kind.id.to_string()).unwrap_or_default();
    let known = found.clone();
    let of = move |text: fn(&visit_kind::Model) -> String| known.as_ref().map(text).unwrap_or_default();
    let known = found.clone();
    let or = move |text: fn(&visit_kind::Model) -> String, usual: &str| known.as_ref().map_or_else(|| usual.to_owned(), text);
    let who_choices = Who::ALL.iter().map(|found| (found.as_str().to_owned(), who(t, *found).to_owned(), String::new())).collect();
    let ways = [(Way::Office, t.schedules_way_office()), (Way::Video, t.visits_by_video()), (Way::Phone, t.visits_by_phone())];
    let ways = ways.map(|(way, words)| (way.as_str().to_owned(), words.to_owned())).into();
    let how = [("", t.schedules_not_offered()), ("direct", t.schedules_direct()), ("request", t.schedules_by_request())];
    let how: Vec<(String, String)> = how.map(|(value, words)| (value.to_owned(), words.to_owned())).into();
    let (fast, retired) = (found.as_ref().is_some_and(|kind| kind.fast_pass), found.as_ref().is_some_and(|kind| kind.retired_at.is_some()));
    view! {
        <PostForm action=api::KeepKind::PATH submit=t.family_save() hidden=vec![("id", id)]>
            <Field name="name_en" label=t.schedules_name_en() value=of(|kind| kind.name_en.clone())/>
            <Field name="name_es" label=t.schedules_name_es() value=of(|kind| kind.name_es.clone())/>
            <Field name="says_en" label=t.schedules_says_en() value=of(|kind| kind.says_en.clone())/>
            <Field name="says_es" label=t.schedules_says_es() value=of(|kind| kind.says_es.clone())/>
            <Field name="minutes" label=t.schedules_minutes() input=Input::Digits value=or(|kind| kind.minutes.to_string(), "20")/>
            <Select name="way" label=t.appointments_how() choices=ways value=or(|kind| kind.way.as_str().to_owned(), "office")/>
            <Radios name="who" label=t.schedules_who() choices=who_choices value=of(|kind| kind.who.as_str().to_owned())/>
            <Field name="order_code" label=t.schedules_order_code() hint=t.schedules_order_code_hint() value=of(|kind| kind.order_code.clone().unwrap_or_default()) optional=true/>
            <Field name="before_en" label=t.schedules_before_en() input=Input::Area value=of(|kind| kind.before_en.clone().unwrap_or_default()) optional=true/>
            <Field name="before_es" label=t.schedules_before_es() input=Input::Area value=of(|kind| kind.before_es.clone().unwrap_or_default()) optional=true/>
            <Field name="price" label=t.schedules_price() value=of(|kind| kind.price_cents.map(price).unwrap_or_default()) optional=true/>
            <Field name="cutoff_hours" label=t.schedules_cutoff() input=Input::Digits value=or(|kind| kind.cutoff_hours.to_string(), "24")/>
            <Field name="lead_hours" label=t.schedules_lead_hours() input=Input::Digits value=or(|kind| kind.lead_hours.to_string(), "2")/>
            <Field name="least_age" label=t.schedules_least_age() input=Input::Digits value=of(|kind| kind.least_age.map(|age| age.to_string()).unwrap_or_default()) optional=true/>
            <Field name="most_age" label=t.schedules_most_age() input=Input::Digits value=of(|kind| kind.most_age.map(|age| age.to_string()).unwrap_or_default()) optional=true/>
            <Checkbox name="fast_pass" label=t.schedules_fast_pass() checked=fast/>
            <FieldGroup label=t.schedules_offered_by()/>
            {pairs.into_iter().map(|(name, label, value)| view! {
                <Select id=name.replace(['[', ']'], "-") name label choices=how.clone() value optional=true/>
            }).collect_view()}
            <Checkbox name="retired" label=t.schedules_retire() checked=retired/>
        </PostForm>
    }
}

/// How a department keeps its calendar.
///
/// # Errors
/// `NotFound` for whoever changes none, and for a department that there is not.
pub async fn department(request: PageRequest) -> Result<Page, Error> {
    use sea_orm::EntityTrait;
    let grant = changing().await?;
    let t = grant.texts();
    let id: Uuid = request.id(0)?;
    let place = department::Entity::find_by_id(id).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let office = kinds::office(grant.db(), id).await?;
    Ok(Page::new(place.name, t.schedules_department_lead()).narrow().back("/staff/schedule/kinds", t.schedules_kinds()).body(view! {
        <Section><DepartmentForm id office/></Section>
    }))
}

#[component]
fn DepartmentForm(id: Uuid, office: Option<scheduling_office::Model>) -> impl IntoView {
    let t = texts();
    let owners = [
        (Owner::Portal, t.schedules_owner_portal(), t.schedules_owner_portal_says()),
        (Owner::Outside, t.schedules_owner_outside(), t.schedules_owner_outside_says()),
    ];
    let owners = owners.map(|(owner, words, says)| (owner.as_str().to_owned(), words.to_owned(), says.to_owned())).into();
    let interpreter = office.as_ref().is_some_and(|office| office.interpreter);
    let sensitive = office.as_ref().is_some_and(|office| office.sensitive);
    let of = move |text: fn(&scheduling_office::Model) -> String, usual: &str| office.as_ref().map_or_else(|| usual.to_owned(), text);
    view! {
        <PostForm action=api::KeepDepartment::PATH submit=t.family_save() hidden=vec![("department", id.to_string())]>
            <Radios name="owner" label=t.schedules_owner() choices=owners value=of(|office| office.owner.as_str().to_owned(), "")/>
            <Field name="request_days" label=t.schedules_request_days() input=Input::Digits value=of(|office| office.request_days.to_string(), "2")/>
            <Field name="lead_hours" label=t.schedules_fast_pass_lead() input=Input::Digits value=of(|office| office.fast_pass_lead_hours.to_string(), "24")/>
            <Field name="access_en" label=t.schedules_access_en() value=of(|office| office.access_en.clone().unwrap_or_default(), "") optional=true/>
            <Field name="access_es" label=t.schedules_access_es() value=of(|office| office.access_es.clone().unwrap_or_default(), "") optional=true/>
            <Checkbox name="interpreter" label=t.schedules_interpreter() checked=interpreter/>
            <Checkbox name="sensitive" label=t.schedules_sensitive() checked=sensitive hint=t.schedules_sensitive_says()/>
        </PostForm>
    }
}
