//! "On your phone": how to put the portal on this device, its notices, what it keeps. To be read without JavaScript, too.

use leptos::{prelude::*, server_fn::ServerFn};
use serde_json::json;

use super::{
    api,
    store::{self, Phone, box_of},
};
use crate::{
    access::{
        Grant, allow,
        policy::{AskForHelp, ViewHealthSummary},
    },
    base::{
        boot::Boot,
        error::Error,
        i18n::{Texts, texts},
        ids::PatientId,
    },
    platform::{
        mail::model::News,
        push::{entity::push_subscription, queue::is_among, vapid::Vapid},
        request as web,
        secret::Secret,
    },
    view::{
        Notice,
        fields::{Checkbox, FieldGroup, Select},
        form::PostForm,
        link::Link,
        page::{Page, PageRequest},
        sections::{Item, KeptNames, LinkList, QuietButton, Section, Tag},
    },
};

/// How to put the portal on this device, its notices, what it keeps.
///
/// # Errors
/// When the server was put together without its parts.
pub async fn page(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<AskForHelp>(()).await?;
    let t = grant.texts();
    let product = web::context::<Boot>()?.brand.product;
    let done = match request.query("done").as_deref() {
        Some("chosen") => Some(t.phone_done_chosen()),
        Some("ended") => Some(t.phone_done_ended()),
        _ => None,
    };
    let own = if grant.holder().is_ok() { Some(Own::of(&grant).await?) } else { None };
    let signed_in = own.is_some();
    let (notices, kept, phones) = match own {
        Some(own) => (Some((own.key, own.subscription, own.people)), own.cards, own.phones),
        None => (None, Vec::new(), Vec::new()),
    };
    Ok(Page::new(t.phone_title(), t.phone_lead(&product)).narrow().back("/help", t.help_title()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Section heading=t.phone_install()><Install/></Section>
        <Section heading=t.phone_notices() id="notices">
            <p class="text">{t.phone_notices_says()}</p>
            {(!signed_in).then(|| view! { <QuietButton href="/sign-in?next=/phone" label=t.phone_sign_in()/> })}
            {notices.map(|(key, subscription, people)| view! { <Notices key=key subscription people/> })}
        </Section>
        <Section heading=t.phone_kept_title()>
            <p class="text">{t.phone_kept_says()}</p>
            <LinkList links=cards(t, kept)/>
        </Section>
        <Section heading=t.phone_more()>
            <ul class="ticks"><li>{t.phone_more_share()}</li><li>{t.phone_more_photo()}</li><li class="only-phone">{t.phone_more_dock()}</li></ul>
            {signed_in.then(|| view! { <QuietButton href="/account/second-step/passkey" label=t.phone_passkey()/> })}
        </Section>
        {(!phones.is_empty()).then(|| view! { <Phones phones zone=grant.zone()/> })}
    }))
}

/// What the page shows of whoever is signed in.
struct Own {
    key: String,
    subscription: Option<push_subscription::Model>,
    people: Vec<(PatientId, String)>,
    /// Whose emergency cards may be kept.
    cards: Vec<(PatientId, String)>,
    phones: Vec<Phone>,
}

impl Own {
    async fn of(grant: &Grant<AskForHelp>) -> Result<Self, Error> {
        let people = store::people(grant)?;
        Ok(Self {
            key: Vapid::current(grant.db(), &web::context::<Secret>()?).await?.public(),
            subscription: store::subscription(grant).await?,
            cards: people.iter().filter(|(patient, _)| grant.would_allow::<ViewHealthSummary>(patient)).cloned().collect(),
            people,
            phones: store::phones(grant).await?,
        })
    }
}

/// The steps for each browser; a script shows those for this one.
#[component]
fn Install() -> impl IntoView {
    let t = texts();
    let steps = [
        ("ios-safari", t.phone_ios_safari()),
        ("ios-other", t.phone_ios_other()),
        ("android-chrome", t.phone_android_chrome()),
        ("android-samsung", t.phone_android_samsung()),
        ("android-firefox", t.phone_android_firefox()),
        ("desktop-chrome", t.phone_desktop_chrome()),
        ("desktop-safari", t.phone_desktop_safari()),
        ("desktop-firefox", t.phone_desktop_firefox()),
        ("other", t.phone_other()),
    ];
    let steps = steps.map(|(browser, words)| view! { <li data-browser=browser>{words}</li> });
    view! {
        <p class="text" data-browser="installed" hidden>{t.phone_installed()}</p>
        <p><button class="btn" type="button" data-install hidden>{t.phone_install_now()}</button></p>
        <ul class="stack">{steps.into_iter().collect_view()}</ul>
    }
}

/// Turning notices on and off in this browser, and choosing which come.
#[component]
fn Notices(
    key: String,
    #[prop(optional_no_strip)] subscription: Option<push_subscription::Model>,
    people: Vec<(PatientId, String)>,
) -> impl IntoView {
    let t = texts();
    let words = json!({
        "unsupported": t.phone_push_unsupported(),
        "homeScreen": t.phone_push_home_screen(),
        "denied": t.phone_push_denied(),
        "off": t.phone_push_off(),
        "on": t.phone_push_on(),
        "turnOn": t.phone_push_turn_on(),
        "turnOff": t.phone_push_turn_off(),
        "failed": t.phone_push_failed(),
    });
    view! {
        <div class="stack" data-push data-key=key data-subscribe=api::SubscribePush::PATH data-unsubscribe=api::UnsubscribePush::PATH
            data-texts=words.to_string()>
            <p class="text" role="status" data-push-state>{t.phone_push_script()}</p>
            <button class="btn quiet" type="button" data-push-switch hidden></button>
        </div>
        {subscription.map(|found| view! { <Choices found people/> })}
    }
}

#[component]
fn Choices(found: push_subscription::Model, people: Vec<(PatientId, String)>) -> impl IntoView {
    let t = texts();
    let kinds = [
        (News::Record, t.notices_record()),
        (News::Family, t.notices_family()),
        (News::Answers, t.notices_answers()),
        (News::Visits, t.notices_visits()),
        (News::Bills, t.notices_bills()),
    ];
    let kinds = kinds.map(|(news, label)| {
        let checked = !is_among(&found.kinds_off, news.as_str());
        view! { <Checkbox name=format!("kinds[{}]", news.as_str()) label checked id=format!("kind-{}", news.as_str())/> }
    });
    let several = people.len() > 1;
    let people = people.into_iter().map(|(patient, name)| {
        let checked = !is_among(&found.people_off, &patient.to_string());
        let name_of_box = format!("people[{}]", box_of(patient));
        // With one person there is nothing to choose.
        match several {
            true => view! { <Checkbox name=name_of_box label=name checked id=box_of(patient)/> }.into_any(),
            false => view! { <input type="hidden" name=name_of_box value="true"/> }.into_any(),
        }
    });
    let people = people.collect_view();
    let value = |hour: Option<i32>| hour.map(|hour| hour.to_string()).unwrap_or_default();
    let (from, until) = (value(found.quiet_from), value(found.quiet_until));
    view! {
        <PostForm action=api::ChoosePush::PATH submit=t.family_save()>
            <FieldGroup label=t.phone_kinds()/>
            {kinds.into_iter().collect_view()}
            {several.then(|| view! { <FieldGroup label=t.phone_people()/> })}
            <KeptNames>{people}</KeptNames>
            <Select name="quiet_from" label=t.phone_quiet_from() choices=hours(t) value=from optional=true/>
            <Select name="quiet_until" label=t.notices_quiet_until() choices=hours(t) value=until optional=true/>
            <Checkbox name="instead_of_mail" label=t.phone_instead() checked=found.instead_of_mail hint=t.phone_instead_says()/>
        </PostForm>
    }
}

/// The hours of a day to choose from, or none.
fn hours(t: Texts) -> Vec<(String, String)> {
    let hour = |hour: i32| (hour.to_string(), t.clock_time(&format!("{hour:02}:00:00")).unwrap_or_default());
    std::iter::once((String::new(), t.notices_no_quiet().to_owned())).chain((0..24).map(hour)).collect()
}

/// Where what may be kept is found, and what is.
fn cards(t: Texts, people: Vec<(PatientId, String)>) -> Vec<(Link, String)> {
    let emergency = people.iter().map(|(patient, name)| {
        (Link::new(format!("/p/{patient}/health/emergency"), t.phone_emergency_of(name)), t.health_emergency_lead().to_owned())
    });
    let cards = people.iter().map(|(patient, name)| {
        (Link::new(format!("/p/{patient}/health/credentials"), t.phone_cards_of(name)), t.credentials_lead().to_owned())
    });
    let kept = (Link::new("/offline", t.phone_kept_here()), t.phone_kept_here_says().to_owned());
    emergency.chain(cards).chain([kept]).collect()
}

/// The browsers of this account that keep something or get notices.
#[component]
fn Phones(phones: Vec<Phone>, zone: chrono_tz::Tz) -> impl IntoView {
    let t = texts();
    let items = phones.into_iter().map(move |phone| {
        let title = if phone.row.device.is_empty() { t.second_unknown_device().to_owned() } else { phone.row.device };
        let mut lines = vec![t.second_since(&t.date_and_time(phone.row.made_at, &zone))];
        lines.push(if phone.has_notices { t.phone_has_notices().to_owned() } else { t.phone_no_notices().to_owned() });
        let here = phone.here.then(|| Tag::neutral(t.second_this_device()));
        view! {
            <Item title tag=here lines>
                <PostForm action=api::EndPhone::PATH submit=t.phone_end() quiet=true hidden=vec![("id", phone.row.id.to_string())]/>
            </Item>
        }
    });
    view! { <Section heading=t.phone_devices()><p class="text">{t.phone_devices_says()}</p>{items.collect_view()}</Section> }
}
