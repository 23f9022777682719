use leptos::{html::Dialog, prelude::*};

use crate::base::i18n::texts;

/// Two minutes before the session ends for want of use, asks whether somebody is still there.
#[component]
pub fn IdleWarning(
    /// How long a session lives without a request, in seconds.
    idle_seconds: u32,
) -> impl IntoView {
    let t = texts();
    let dialog = NodeRef::<Dialog>::new();
    #[cfg(feature = "hydrate")]
    let stay = watch::start(dialog, idle_seconds);
    #[cfg(not(feature = "hydrate"))]
    let stay = move || {
        let _ = idle_seconds;
    };
    view! {
        // Escape closes the dialog: that is somebody who is there.
        <dialog class="dialog" node_ref=dialog aria-labelledby="idle-title" on:cancel=move |_: leptos::ev::Event| stay()>
            <h2 id="idle-title">{t.sign_in_idle_title()}</h2>
            <p>{t.sign_in_idle_text()}</p>
            <div class="acts">
                <button class="btn" type="button" on:click=move |_| stay()>{t.sign_in_stay()}</button>
            </div>
        </dialog>
    }
}

#[cfg(feature = "hydrate")]
mod watch {
    use gloo_timers::callback::Timeout;
    use leptos::{html::Dialog, prelude::*, task::spawn_local};
    use leptos_router::hooks::use_location;
    use web_sys::js_sys::Date;

    use crate::{base::error::Error, features::account::api::stay_signed_in, view as ui};

    /// How long before the end the question comes, in seconds.
    const WARNING: u32 = 120;

    /// How long typing is not told of after it was, in seconds.
    const PAUSE: u32 = 60;

    /// Starts to count, anew with every page; returns what "Stay signed in" does.
    pub fn start(dialog: NodeRef<Dialog>, idle_seconds: u32) -> impl Fn() + Copy {
        let timers = StoredValue::new_local(None::<[Timeout; 2]>);
        let location = use_location();
        let restart = move || {
            let ask = Timeout::new(idle_seconds.saturating_sub(WARNING) * 1000, move || {
                if let Some(dialog) = dialog.get_untracked() {
                    let _ = dialog.show_modal();
                }
            });
            let end = Timeout::new(idle_seconds * 1000, move || ui::sign_in_again("idle"));
            timers.set_value(Some([ask, end]));
        };
        Effect::new(move || {
            location.pathname.track();
            location.search.track();
            restart();
        });
        let last = StoredValue::new(Date::now());
        let stay = move || {
            if let Some(dialog) = dialog.get_untracked() {
                dialog.close();
            }
            // At once, not when the answer is here: a slow network signs nobody out.
            restart();
            last.set_value(Date::now());
            spawn_local(async move {
                if stay_signed_in().await == Err(Error::SignInNeeded) {
                    ui::sign_in_again("idle");
                }
            });
        };
        // Whoever types is there; the server hears of it once in a while.
        let typing = window_event_listener(leptos::ev::input, move |_| {
            if Date::now() - last.get_value() > f64::from(PAUSE) * 1000.0 {
                stay();
            }
        });
        on_cleanup(move || {
            timers.set_value(None);
            typing.remove();
        });
        stay
    }
}
