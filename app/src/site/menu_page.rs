//! The whole menu, which can be searched by the words that people use.

use leptos::prelude::*;

use super::places::{IN_CHART, OWN, TABS};
use crate::{
    access::{allow, policy::UseOwnAccount},
    base::{
        error::Error,
        i18n::{Locale, Texts, texts},
    },
    features::account::{model::PersonCard, store},
    people::folding::folded,
    view::{
        fields::{Field, Input},
        form::SearchForm,
        link::Link,
        page::{Page, PageRequest},
        sections::{Disclosure, LinkList, QuietButton, Section},
    },
};

/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub async fn page(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<UseOwnAccount>(()).await?;
    let t = grant.texts();
    let query = request.query("q").unwrap_or_default();
    let wanted: Vec<String> = folded(&query).split_whitespace().map(str::to_owned).collect();
    let fits = |label: Words, words: Words| fits(&wanted, label, words);
    let people = store::session(&grant, 0)?.people;
    let charts = people.iter().map(|person| (person.clone(), of_chart(t, person, &fits)));
    let charts: Vec<(PersonCard, Vec<(Link, String)>)> = charts.filter(|(_, links)| !links.is_empty()).collect();
    let own: Vec<(Link, String)> = OWN
        .iter()
        .filter(|place| (place.opens)(&grant) && fits(place.label, place.words))
        .map(|place| (Link::new(place.path, (place.label)(t)), shown(t, (place.words)(t))))
        .collect();
    let none = charts.is_empty() && own.is_empty();
    let has_own = !own.is_empty();
    let several = people.len() > 1;
    Ok(Page::new(t.menu_title(), t.menu_lead()).body(view! {
        <Section>
            <SearchForm submit=t.menu_find()>
                <Field name="q" label=t.menu_query() input=Input::Search value=query optional=true/>
            </SearchForm>
            {none.then(|| view! {
                <p class="text" role="status">{t.menu_none()}</p>
                <QuietButton href="/help" label=t.frame_help()/>
            })}
        </Section>
        {charts.into_iter().map(|(person, mut links)| {
            let heading = if several { person.full_name } else { t.menu_chart().to_owned() };
            // Of several charts the parts are enough, until somebody looks for more.
            let rest = if several && wanted.is_empty() { links.split_off(links.len().min(TABS.len())) } else { Vec::new() };
            let more = (!rest.is_empty()).then(|| view! { <Disclosure summary=t.menu_more()><LinkList links=rest/></Disclosure> });
            view! { <Section heading><LinkList links/>{more}</Section> }
        }).collect_view()}
        {has_own.then(|| view! { <Section heading=texts().menu_own()><LinkList links=own/></Section> })}
    }))
}

fn of_chart(t: Texts, person: &PersonCard, fits: &impl Fn(Words, Words) -> bool) -> Vec<(Link, String)> {
    TABS.iter()
        .chain(IN_CHART)
        .filter(|place| (place.opens)(person) && fits(place.label, place.words))
        .map(|place| {
            let href = format!("/p/{}/{}", person.patient, place.path);
            (Link::new(href, (place.label)(t)), shown(t, (place.words)(t)))
        })
        .collect()
}

/// The first words of a place: they say what is there.
fn shown(t: Texts, words: &str) -> String {
    words.split(", ").take(3).collect::<Vec<_>>().join(t.menu_between())
}

/// What something is called, by language.
type Words = fn(Texts) -> &'static str;

/// Whether each of the words stands in the name of a place, or among its other words: as the beginning of one, in whichever language.
fn fits(wanted: &[String], label: Words, words: Words) -> bool {
    let all: Vec<&str> = [Locale::En, Locale::Es].into_iter().flat_map(|locale| [label(Texts(locale)), words(Texts(locale))]).collect();
    let all = folded(&all.join(", "));
    wanted.iter().all(|word| all.split_whitespace().any(|found| found.starts_with(word.as_str()) || is_plural(word, found)))
}

/// "bills" finds "bill".
fn is_plural(word: &str, found: &str) -> bool {
    found.chars().count() > 3 && word.strip_suffix('s').is_some_and(|one| one == found || one.strip_suffix('e') == Some(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(query: &str) -> Vec<&'static str> {
        let wanted: Vec<String> = folded(query).split_whitespace().map(str::to_owned).collect();
        let charts = TABS.iter().chain(IN_CHART).filter(|place| fits(&wanted, place.label, place.words)).map(|place| place.path);
        let own = OWN.iter().filter(|place| fits(&wanted, place.label, place.words)).map(|place| place.path);
        charts.chain(own).collect()
    }

    #[test]
    fn places_are_found_by_the_words_that_people_use() {
        for (query, path) in [
            ("refill", "medications/request"),
            ("pills", "medications"),
            ("shot record", "health/immunizations"),
            ("Doctor’s note", "visits"),
            ("lab", "results"),
            ("who saw my record", "access-log"),
            ("ask the doctor", "messages/new"),
            ("vaccine card", "health/credentials"),
            ("forgot password", "/account/password"),
            ("bill", "/help/bill"),
            ("factura", "/help/bill"),
            ("new address", "personal-information"),
        ] {
            assert!(found(query).contains(&path), "{query}: {:?}", found(query));
        }
        for (query, path) in [
            ("resurtido", "medications/request"),
            ("vacuna", "health/immunizations"),
            ("analisis", "results"),
            ("preguntar medico", "messages/new"),
            ("contraseña", "/account/password"),
            ("dirección", "personal-information"),
        ] {
            assert!(found(query).contains(&path), "{query}: {:?}", found(query));
        }
        assert!(found("xylophone").is_empty());
        assert_eq!(found("").len(), TABS.len() + IN_CHART.len() + OWN.len());
    }
}
