use leptos::prelude::*;

use crate::{
    base::i18n::texts,
    people::relation::AdultLevel,
    view::fields::{Checkbox, Radios},
};

/// What an adult may see: each level includes the ones before it.
#[component]
pub fn Levels(
    #[prop(into)] id: String,
    #[prop(optional_no_strip)] value: Option<AdultLevel>,
    #[prop(optional)] optional: bool,
) -> impl IntoView {
    let t = texts();
    let value = value.map_or("", AdultLevel::as_str);
    let choices = [
        (AdultLevel::ScheduleMessages, t.staff_level_schedule(), t.family_level_schedule_says()),
        (AdultLevel::ScheduleMessagesBilling, t.staff_level_billing(), t.family_level_billing_says()),
        (AdultLevel::AllButSensitive, t.staff_level_all_but_sensitive(), t.family_level_but_says()),
        (AdultLevel::All, t.staff_level_all(), t.family_level_all_says()),
    ];
    let choices = choices.map(|(level, label, says)| (level.as_str().to_owned(), label.to_owned(), says.to_owned())).into();
    view! { <Radios name="level" label=t.family_level() choices value id optional/> }
}

/// Whether an adult who sees the record may share it with others: they promise to tell nobody, but for this consent.
#[component]
pub fn MayShare(#[prop(into)] id: String, #[prop(optional)] checked: bool) -> impl IntoView {
    let t = texts();
    view! { <Checkbox name="may_share" label=t.family_may_share() hint=t.family_may_share_hint() id checked/> }
}
