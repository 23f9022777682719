use leptos::prelude::*;

use super::{
    api::needs_you,
    model::{Decided, Due, Need, Needs, News, NewsKind, What},
};
use crate::{
    base::{
        boot::Boot,
        error::Error,
        i18n::{param, texts},
        text::first_name,
    },
    features::account::model::{PersonCard, Session},
    site::people_list::PeopleList,
    view::{
        DateBlock, Notice, PageHead, ended,
        shown::{Asked, Shown, page},
    },
};

/// What needs the account holder, and the people they care for.
#[component]
pub fn HomePage() -> impl IntoView {
    page(Signal::stored(String::new()), ask)
}

fn ask(_key: String) -> Asked {
    let (title, product) = (texts().home_title(), expect_context::<Boot>().brand.product);
    let session = use_context::<Resource<Result<Session, Error>>>();
    Box::pin(async move {
        let session = session.ok_or(Error::SignInNeeded)?.await?;
        let needs = needs_you().await?;
        Ok(Shown::view(title, move || view! { <Home session=session.clone() needs=needs.clone() product=product.clone()/> }.into_any()))
    })
}

#[component]
fn Home(session: Session, needs: Needs, product: String) -> impl IntoView {
    let t = texts();
    let first_name = first_name(&session.name).to_owned();
    let nobody = session.people.is_empty() && session.staff.is_none();
    let several = session.people.len() > 1;
    let people = session.people;
    let nobody_else = people.is_empty();
    let none_due = needs.due.is_empty();
    let quick: Vec<PersonCard> = people.iter().filter(|person| person.sees_clinical()).cloned().collect();
    view! {
        <PageHead title=t.home_hello(&first_name) lead=if nobody_else { String::new() } else { t.home_lead(&product) }/>
        {needs.passkey.then(|| view! { <PasskeyOffer/> })}
        {needs.ended.into_iter().map(|access| view! {
            <Notice warn=true><h2>{t.home_ended(&access.given_name)}</h2><p>{ended(t, access.reason)}</p></Notice>
        }).collect_view()}
        {(needs.answers > 0).then(|| {
            let words = match needs.answers {
                1 => t.home_answer_needs_you().to_owned(),
                count => t.home_answers_need_you(&count.to_string()),
            };
            view! {
                <Notice warn=true><h2>{words}</h2><div class="acts"><a class="btn" href="/staff/questionnaires">{t.questionnaires_staff_title()}</a></div></Notice>
            }
        })}
        {session.staff.map(|role| view! {
            <section class="sheet"><h2>{t.home_staff()}</h2>
                {if session.second_step_passed {
                    view! {
                        {role.finds_patients().then(|| view! { <p>{t.home_staff_text()}</p> })}
                        <div class="acts">
                            {role.finds_patients().then(|| view! { <a class="btn" href="/staff/patients">{t.staff_title()}</a> })}
                            {role.has_queue().then(|| view! { <a class="btn quiet" href="/staff/queue">{t.queue_title()}</a> })}
                            {role.keeps_ledgers().then(|| view! { <a class="btn" href="/staff/billing">{t.ledgers_title()}</a> })}
                            {role.schedules().then(|| view! { <a class="btn quiet" href="/staff/schedule">{t.schedules_title()}</a><a class="btn quiet" href="/staff/visit-requests">{t.schedules_requests()}</a> })}
                            {role.answers_messages().then(|| view! {
                                <a class="btn" href="/staff/messages">{t.messages_title()}</a>
                                <a class="btn quiet" href="/staff/medications">{t.medications_queue()}</a>
                                <a class="btn quiet" href="/staff/questionnaires">{t.questionnaires_staff_title()}</a>
                            })}
                        </div>
                    }
                    .into_any()
                } else {
                    view! {
                        <p>{t.second_staff_text()}</p>
                        <div class="acts"><a class="btn" href="/account/second-step">{t.second_settings_title()}</a></div>
                    }
                    .into_any()
                }}
            </section>
        })}
        {nobody.then(|| view! { <Notice><p>{t.home_nobody()}</p></Notice> })}
        <div class="cols" class:cols--one=nobody_else>
            {(!nobody_else).then(|| view! {
                <div><section id="needs-you" data-live="">
                    <h2>{t.home_needs_you()}</h2>
                    {(!needs.due.is_empty()).then(|| view! { <DueCard due=needs.due/> })}
                    {if needs.items.is_empty() && none_due {
                        view! { <p class="empty">{t.home_nothing()}</p> }.into_any()
                    } else {
                        needs.items.into_iter().map(|need| view! { <NeedCard need tagged=several/> }).collect_view().into_any()
                    }}
                </section>
                {(!quick.is_empty()).then(|| view! { <QuickActs people=quick several/> })}</div>
                <div>
                    <section class="side"><h2>{t.home_people()}</h2><PeopleList people/></section>
                    <div id="newest" data-live="">
                        {(!needs.news.is_empty()).then(|| view! { <Newest news=needs.news tagged=several/> })}
                    </div>
                </div>
            })}
        </div>
    }
}

/// Signing in without a password from now on.
#[component]
fn PasskeyOffer() -> impl IntoView {
    let t = texts();
    view! {
        <Notice><h2>{t.home_passkey()}</h2><p>{t.home_passkey_text()}</p>
            <div class="acts">
                <a class="btn" href="/account/second-step/passkey">{t.home_passkey_set_up()}</a>
                <form method="post" action="/api/second-step/decline-passkey"><button class="btn quiet">{t.home_passkey_decline()}</button></form>
            </div>
        </Notice>
    }
}

/// What is due, of everybody whose bills the reader may see.
#[component]
fn DueCard(due: Vec<Due>) -> impl IntoView {
    let t = texts();
    let lines = due.into_iter().map(|due| {
        let (amount, day) = (param::Amount(&due.amount), param::Day(&due.day));
        let words = match (&due.whose, due.past) {
            (Some(name), false) => t.home_due_of(amount, day, param::Name(name)),
            (Some(name), true) => t.home_due_past_of(amount, day, param::Name(name)),
            (None, false) => t.home_due(amount, day),
            (None, true) => t.home_due_past(amount, day),
        };
        view! { <p>{words}</p> }
    });
    view! {
        <article class="sheet stack owed">
            <h3>{t.billing_title()}</h3>
            {lines.collect_view()}
            <div class="acts"><a class="btn quiet" href="/billing">{t.home_see_bills()}</a></div>
        </article>
    }
}

/// What people come for most, for each person.
#[component]
fn QuickActs(people: Vec<PersonCard>, several: bool) -> impl IntoView {
    let t = texts();
    let rows = people.into_iter().map(|person| {
        let link = |page: &str, words: &'static str| {
            let (href, name) = (format!("/p/{}/{page}", person.patient), person.given_name.clone());
            view! { <a class="btn quiet" href=href>{words}<span class="visually-hidden">": "{name}</span></a> }
        };
        let acts = [
            link("messages/new", t.home_quick_message()),
            link("medications/request", t.home_quick_medicine()),
            link("visits/book", t.home_quick_visit()),
        ];
        view! {
            <li class=format!("hue-{}", person.hue)>
                {several.then(|| view! { <p class="who"><span class="dot" aria-hidden="true"></span>{person.given_name.clone()}</p> })}
                <div class="acts">{acts}</div>
            </li>
        }
    });
    view! { <section class="quick"><h2>{t.home_quick()}</h2><ul>{rows.collect_view()}</ul></section> }
}

/// The newest messages and results, for everybody.
#[component]
fn Newest(news: Vec<News>, tagged: bool) -> impl IntoView {
    let t = texts();
    let rows = news.into_iter().map(|news| {
        let (page, kind) = match news.kind {
            NewsKind::Message => ("messages", t.home_news_message()),
            NewsKind::Result => ("results", t.home_news_result()),
        };
        let href = format!("/p/{}/{page}/{}", news.patient, news.id);
        view! {
            <li class=format!("hue-{}", news.hue)><a href=href><b>{news.title}</b><span>{kind}" · "{news.day}</span>
                {tagged.then(|| view! { <span class="who"><span class="dot" aria-hidden="true"></span>{news.given_name}</span> })}
            </a></li>
        }
    });
    view! {
        <section class="news"><h2>{t.home_news()}</h2>
            <div class="sheet"><ul class="ways">{rows.collect_view()}</ul></div>
        </section>
    }
}

#[component]
fn NeedCard(need: Need, tagged: bool) -> impl IntoView {
    let t = texts();
    let name = need.given_name.clone();
    let (visits, personal) = (format!("/p/{}/visits", need.patient), format!("/p/{}/personal-information", need.patient));
    let (title, text, act) = match need.what {
        What::Visit { id, title, time, place, instruction, check_in } => {
            let text = [Some(time), place].into_iter().flatten().collect::<Vec<_>>().join(" · ");
            let check_in = check_in.map(|(done, words, page)| {
                let href = format!("{visits}/{id}/{page}");
                let rel = (page == "video").then_some("external");
                view! { <div class="acts"><a class="btn" class:quiet=done href=href rel=rel>{words}</a></div> }
            });
            let text = view! { <p class="meta">{text}</p>{instruction.map(|words| view! { <p>{words}</p> })}{check_in} }.into_any();
            (title, text, Some((format!("{visits}/{id}"), t.home_see_visit())))
        }
        What::CalledOff { title, time, phone } => {
            let next = phone.map_or_else(|| t.home_called_off().to_owned(), |phone| t.home_called_off_call(&phone));
            let text =
                view! { <p class="meta"><span class="tag tag--off">{t.visits_cancelled()}</span>" "{time}</p><p>{next}</p> }.into_any();
            (title, text, Some((visits, t.home_see_visits())))
        }
        What::FollowUp { text, visit } => {
            let summary = format!("{visits}/{visit}/summary");
            (text, view! { <p class="meta">{t.home_follow_up()}</p> }.into_any(), Some((summary, t.visits_view_summary())))
        }
        What::Answer { subject, thread } => {
            let href = format!("/p/{}/messages/{thread}", need.patient);
            (subject, view! { <p class="meta">{t.home_answered()}</p> }.into_any(), Some((href, t.home_read_answer())))
        }
        What::Times { title, at, until, path, earlier } => {
            let words = if earlier { t.home_earlier(&until) } else { t.home_times(&until) };
            let text = view! { <p class="meta">{at}</p><p>{words}</p> }.into_any();
            (title, text, Some((format!("{visits}/{path}"), t.home_see_offer_time())))
        }
        What::EVisit { subject, thread } => {
            let href = format!("/p/{}/messages/{thread}/e-visit", need.patient);
            (subject, view! { <p class="meta">{t.home_e_visit()}</p> }.into_any(), Some((href, t.home_see_offer())))
        }
        What::Questionnaire { title, id, over } => {
            let words = if over { t.home_questionnaire_overdue() } else { t.home_questionnaire() };
            let href = format!("/p/{}/questionnaires/{id}", need.patient);
            (title, view! { <p class="meta">{words}</p> }.into_any(), Some((href, t.questionnaires_answer())))
        }
        What::Supply { medicine, id, over } => {
            let words = if over { t.home_ran_out() } else { t.home_runs_out() };
            let href = format!("/p/{}/medications/request?which={id}", need.patient);
            (medicine, view! { <p class="meta">{words}</p> }.into_any(), Some((href, t.medications_need_more())))
        }
        What::Decided { medicine, id, said } => {
            let words = match said {
                Decided::Declined => t.home_declined(),
                Decided::NeedsVisit => t.home_needs_visit(),
                Decided::Ready => t.home_ready(),
            };
            let href = format!("/p/{}/medications/{id}", need.patient);
            (medicine, view! { <p class="meta">{words}</p> }.into_any(), Some((href, t.home_see_request())))
        }
        What::TurnsThirteen => {
            (t.home_turns_13(&name), view! { <p>{t.home_turns_13_text(&name)}</p> }.into_any(), Some((personal, t.home_see_person())))
        }
        What::TurnsEighteen => {
            (t.home_turns_18(&name), view! { <p>{t.home_turns_18_text(&name)}</p> }.into_any(), Some((personal, t.home_see_person())))
        }
        What::AccessExpires => {
            (t.home_expires(&name), view! { <p>{t.home_expires_text(&name)}</p> }.into_any(), Some((personal, t.home_see_person())))
        }
    };
    view! {
        <article class=format!("card hue-{}", need.hue)>
            <DateBlock day=need.day/>
            <div class="card__body">
                <h3>{title}</h3>
                {tagged.then(|| view! { <p class="who"><span class="dot" aria-hidden="true"></span>{need.given_name}</p> })}
                {text}
                {act.map(|(href, words)| view! {
                    <div class="acts"><a class="btn quiet" href=href>{words}<span class="visually-hidden">": "{name}</span></a></div>
                })}
            </div>
        </article>
    }
    .into_any()
}
