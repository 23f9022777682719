//! Everybody whose chart is open to the account holder.

use leptos::prelude::*;

use super::people_list::PeopleList;
use crate::{
    access::{allow, policy},
    base::error::Error,
    features::account::store,
    view::{
        PageHead,
        page::{Page, PageRequest},
    },
};

/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub async fn page(_: PageRequest) -> Result<Page, Error> {
    let grant = allow::<policy::UseOwnAccount>(()).await?;
    let t = grant.texts();
    let people = store::session(&grant, 0)?.people;
    Ok(Page::bare(t.people_title()).body(view! {
        <PageHead title=t.people_title() lead=t.people_lead()/>
        <PeopleList people looks=true/>
    }))
}
