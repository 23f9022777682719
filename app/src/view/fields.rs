//! The fields of forms on server pages.

use leptos::prelude::*;

use super::{form::FormContext, sections::HoldsProblem};
use crate::{
    base::{i18n::texts, text::escaped},
    platform::request::SECRETS,
};

/// What a field takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Input {
    #[default]
    Text,
    Search,
    Email,
    Phone,
    Date,
    /// A day with a time of day, by the place's clock.
    DateTime,
    /// A time of day.
    Time,
    /// Digits only, such as a one-time code.
    Digits,
    /// A sum of money.
    Money,
    Password,
    /// A new password: says while somebody types what is still missing.
    NewPassword,
    /// Several lines, up to 4,000 characters.
    Area,
    /// Long text that is pasted.
    Paste,
    /// A file of the kinds that `accept` names.
    File {
        accept: &'static str,
    },
    /// A file that may be photographed: where there is a camera for it, `public/phone.js` offers that too.
    Photo {
        accept: &'static str,
    },
}

impl Input {
    /// Never comes back from a refused form.
    fn is_secret(self) -> bool {
        matches!(self, Input::Password | Input::NewPassword | Input::File { .. } | Input::Photo { .. })
    }
}

/// What stands around an input: label, hint, the reason why it was refused.
pub(super) struct Surroundings {
    pub(super) id: String,
    hint: Option<AnyView>,
    pub(super) problem: Option<AnyView>,
    described_by: Option<String>,
    invalid: Option<&'static str>,
    typed: Option<Option<String>>,
}

impl Surroundings {
    pub(super) fn of(name: &str, label: &str, id: Option<String>, hint: String) -> Self {
        let form = use_context::<FormContext>().unwrap_or_default();
        let id = id.unwrap_or_else(|| name.replace('_', "-"));
        let problem = form.problem(name, label, &id);
        if problem.is_some() {
            HoldsProblem::tell();
        }
        let (hint_id, problem_id) = (format!("{id}-hint"), format!("{id}-problem"));
        let described: Vec<&str> =
            [(!hint.is_empty()).then_some(&*hint_id), problem.is_some().then_some(&*problem_id)].into_iter().flatten().collect();
        Self {
            described_by: (!described.is_empty()).then(|| described.join(" ")),
            invalid: problem.is_some().then_some("true"),
            hint: (!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id>{hint}</p> }.into_any()),
            problem: problem.map(|words| view! { <p class="problem" id=problem_id>{words}</p> }.into_any()),
            typed: form.typed(name),
            id,
        }
    }

    /// What was typed when the form was refused, otherwise `value`.
    fn value(&self, value: String) -> String {
        self.typed.clone().flatten().unwrap_or(value)
    }
}

/// A label and an input.
#[component]
pub fn Field(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional)] input: Input,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] value: String,
    #[prop(optional)] optional: bool,
    /// What browsers and password managers fill in, as HTML names it; `off` when it is not said.
    #[prop(optional)]
    autocomplete: Option<&'static str>,
    /// An id of its own, where a page has the field twice.
    #[prop(optional, into)]
    id: Option<String>,
) -> impl IntoView {
    let around = Surroundings::of(&name, &label, id, hint);
    let value = if input.is_secret() { String::new() } else { around.value(value) };
    let Surroundings { id, hint, problem, described_by, invalid, .. } = around;
    let (required, autocomplete) = (!optional, autocomplete.unwrap_or("off"));
    let label_for = id.clone();
    let drawn = match input {
        Input::Area | Input::Paste => {
            debug_assert!(!SECRETS.contains(&name.as_str()), "what is typed into {name} would be lost when the form is refused");
            let most = (input == Input::Area).then_some("4000");
            // The text of this element is not escaped on the server by the pinned Leptos (tachys 0.2.19); HTML drops one line
            // break at its start.
            let text = format!("\n{}", escaped_text(&value));
            view! {
                <textarea id=id name=name required=required rows="5" maxlength=most aria-invalid=invalid aria-describedby=described_by
                    inner_html=text></textarea>
            }
            .into_any()
        }
        Input::NewPassword => new_password(name, id, autocomplete.to_owned(), invalid, described_by),
        _ => {
            let (kind, mode, most, accept) = match input {
                Input::Email => ("email", None, 200, None),
                Input::Phone => ("tel", None, 40, None),
                Input::Date => ("date", None, 10, None),
                Input::DateTime => ("datetime-local", None, 16, None),
                Input::Time => ("time", None, 8, None),
                Input::Search => ("search", None, 100, None),
                Input::Digits => ("text", Some("numeric"), 12, None),
                Input::Money => ("text", Some("decimal"), 20, None),
                Input::Password => ("password", None, 128, None),
                Input::File { accept } | Input::Photo { accept } => ("file", None, 200, Some(accept)),
                _ => ("text", None, 200, None),
            };
            let capitals = (autocomplete == "username").then_some("none");
            let photo = matches!(input, Input::Photo { .. }).then(|| texts().phone_take_photo());
            view! {
                <input type=kind id=id name=name value=value required=required maxlength=most inputmode=mode autocomplete=autocomplete
                    accept=accept data-photo=photo autocapitalize=capitals aria-invalid=invalid aria-describedby=described_by/>
            }
            .into_any()
        }
    };
    view! { <div class="field"><label for=label_for>{label}</label>{hint}{problem}{drawn}</div> }.into_any()
}

/// Text as a browser reads it back, line breaks included.
fn escaped_text(text: &str) -> String {
    escaped(&text.replace("\r\n", "\n"))
}

/// `site::enhance` attaches to the attribute and says while somebody types how good the password is.
pub(super) fn new_password(
    name: String,
    id: String,
    autocomplete: String,
    invalid: Option<&'static str>,
    described_by: Option<String>,
) -> AnyView {
    let t = texts();
    let words = [t.password_too_short(), t.password_needs_more(), t.password_good(), t.password_strong()].join("|");
    view! {
        <input type="password" id=id name=name required autocomplete=autocomplete maxlength="128" aria-invalid=invalid
            aria-describedby=described_by data-password-strength=words/>
        <p class="strength" role="status"></p>
    }
    .into_any()
}

/// Several files at once: of the kinds that `accept` names, so many, and so many bytes each. `public/keep.js` says before anything is
/// sent that there are too many, or that one is too large.
#[component]
pub fn Files(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(into)] hint: String,
    accept: &'static str,
    most: usize,
    most_bytes: usize,
    #[prop(into)] too_many: String,
    #[prop(into)] too_large: String,
) -> impl IntoView {
    let Surroundings { id, hint, problem, described_by, invalid, .. } = Surroundings::of(&name, &label, None, hint);
    let label_for = id.clone();
    view! {
        <div class="field">
            <label for=label_for>{label}</label>
            {hint}
            {problem}
            <input type="file" id=id name=name multiple accept=accept aria-invalid=invalid aria-describedby=described_by
                data-most=most.to_string() data-most-bytes=most_bytes.to_string() data-too-many=too_many data-too-large=too_large/>
        </div>
    }
    .into_any()
}

/// A box to tick.
#[component]
pub fn Checkbox(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional)] checked: bool,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] id: Option<String>,
) -> impl IntoView {
    let around = Surroundings::of(&name, &label, id, hint);
    // A box that was not ticked was not sent.
    let checked = around.typed.as_ref().map_or(checked, |typed| typed.as_deref() == Some("true"));
    let Surroundings { id, hint, problem, described_by, invalid, .. } = around;
    view! {
        <div class="field field--check">
            {problem}
            <label class="choice">
                <input type="checkbox" id=id name=name value="true" checked=checked required=required
                    aria-invalid=invalid aria-describedby=described_by/>
                <span>{label}</span>
            </label>
            {hint}
        </div>
    }
    .into_any()
}

/// Several of several, all of them in view. A problem stands at `name`.
#[component]
pub fn Checkboxes(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    /// The name of each box, its label, and whether it is ticked.
    boxes: Vec<(String, String, bool)>,
    #[prop(optional, into)] hint: String,
    #[prop(optional, into)] id: Option<String>,
) -> impl IntoView {
    let form = use_context::<FormContext>().unwrap_or_default();
    let Surroundings { id, hint, problem, described_by, .. } = Surroundings::of(&name, &label, id, hint);
    let boxes = boxes.into_iter().enumerate().map(|(index, (name, words, checked))| {
        let id = if index == 0 { id.clone() } else { format!("{id}-{index}") };
        // A box that was not ticked was not sent.
        let checked = form.typed(&name).map_or(checked, |typed| typed.as_deref() == Some("true"));
        view! {
            <label class="choice"><input type="checkbox" id=id name=name value="true" checked=checked/><span>{words}</span></label>
        }
    });
    view! {
        <fieldset class="field choices" aria-describedby=described_by>
            <legend>{label}</legend>{hint}{problem}{boxes.collect_view()}
        </fieldset>
    }
    .into_any()
}

/// One of several, all of them in view.
#[component]
pub fn Radios(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    /// Value, label, and a word on what it means.
    choices: Vec<(String, String, String)>,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] optional: bool,
    #[prop(optional, into)] id: Option<String>,
) -> impl IntoView {
    let around = Surroundings::of(&name, &label, id, hint);
    let value = around.value(value);
    let Surroundings { id, hint, problem, described_by, .. } = around;
    let required = !optional;
    let choices = choices.into_iter().enumerate().map(|(index, (choice, words, says))| {
        let id = if index == 0 { id.clone() } else { format!("{id}-{index}") };
        let checked = choice == value;
        let says = (!says.is_empty()).then(|| view! { <small>{says}</small> });
        view! {
            <label class="choice">
                <input type="radio" id=id name=name.clone() value=choice checked=checked required=required/>
                <span>{words}{says}</span>
            </label>
        }
    });
    view! {
        <fieldset class="field choices" aria-describedby=described_by>
            <legend>{label}</legend>{hint}{problem}{choices.collect_view()}
        </fieldset>
    }
    .into_any()
}

/// One of several, from a list.
#[component]
pub fn Select(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    /// Value and label.
    choices: Vec<(String, String)>,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] optional: bool,
    #[prop(optional, into)] id: Option<String>,
) -> impl IntoView {
    let around = Surroundings::of(&name, &label, id, hint);
    let value = around.value(value);
    let Surroundings { id, hint, problem, described_by, invalid, .. } = around;
    let label_for = id.clone();
    let choices = choices.into_iter().map(|(choice, words)| {
        let selected = choice == value;
        view! { <option value=choice selected=selected>{words}</option> }
    });
    let required = !optional;
    view! {
        <div class="field">
            <label for=label_for>{label}</label>
            {hint}
            {problem}
            <select id=id name=name required=required aria-invalid=invalid aria-describedby=described_by>{choices.collect_view()}</select>
        </div>
    }
    .into_any()
}

/// Words over the fields that follow.
#[component]
pub fn FieldGroup(#[prop(into)] label: String) -> impl IntoView {
    view! { <p class="group">{label}</p> }
}
