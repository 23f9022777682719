use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::base::{
    boot::{Boot, DemoClock, Moment},
    i18n::texts,
};

/// The clock of the demo, on every page: to any day and minute, back to now, start over. Plain forms and native
/// disclosure: it works before and without wasm.
#[component]
pub fn DemoBar() -> impl IntoView {
    let Boot { demo, .. } = expect_context::<Boot>();
    demo.map(|clock| view! { <Bar clock/> })
}

#[component]
fn Bar(clock: DemoClock) -> impl IntoView {
    let t = texts();
    let location = use_location();
    let back = move || location.pathname.get();
    view! {
        <aside class="demo" aria-label=t.demo_bar()>
            <details>
                <summary><b>{t.demo_title()}</b>" "<span class:demo--moved=clock.moved>{clock.text}</span></summary>
                <div class="demo__panel">
                    <form method="post" action="/demo/clock">
                        <input type="hidden" name="back" value=back/>
                        <label for="demo-at">{t.demo_move_to()}</label>
                        <input id="demo-at" name="at" type="datetime-local" value=clock.input required/>
                        <button class="btn" type="submit">{t.demo_move()}</button>
                    </form>
                    <Moments moments=clock.moments back=Signal::derive(back)/>
                    <div class="acts">
                        <a class="btn quiet" href="/demo/outbox">{t.demo_outbox()}</a>
                        <form method="post" action="/demo/clock">
                            <input type="hidden" name="back" value=back/>
                            <button class="btn quiet" type="submit" name="at" value="">{t.demo_now()}</button>
                        </form>
                        <form method="post" action="/demo/start-over">
                            <button class="btn quiet" type="submit">{t.demo_start_over()}</button>
                        </form>
                    </div>
                </div>
            </details>
        </aside>
    }
    .into_any()
}

#[component]
fn Moments(moments: Vec<Moment>, back: Signal<String>) -> impl IntoView {
    (!moments.is_empty()).then(|| {
        view! {
            <form class="demo__moments" method="post" action="/demo/clock">
                <input type="hidden" name="back" value=back/>
                {moments.into_iter().map(|moment| view! {
                    <button class="link" type="submit" name="at" value=moment.at>{moment.words}</button>
                }).collect_view()}
            </form>
        }
    })
}
