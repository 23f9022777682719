use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::{
    base::i18n::texts,
    features::account::model::{PersonCard, Session},
    people::relation::StaffRole,
    view::Icon,
};

/// One line of a menu.
#[component]
pub(super) fn MenuLink(
    #[prop(into)] href: Signal<String>,
    #[prop(optional)] icon: Option<Icon>,
    label: &'static str,
    #[prop(optional)] class: &'static str,
) -> impl IntoView {
    let location = use_location();
    let current = move || {
        let (path, href) = (location.pathname.get(), href.get());
        if path == href { Some("page") } else { path.starts_with(&format!("{href}/")).then_some("true") }
    };
    view! { <a class=class href=href aria-current=current>{icon.map(Icon::draw)}<span>{label}</span></a> }
}

/// Help and the way in.
#[component]
pub fn PublicMenu() -> impl IntoView {
    let t = texts();
    view! {
        <nav class="menu menu--public" aria-label=t.frame_menu()>
            <MenuLink href="/help".to_owned() icon=Icon::Help label=t.frame_help()/>
            <MenuLink href="/sign-in".to_owned() icon=Icon::Account label=t.sign_in_title()/>
        </nav>
    }
}

/// The menu at the top; on a phone the dock at the bottom, with Visits at the left-hand side.
#[component]
pub fn SignedInMenu(session: StoredValue<Session>, person: Memo<Option<PersonCard>>) -> impl IntoView {
    let t = texts();
    let staff = session.with_value(|session| session.staff.is_some());
    let has_queue = session.with_value(|session| session.staff.is_some_and(StaffRole::has_queue));
    let answers = session.with_value(|session| session.staff.is_some_and(StaffRole::answers_messages));
    let finds = session.with_value(|session| session.staff.is_some_and(StaffRole::finds_patients));
    let schedules = session.with_value(|session| session.staff.is_some_and(StaffRole::schedules));
    let many = session.with_value(|session| session.people.len() > 1 || session.people.iter().any(|person| !person.is_own()));
    let charts = session.with_value(|session| !session.people.is_empty());
    // Five places in a dock; the last one leads to all others.
    let places = 3 + [charts, many, answers, answers, finds, has_queue, schedules && !answers].iter().filter(|is_there| **is_there).count();
    let wide_from = |over: usize| if places >= 5 + over { "menu__wide" } else { "" };
    // Who answers messages has them in the dock first.
    let scheduling = if answers { "menu__wide" } else { "" };
    let (account, people, finding) = (wide_from(1), wide_from(2), wide_from(3));
    // Inside a chart the word means this person's visits.
    let visits = Signal::derive(move || match person.get() {
        Some(person) if person.sees_visits() => person.visits_path(),
        _ => session.with_value(Session::visits_path),
    });
    view! {
        <nav class="menu" aria-label=t.frame_menu()>
            {charts.then(|| view! { <MenuLink href=visits icon=Icon::Visits label=t.visits_title()/> })}
            <MenuLink href="/home".to_owned() icon=Icon::Home label=t.home_title()/>
            {many.then(|| view! { <MenuLink href="/people".to_owned() icon=Icon::People label=t.people_title() class=people/> })}
            {charts.then(|| view! { <MenuLink href="/sharing".to_owned() icon=Icon::Share label=t.family_title() class="menu__wide"/> })}
            {staff.then(|| view! {
                {answers.then(|| view! {
                    <MenuLink href="/staff/messages".to_owned() icon=Icon::Messages label=t.messages_title()/>
                    <MenuLink href="/staff/medications".to_owned() icon=Icon::Medicines label=t.menu_medicines()/>
                })}
                {schedules.then(|| view! { <MenuLink href="/staff/schedule".to_owned() icon=Icon::Visits label=t.schedules_title() class=scheduling/> })}
                {finds.then(|| view! { <MenuLink href="/staff/patients".to_owned() icon=Icon::Person label=t.staff_title() class=finding/> })}
                {has_queue.then(|| view! { <MenuLink href="/staff/queue".to_owned() icon=Icon::Queue label=t.queue_title()/> })}
            })}
            <MenuLink href="/help".to_owned() icon=Icon::Help label=t.frame_help() class="menu__wide"/>
            <MenuLink href="/account".to_owned() icon=Icon::Account label=t.account_title() class=account/>
            <MenuLink href="/menu".to_owned() icon=Icon::Menu label=t.menu_title()/>
        </nav>
    }
}
