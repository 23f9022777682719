use leptos::{prelude::*, server_fn::ServerFn};

use super::words::{about, closed, opens, opens_notice};
use crate::{
    access::{allow, policy::UseVideoRoom},
    base::error::Error,
    desk::video::{
        guests,
        model::{Role, Way},
    },
    features::video::{api, room_page::RoomPage},
    view::{
        fields::Field,
        form::PostForm,
        page::{Page, PageRequest},
        sections::Section,
    },
};

/// Where the link of a guest leads: their name, then the tests and the room. Nothing of the patient but with whom and when the visit is.
///
/// # Errors
/// `TooManyTries` after many links that lead nowhere.
pub async fn guest(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<UseVideoRoom>(()).await?;
    let (t, zone, code) = (grant.texts(), grant.zone(), request.text(0).to_owned());
    let Some((guest, found)) = guests::by_code(&grant, &code).await?.filter(|(_, found)| found.way == Way::Portal) else {
        let says = view! { <Section><p class="text">{t.video_guest_over()}</p></Section> };
        return Ok(Page::new(t.video_guest_title(), String::new()).narrow().body(says));
    };
    let (lead, _) = about(grant.db(), t, &found.visit, &zone).await?;
    if let Some(says) = closed(t, found.gate) {
        return Ok(Page::new(t.video_guest_title(), lead).narrow().body(view! { <Section><p class="text">{says}</p></Section> }));
    }
    let hidden = vec![("code", code.clone())];
    let Some(name) = guest.name.filter(|_| request.query("name").is_none()) else {
        return Ok(Page::new(t.video_guest_title(), lead).narrow().body(view! {
            <Section>
                <PostForm action=api::SayName::PATH submit=t.video_guest_go() hidden problem_at="name">
                    <Field name="name" label=t.video_guest_your_name() hint=t.video_guest_name_hint() autocomplete="name"/>
                </PostForm>
            </Section>
        }));
    };
    let opens = opens(t, found.gate, grant.now(), &zone);
    let opens_in = opens.as_ref().map(|(_, seconds)| *seconds);
    let lead = format!("{lead} · {}", t.video_guest_name(&name));
    let room = format!("/video/guest/{code}");
    let page =
        RoomPage { room: &room, role: Role::Guest, lead, home: "/", outside: false, opens_in, guests: None, zone, below: String::new() };
    Ok(Page::bare(t.video_guest_title()).body(view! {
        {opens_notice(t, opens.as_ref())}
        <div inner_html=page.html(grant.locale())></div>
    }))
}
