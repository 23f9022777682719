//! The outbox of the demo: what would have been sent.

use leptos::prelude::use_context;

use super::model::Desks;
use crate::{
    access::{allow, policy},
    base::error::Error,
    platform::mail::model::State,
    view::screens::{
        good, link,
        model::{Part, Screen},
        plain,
    },
};

/// The newest letters.
///
/// # Errors
/// `NotFound` on every server that is not the demo's.
pub async fn outbox() -> Result<Screen, Error> {
    use_context::<Desks>().ok_or(Error::NotFound)?;
    let grant = allow::<policy::SeeDemo>(()).await?;
    let t = grant.texts();
    let letters = super::store::newest(&grant, 50).await?;
    let mut screen = Screen::new(t.demo_outbox(), t.demo_outbox_lead()).narrow();
    if letters.is_empty() {
        screen = screen.sheet("", vec![Part::text(t.demo_outbox_empty())]);
    }
    for letter in letters {
        let tag = if letter.state == State::Sent { good(t.demo_outbox_sent()) } else { plain(t.demo_outbox_kept()) };
        let (links, lines): (Vec<&str>, Vec<&str>) = letter.text.lines().partition(|line| line.starts_with(&grant.link("/")));
        let paragraphs = lines.into_iter().take_while(|line| *line != "--").filter(|line| !line.is_empty() && !line.ends_with(':'));
        let mut parts: Vec<Part> = paragraphs.map(Part::text).collect();
        let ways = links.iter().map(|href| link(href.trim_start_matches(&grant.link("")), t.demo_outbox_follow())).collect();
        if !links.is_empty() {
            parts.push(Part::Buttons { main: false, links: ways });
        }
        let lines = vec![t.demo_outbox_to(&t.date_and_time(letter.created_at, &grant.zone()), &letter.recipient)];
        screen = screen.sheet("", vec![Part::Entry { title: letter.subject, tag, lines, parts }]);
    }
    Ok(screen)
}
