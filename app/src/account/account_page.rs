use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use super::api::ChooseLanguage;
use crate::{
    i18n::{Locale, texts},
    sign_in::api::{SignOut, SignOutEverywhere},
    ui::PageHead,
};

/// Language and sessions.
#[component]
pub fn AccountPage() -> impl IntoView {
    let t = texts();
    view! {
        <Title text=t.account_title()/>
        <PageHead title=t.account_title() lead=t.account_lead()/>
        <section class="sheet stack">
            <h2>{t.account_language()}</h2>
            <form method="post" action=ChooseLanguage::PATH class="stack">
                <input type="hidden" name="back" value="/account"/>
                <fieldset class="choices">
                    <legend class="visually-hidden">{t.account_language()}</legend>
                    {Locale::ALL.map(|locale| view! {
                        <label class="choice">
                            <input type="radio" name="language" value=locale.tag() checked=locale == t.0/>
                            <span lang=locale.tag()>{locale.own_name()}</span>
                        </label>
                    })}
                </fieldset>
                <div class="acts"><button class="btn" type="submit">{t.account_save_language()}</button></div>
            </form>
        </section>
        <section class="sheet stack">
            <h2>{t.account_sessions()}</h2>
            <p>{t.account_sessions_text()}</p>
            <div class="acts">
                <form method="post" action=SignOut::PATH>
                    <button class="btn quiet" type="submit">{t.account_sign_out()}</button>
                </form>
                <form method="post" action=SignOutEverywhere::PATH>
                    <button class="btn quiet" type="submit">{t.account_sign_out_everywhere()}</button>
                </form>
            </div>
        </section>
    }
    .into_any()
}
