use leptos::prelude::*;

use crate::base::boot::Boot;

/// The clock of the demo, on every page: to any day and minute, back to now, start over. Plain forms and native
/// disclosure, made by the server: the browser takes it as it stands.
#[component]
pub fn DemoBar() -> impl IntoView {
    #[cfg(feature = "ssr")]
    let html = server::bar_html();
    #[cfg(not(feature = "ssr"))]
    let html = String::new();
    expect_context::<Boot>().demo.then(|| view! { <div class="made" inner_html=html></div> })
}

#[cfg(feature = "ssr")]
mod server {
    use leptos::prelude::*;

    use crate::{
        base::i18n::texts,
        site::demo::model::{DemoClock, Moment},
        view::page::html,
    };

    /// Nothing on a server that is not the demo's.
    pub fn bar_html() -> String {
        use_context::<DemoClock>().map(|clock| html(bar(clock))).unwrap_or_default()
    }

    fn bar(clock: DemoClock) -> impl IntoView {
        let t = texts();
        view! {
            <aside class="demo" aria-label=t.demo_bar()>
                <details>
                    <summary><b>{t.demo_title()}</b>" "<span class:demo--moved=clock.moved>{clock.text}</span></summary>
                    <div class="demo__panel">
                        <form method="post" action="/demo/clock">
                            <label for="demo-at">{t.demo_move_to()}</label>
                            <input id="demo-at" name="at" type="datetime-local" value=clock.input required/>
                            <button class="btn" type="submit">{t.demo_move()}</button>
                        </form>
                        {moments(clock.moments)}
                        <div class="acts">
                            <a class="btn quiet" href="/demo/outbox">{t.demo_outbox()}</a>
                            <form method="post" action="/demo/clock">
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
    }

    fn moments(moments: Vec<Moment>) -> impl IntoView {
        (!moments.is_empty()).then(|| {
            view! {
                <form class="demo__moments" method="post" action="/demo/clock">
                    {moments.into_iter().map(|moment| view! {
                        <button class="link" type="submit" name="at" value=moment.at>{moment.words}</button>
                    }).collect_view()}
                </form>
            }
        })
    }
}
