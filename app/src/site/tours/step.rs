use leptos::prelude::*;

use super::model::Step;
use crate::{
    base::i18n::{param, texts},
    view::{fragment::Fragment, page::html},
};

/// The panel of one step, counted from 1.
pub fn panel(name: &str, steps: &[Step], number: usize) -> Option<Fragment> {
    let t = texts();
    let count = steps.len();
    let number = number.clamp(1, count.max(1));
    let step = steps.get(number - 1).cloned()?;
    let href = |number: usize| steps.get(number - 1).map(|step| format!("{}?tour={name}&step={number}", step.path));
    let back = if number > 1 { href(number - 1) } else { None };
    let next = if number < count { href(number + 1) } else { None };
    let is_last = next.is_none();
    let end = step.path.clone();
    let panel = view! {
        <aside class=format!("tour tour--{}", step.marks) aria-label=t.tour_label()>
            <p class="meta">{t.tour_step_of(param::Count(&count.to_string()), param::Number(&number.to_string()))}</p>
            <h2>{step.title.clone()}</h2>
            <p>{step.text}</p>
            <div class="acts">
                {next.map(|href| view! { <a class="btn" href=href>{t.tour_next()}</a> })}
                {back.map(|href| view! { <a class="btn quiet" href=href>{t.tour_back()}</a> })}
                <a class="btn" class:quiet=!is_last href=end>{t.tour_end()}</a>
            </div>
        </aside>
    };
    Some(Fragment { title: step.title, html: html(panel) })
}
