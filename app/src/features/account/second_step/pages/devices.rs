use chrono_tz::Tz;
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{allow, policy},
    base::{
        error::Error,
        i18n::{Texts, texts},
    },
    features::account::{
        second_step::{
            api,
            devices::{self, Device},
        },
        sign_in::api::SignOutEverywhere,
    },
    view::{
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Item, Section, Tag},
    },
};

/// Where somebody is signed in, and which devices are trusted.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub async fn devices(_: PageRequest) -> Result<Page, Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let (sessions, trusted) = devices::devices(&grant).await?;
    let items = move |devices: Vec<Device>| devices.into_iter().map(|device| view! { <DeviceItem device zone/> }).collect_view();
    let none_trusted = trusted.is_empty();
    Ok(Page::new(t.account_devices(), t.second_devices_lead()).back("/account", t.account_title()).body(view! {
        <Section heading=t.second_signed_in()>
            {items(sessions)}
            <PostForm action=SignOutEverywhere::PATH submit=t.account_sign_out_everywhere() quiet=true/>
        </Section>
        <Section heading=t.second_trusted()>
            {none_trusted.then(|| view! { <p class="text">{t.second_none_trusted()}</p> })}
            {items(trusted)}
        </Section>
    }))
}

#[component]
fn DeviceItem(device: Device, zone: Tz) -> impl IntoView {
    let t = texts();
    let mut lines = vec![t.second_since(&t.date_and_time(device.since, &zone))];
    lines.extend(device.last_seen.map(|at| t.second_last_used(&t.date_and_time(at, &zone))));
    lines.extend(device.until.map(|at| t.second_trusted_until(&t.date_and_time(at, &zone))));
    let end = if device.until.is_some() { t.second_forget() } else { t.second_end() };
    let here = device.here;
    view! {
        <Item title=device_name(t, &device.name) tag=here.then(|| Tag::neutral(t.second_this_device())) lines>
            {(!here).then(|| view! {
                <PostForm action=api::RevokeDevice::PATH submit=end quiet=true hidden=vec![("id", device.id.to_string())]/>
            })}
        </Item>
    }
}

pub(super) fn device_name(t: Texts, device: &str) -> String {
    if device.is_empty() { t.second_unknown_device().to_owned() } else { device.to_owned() }
}
