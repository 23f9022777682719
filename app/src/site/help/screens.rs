//! The help pages. They speak of this product as it is, in the hospital's words.

use crate::{
    access::{Grant, allow, policy::AskForHelp},
    base::{
        boot::{Boot, Brand},
        error::Error,
        i18n::Texts,
    },
    desk::requests::model::support_is_open,
    platform::request as web,
    site::tours::{Tour, steps},
    view::screens::{
        good, link,
        model::{Part, Screen},
        off,
    },
};

async fn reader() -> Result<(Grant<AskForHelp>, Texts, Brand), Error> {
    let grant = allow::<AskForHelp>(()).await?;
    let t = grant.texts();
    Ok((grant, t, web::context::<Boot>()?.brand))
}

/// Where to find what.
pub async fn start() -> Result<Screen, Error> {
    let (grant, t, brand) = reader().await?;
    let open = support_is_open(grant.now().instant, &grant.zone());
    let tag = if open { good(t.help_open_now()) } else { off(t.help_closed_now()) };
    let tours = Tour::ALL.map(|tour| (link(tour.help_path(), tour.title(t)), tour.says(t).to_owned()));
    Ok(Screen::new(t.help_title(), t.help_lead(&brand.product))
        .sheet(
            t.help_technical(),
            vec![
                Part::text(t.help_technical_text(&brand.product)),
                Part::Entry { title: t.help_phone_support().into(), tag, lines: vec![t.help_hours().into()], parts: Vec::new() },
                Part::Buttons {
                    main: true,
                    links: vec![
                        link(format!("tel:{}", brand.support_phone), t.help_call(&brand.support_phone)),
                        link("/help/ask", t.help_ask()),
                    ],
                },
            ],
        )
        .sheet(t.help_health(), vec![Part::text(t.help_health_text()), Part::text(t.frame_emergency())])
        .sheet(
            t.help_read(),
            vec![Part::Ways(vec![
                (link("/help/getting-started", t.help_start_title()), t.help_start_says().into()),
                (link("/help/proxy-access", t.help_proxy()), t.help_proxy_says().into()),
                (link("/help/questions", t.help_faq_title()), t.help_faq_says().into()),
                (link("/help/phone", t.help_phone_title()), t.help_phone_says().into()),
                (link("/help/virtual-visits", t.help_video_title()), t.help_video_says().into()),
                (link("/help/bill", t.help_bill_title()), t.help_bill_says().into()),
                (link("/shared", t.shared_title()), t.shared_lead().into()),
                (link("/verify", t.verify_title()), t.verify_lead().into()),
            ])],
        )
        .sheet(t.help_tours(), vec![Part::Ways(tours.into())]))
}

/// What the product is, who may have it, and the two ways to an account.
pub async fn getting_started() -> Result<Screen, Error> {
    let (_, t, brand) = reader().await?;
    Ok(page(t, t.help_start_title(), t.help_start_lead(&brand.organisation, &brand.product))
        .sheet(
            t.help_what_title(&brand.product),
            vec![Part::bullets([
                t.sign_in_can_visits(),
                t.sign_in_can_notes(),
                t.help_what_personal(),
                t.sign_in_can_family(),
                t.help_what_log(),
            ])],
        )
        .sheet(t.signup_age_title(), vec![Part::text(t.help_start_age()), Part::quiet("/help/proxy-access", t.help_proxy())])
        .sheet(t.help_way_office(), vec![Part::text(t.help_way_office_text(&brand.organisation))])
        .sheet(
            t.help_way_online(),
            vec![
                Part::text(t.help_way_online_text()),
                Part::bullets([t.help_way_code_summary(), t.help_way_code_mail()]),
                Part::numbered([
                    t.help_way_1(&brand.product),
                    t.help_way_2().into(),
                    t.help_way_3().into(),
                    t.help_way_4(&brand.product),
                    t.help_way_5().into(),
                    t.help_way_6().into(),
                ]),
                Part::button("/sign-up", t.sign_in_sign_up_now()),
            ],
        ))
}

/// Who may see whose chart, by the hospital's rules.
pub async fn proxy_access() -> Result<Screen, Error> {
    let (_, t, brand) = reader().await?;
    Ok(page(t, t.help_proxy(), t.help_proxy_lead(&brand.product))
        .sheet(
            t.help_proxy_levels(),
            vec![Part::bullets([t.help_proxy_child(), t.help_proxy_teen(), t.help_proxy_adult()]), Part::text(t.help_proxy_eighteen())],
        )
        .sheet(t.help_proxy_emancipated(), vec![Part::text(t.help_proxy_emancipated_text())])
        .sheet(
            t.help_proxy_how(),
            vec![
                Part::bullets([t.help_proxy_how_child(), t.help_proxy_how_adult(), t.help_proxy_how_papers()]),
                Part::button("/sharing", t.family_title()),
            ],
        )
        .sheet(t.help_proxy_help(), vec![Part::text(t.help_proxy_help_text(&brand.support_phone)), Part::quiet("/help/ask", t.help_ask())]))
}

pub async fn questions() -> Result<Screen, Error> {
    let (_, t, brand) = reader().await?;
    let product = brand.product.as_str();
    let answers = [
        (t.help_faq_lost().to_owned(), t.help_faq_lost_text().to_owned()),
        (t.help_faq_code().to_owned(), t.help_faq_code_text().to_owned()),
        (t.help_faq_locked().to_owned(), t.help_faq_locked_text(&brand.support_phone)),
        (t.help_faq_teen().to_owned(), t.help_faq_teen_text().to_owned()),
        (t.help_faq_who().to_owned(), t.help_faq_who_text().to_owned()),
        (t.help_faq_mail().to_owned(), t.help_faq_mail_text(product)),
        (t.help_faq_wrong().to_owned(), t.help_faq_wrong_text().to_owned()),
        (t.help_faq_safe().to_owned(), t.help_faq_safe_text().to_owned()),
    ];
    let parts = answers.into_iter().map(|(question, answer)| Part::More { summary: question, parts: vec![Part::Text(answer)] }).collect();
    Ok(page(t, t.help_faq_title(), t.help_faq_lead(product)).sheet("", parts))
}

pub async fn phone() -> Result<Screen, Error> {
    let (_, t, brand) = reader().await?;
    Ok(page(t, t.help_phone_title(), t.help_phone_lead(&brand.product)).sheet(
        "",
        vec![
            Part::Heading(t.help_phone_iphone().into()),
            Part::numbered([t.help_phone_iphone_1().into(), t.help_phone_iphone_2().into()]),
            Part::Heading(t.help_phone_android().into()),
            Part::numbered([t.help_phone_android_1().into(), t.help_phone_android_2().into()]),
            Part::text(t.help_phone_dock()),
        ],
    ))
}

pub async fn virtual_visits() -> Result<Screen, Error> {
    let (_, t, _) = reader().await?;
    Ok(page(t, t.help_video_title(), t.help_video_lead())
        .sheet("", vec![Part::bullets([t.help_video_1(), t.help_video_2(), t.help_video_3()]), Part::text(t.help_health_text())]))
}

pub async fn bill() -> Result<Screen, Error> {
    let (_, t, brand) = reader().await?;
    Ok(page(t, t.help_bill_title(), t.help_bill_lead(&brand.organisation, &brand.product))
        .sheet("", vec![Part::text(t.help_bill_text(&brand.support_phone))]))
}

/// A walk-through as a page to read, and the way to have it on the real pages.
pub async fn tour(tour: Tour) -> Result<Screen, Error> {
    let (grant, t, brand) = reader().await?;
    let steps = steps(t, tour, &brand, grant.holder().ok(), grant.now());
    let mut parts = vec![Part::Numbered(steps.iter().map(|step| format!("{}. {}", step.title, step.text)).collect())];
    if let Some(first) = steps.first() {
        let start = format!("{}?tour={}&step=1", first.path, tour.name());
        let label = if grant.holder().is_ok() { t.tour_show_me() } else { t.tour_sign_in_and_show() };
        parts.push(Part::button(start, label));
    }
    Ok(page(t, tour.title(t), tour.says(t)).sheet(t.tour_steps(), parts))
}

fn page(t: Texts, title: impl Into<String>, lead: impl Into<String>) -> Screen {
    Screen::new(title, lead).narrow().back("/help", t.help_title())
}
