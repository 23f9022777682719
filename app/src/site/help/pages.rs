//! The help pages. They speak of this product as it is, in the hospital's words.

use leptos::prelude::*;

use crate::{
    access::{Grant, allow, policy::AskForHelp},
    base::{
        boot::{Boot, Brand},
        error::Error,
        i18n::{Texts, param, texts},
    },
    desk::requests::model::{is_holiday, support_is_open},
    platform::request as web,
    site::tours::{Tour, steps},
    view::{
        link::Link,
        page::{Page, PageRequest},
        sections::{Buttons, Disclosure, Item, LinkList, MainButton, QuietButton, Section, Tag},
    },
};

async fn reader() -> Result<(Grant<AskForHelp>, Texts, Brand), Error> {
    let grant = allow::<AskForHelp>(()).await?;
    let t = grant.texts();
    Ok((grant, t, web::context::<Boot>()?.brand))
}

/// A page below the first one.
fn below(t: Texts, title: impl Into<String>, lead: impl Into<String>) -> Page {
    Page::new(title, lead).narrow().back("/help", t.help_title())
}

/// Where to find what.
///
/// # Errors
/// When the server was put together without its parts.
pub async fn start(_: PageRequest) -> Result<Page, Error> {
    let (grant, t, brand) = reader().await?;
    let (open, holiday) = (support_is_open(grant.now().instant, &grant.zone()), is_holiday(grant.now().today));
    let read = [
        ("/help/getting-started", t.help_start_title(), t.help_start_says()),
        ("/help/proxy-access", t.help_proxy(), t.help_proxy_says()),
        ("/help/questions", t.help_faq_title(), t.help_faq_says()),
        ("/phone", t.phone_title(), t.phone_says()),
        ("/help/virtual-visits", t.help_video_title(), t.help_video_says()),
        ("/help/bill", t.help_bill_title(), t.help_bill_says()),
        ("/shared", t.shared_title(), t.shared_lead()),
        ("/verify", t.verify_title(), t.verify_lead()),
    ];
    let read = read.map(|(href, label, says)| (Link::new(href, label), says.to_owned()));
    let tours = Tour::ALL.map(|tour| (Link::new(tour.help_path(), tour.title(t)), tour.says(t).to_owned()));
    Ok(Page::new(t.help_title(), t.help_lead(&brand.product)).body(view! {
        <Section heading=t.help_technical()><Support brand open holiday/></Section>
        <Section heading=t.help_health()>
            <p class="text">{t.help_office_text()}</p>
            <p class="text">{t.frame_emergency()}</p>
        </Section>
        <Section heading=t.help_read()><LinkList links=read.into()/></Section>
        <Section heading=t.help_tours()><LinkList links=tours.into()/></Section>
    }))
}

/// The ways to reach support, and whether somebody is there now.
#[component]
fn Support(brand: Brand, open: bool, holiday: bool) -> impl IntoView {
    let t = texts();
    let tag = match (open, holiday) {
        (true, _) => Tag::good(t.help_open_now()),
        (false, true) => Tag::muted(t.help_closed_for_holiday()),
        (false, false) => Tag::muted(t.help_closed_now()),
    };
    let call = Link::new(format!("tel:{}", brand.support_phone), t.help_call(&brand.support_phone));
    view! {
        <p class="text">{t.help_technical_text(&brand.product)}</p>
        <Item title=t.help_phone_support() tag=Some(tag) lines=vec![t.help_hours().to_owned()]/>
        <Buttons main=true links=vec![call, Link::new("/help/ask", t.help_ask())]/>
    }
}

/// What the product is, who may have it, and the two ways to an account.
///
/// # Errors
/// When the server was put together without its parts.
pub async fn getting_started(_: PageRequest) -> Result<Page, Error> {
    let (_, t, Brand { product, organisation, .. }) = reader().await?;
    Ok(below(t, t.help_start_title(), t.help_start_lead(param::Organisation(&organisation), param::Product(&product))).body(view! {
        <Section heading=t.help_what_title(&product)>
            <ul class="ticks">
                <li>{t.sign_in_can_visits()}</li>
                <li>{t.sign_in_can_notes()}</li>
                <li>{t.help_what_personal()}</li>
                <li>{t.sign_in_can_family()}</li>
                <li>{t.help_what_log()}</li>
            </ul>
        </Section>
        <Section heading=t.signup_age_title()>
            <p class="text">{t.help_start_age()}</p>
            <QuietButton href="/help/proxy-access" label=t.help_proxy()/>
        </Section>
        <Section heading=t.help_way_office()><p class="text">{t.help_way_office_text(&organisation)}</p></Section>
        <Section heading=t.help_way_online()>
            <p class="text">{t.help_way_online_text()}</p>
            <ul class="ticks"><li>{t.help_way_code_summary()}</li><li>{t.help_way_code_mail()}</li></ul>
            <ol>
                <li>{t.help_way_1(&product)}</li>
                <li>{t.help_way_2()}</li>
                <li>{t.help_way_3()}</li>
                <li>{t.help_way_4(&product)}</li>
                <li>{t.help_way_5()}</li>
                <li>{t.help_way_6()}</li>
            </ol>
            <MainButton href="/sign-up" label=t.sign_in_sign_up_now()/>
        </Section>
    }))
}

/// Who may see whose chart, by the hospital's rules.
///
/// # Errors
/// When the server was put together without its parts.
pub async fn proxy_access(_: PageRequest) -> Result<Page, Error> {
    let (_, t, brand) = reader().await?;
    Ok(below(t, t.help_proxy(), t.help_proxy_lead(&brand.product)).body(view! {
        <Section heading=t.help_proxy_levels()>
            <ul class="ticks"><li>{t.help_proxy_child()}</li><li>{t.help_proxy_teen()}</li><li>{t.help_proxy_adult()}</li></ul>
            <p class="text">{t.help_proxy_eighteen()}</p>
        </Section>
        <Section heading=t.help_proxy_emancipated()><p class="text">{t.help_proxy_emancipated_text()}</p></Section>
        <Section heading=t.help_proxy_how()>
            <ul class="ticks">
                <li>{t.help_proxy_how_child()}</li>
                <li>{t.help_proxy_how_adult()}</li>
                <li>{t.help_proxy_how_papers()}</li>
            </ul>
            <MainButton href="/sharing" label=t.family_title()/>
        </Section>
        <Section heading=t.help_proxy_help()>
            <p class="text">{t.help_proxy_help_text(&brand.support_phone)}</p>
            <QuietButton href="/help/ask" label=t.help_ask()/>
        </Section>
    }))
}

/// Questions that many ask.
///
/// # Errors
/// When the server was put together without its parts.
pub async fn questions(_: PageRequest) -> Result<Page, Error> {
    let (_, t, Brand { product, support_phone, .. }) = reader().await?;
    let answers = [
        (t.help_faq_lost(), t.help_faq_lost_text().to_owned()),
        (t.help_faq_code(), t.help_faq_code_text().to_owned()),
        (t.help_faq_locked(), t.help_faq_locked_text(&support_phone)),
        (t.help_faq_teen(), t.help_faq_teen_text().to_owned()),
        (t.help_faq_who(), t.help_faq_who_text().to_owned()),
        (t.help_faq_mail(), t.help_faq_mail_text(&product)),
        (t.help_faq_wrong(), t.help_faq_wrong_text().to_owned()),
        (t.help_faq_safe(), t.help_faq_safe_text().to_owned()),
    ];
    let answers = answers.map(|(question, answer)| view! { <Disclosure summary=question><p class="text">{answer}</p></Disclosure> });
    Ok(below(t, t.help_faq_title(), t.help_faq_lead(&product)).body(view! { <Section>{answers.into_iter().collect_view()}</Section> }))
}

/// Visits by video.
///
/// # Errors
/// When the server was put together without its parts.
pub async fn virtual_visits(_: PageRequest) -> Result<Page, Error> {
    let (_, t, _) = reader().await?;
    Ok(below(t, t.help_video_title(), t.help_video_lead()).body(view! {
        <Section>
            <ul class="ticks"><li>{t.help_video_1()}</li><li>{t.help_video_2()}</li><li>{t.help_video_3()}</li></ul>
            <p class="text">{t.help_health_text()}</p>
        </Section>
    }))
}

/// Questions about a bill.
///
/// # Errors
/// When the server was put together without its parts.
pub async fn bill(_: PageRequest) -> Result<Page, Error> {
    let (_, t, brand) = reader().await?;
    Ok(below(t, t.help_bill_title(), t.help_bill_lead(param::Organisation(&brand.organisation), param::Product(&brand.product))).body(
        view! {
            <Section><p class="text">{t.help_bill_text(&brand.support_phone)}</p></Section>
        },
    ))
}

/// A walk-through as a page to read, and the way to have it on the real pages.
///
/// # Errors
/// When the server was put together without its parts.
pub async fn tour(tour: Tour) -> Result<Page, Error> {
    let (grant, t, brand) = reader().await?;
    let steps = steps(t, tour, &brand, grant.holder().ok(), grant.now());
    let start = steps.first().map(|first| format!("{}?tour={}&step=1", first.path, tour.name()));
    let label = if grant.holder().is_ok() { t.tour_show_me() } else { t.tour_sign_in_and_show() };
    let steps = steps.into_iter().map(|step| view! { <li>{format!("{}. {}", step.title, step.text)}</li> });
    Ok(below(t, tour.title(t), tour.says(t)).body(view! {
        <Section heading=t.tour_steps()>
            <ol>{steps.collect_view()}</ol>
            {start.map(|href| view! { <MainButton href label/> })}
        </Section>
    }))
}
