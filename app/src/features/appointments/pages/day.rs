use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{
        allow,
        policy::{BookVisits, UseOwnAccount},
    },
    base::error::Error,
    desk::scheduling::{
        act::May,
        confirm::{of_day, people},
        hours,
    },
    features::appointments::api,
    view::{
        Notice,
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Item, Section, Tag},
    },
};

/// All visits of a day of everybody whom the account holder may book for, to be confirmed at once.
///
/// # Errors
/// `NotFound` for what is no day.
pub async fn day(request: PageRequest) -> Result<Page, Error> {
    let own = allow::<UseOwnAccount>(()).await?;
    let day = hours::day(request.text(0)).ok_or(Error::NotFound)?;
    let (t, zone, now) = (own.texts(), own.zone(), own.now().instant);
    let mut items = Vec::new();
    let mut open = false;
    for patient in people(&own)? {
        let grant = allow::<BookVisits>(patient).await?;
        for (found, booking) in of_day(&grant, day).await? {
            let may = May::of(&found, booking.as_ref(), None, now, zone);
            let confirmed = booking.is_some_and(|booking| booking.confirmed_at.is_some());
            open |= may.confirm;
            let tag = if confirmed { Tag::good(t.appointments_tag_confirmed()) } else { Tag::neutral(t.visits_booked()) };
            let at = found.starts_at.map(|at| t.time(at, &zone)).unwrap_or_default();
            items.push((format!("{} · {}", grant.person()?.given_name, found.title), tag, vec![at]));
        }
    }
    let (none, done) = (items.is_empty(), request.query("done").is_some());
    let hidden = vec![("day", day.to_string())];
    Ok(Page::new(t.appointments_day_title(), t.long_date(day)).narrow().back("/home", t.home_title()).body(view! {
        {done.then(|| view! { <Notice><p class="text">{t.appointments_done_confirmed()}</p></Notice> })}
        <Section>
            {none.then(|| view! { <p class="text">{t.appointments_day_none()}</p> })}
            {items.into_iter().map(|(title, tag, lines)| view! { <Item title tag=Some(tag) lines/> }).collect_view()}
            {open.then(|| view! { <PostForm action=api::ConfirmDay::PATH submit=t.appointments_confirm_all() hidden/> })}
        </Section>
    }))
}
