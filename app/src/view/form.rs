//! Forms of server pages. They are plain HTML forms that post to a server function: they do the same before the wasm is there,
//! with it, and without any. A form that is refused comes back with what was typed and the reason at the field.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use leptos::prelude::*;

use super::{
    page::PageRequest,
    problem::problem_in_words,
    sections::{HoldsProblem, item_heading},
};
use crate::{
    access::{current, draft::Draft},
    base::{error::Error, i18n::texts},
};

/// A form that was refused and comes back to a page, until the page shows it: what it was about may have changed meanwhile, so that the
/// page has no such form any more.
#[derive(Clone, Default)]
pub struct RefusedForm {
    draft: Option<Arc<Draft>>,
    shown: Arc<AtomicBool>,
}

impl RefusedForm {
    /// What comes back to this page.
    pub fn of(request: &PageRequest) -> Self {
        let comes_back = request.query("again").is_some();
        Self { draft: current().ok().and_then(|access| access.draft).filter(|_| comes_back), shown: Arc::default() }
    }

    /// Called by the form.
    fn show() {
        if let Some(refused) = use_context::<Self>() {
            refused.shown.store(true, Ordering::Relaxed);
        }
    }

    /// Where the page has not shown it: why it was refused, and the texts that were typed.
    pub fn left(&self) -> Option<AnyView> {
        let draft = self.draft.as_ref().filter(|_| !self.shown.load(Ordering::Relaxed))?;
        let t = texts();
        let (title, whole) = problem_in_words(t, &draft.error);
        // What was chosen is chosen again soon; sentences are not.
        let typed: Vec<String> = draft.entries.values().filter(|text| text.trim().contains(char::is_whitespace)).cloned().collect();
        let typed = (!typed.is_empty()).then(|| {
            view! {
                <p>{t.ui_typed()}</p>
                {typed.into_iter().map(|text| view! { <blockquote class="quote">{text}</blockquote> }).collect_view()}
            }
        });
        Some(problem_summary(title, whole, None, typed.into_any()))
    }
}

/// The form that its fields belong to.
#[derive(Clone, Default)]
pub(super) struct FormContext {
    draft: Option<Arc<Draft>>,
    /// Id of each field that was refused, and its problem under the field's name.
    problems: Arc<Mutex<Vec<(String, String)>>>,
}

impl FormContext {
    /// What was typed into a field when the form was refused; `None` when it was not.
    pub(super) fn typed(&self, name: &str) -> Option<Option<String>> {
        self.draft.as_ref().map(|draft| draft.entries.get(name).cloned())
    }

    /// Why a field was refused.
    pub(super) fn problem(&self, name: &str, label: &str, id: &str) -> Option<String> {
        let Error::Invalid(problems) = &self.draft.as_ref()?.error else { return None };
        let found = problems.iter().find(|problem| problem.field == name)?;
        let words = found.why.sentence(texts()).to_owned();
        if let Ok(mut problems) = self.problems.lock() {
            // In the list above the form, a question is named and not asked.
            let may_stay = format!(" ({})", texts().questionnaires_optional());
            let name = label.strip_suffix(may_stay.as_str()).unwrap_or(label).trim_start_matches('¿').trim_end_matches([':', '.', '?']);
            problems.push((id.to_owned(), format!("{name}: {words}")));
        }
        Some(words)
    }
}

/// Posts to a server function. What was typed comes back, too, when it was refused by the function that `keeps`. Of several forms for one action on a page, what was typed belongs to the one with the same
/// `hidden` values.
#[component]
pub fn PostForm(
    /// `ServerFn::PATH`.
    action: &'static str,
    #[prop(into)] submit: String,
    /// The button does not stand out.
    #[prop(optional)]
    quiet: bool,
    /// Its children bring their own buttons.
    #[prop(optional)]
    own_buttons: bool,
    /// The form takes files.
    #[prop(optional)]
    files: bool,
    #[prop(optional)] hidden: Vec<(&'static str, String)>,
    /// The id of the field that a problem with the whole form leads to.
    #[prop(optional)]
    problem_at: Option<&'static str>,
    /// Another function that takes the same fields, and the words of its button. While somebody types, the browser calls it by
    /// itself (`public/keep.js`).
    #[prop(optional)]
    keeps: Option<(&'static str, &'static str)>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let same = |draft: &Arc<Draft>| {
        (draft.action == action || keeps.is_some_and(|(path, _)| draft.action == path))
            && hidden.iter().all(|(name, value)| draft.entries.get(*name).is_none_or(|typed| typed == value))
    };
    let draft = current().ok().and_then(|access| access.draft).filter(same);
    let context = FormContext { draft: draft.clone(), problems: Arc::default() };
    provide_context(context.clone());
    let fields = children.map(|children| children());
    let at_fields = context.problems.lock().map(|problems| problems.clone()).unwrap_or_default();
    let summary = draft.map(|draft| {
        HoldsProblem::tell();
        RefusedForm::show();
        let (title, whole) = problem_in_words(texts(), &draft.error);
        let whole = whole.filter(|_| at_fields.is_empty() || !matches!(draft.error, Error::Invalid(_)));
        let lines = at_fields.into_iter().map(|(id, problem)| view! { <p><a href=format!("#{id}") rel="external">{problem}</a></p> });
        problem_summary(title, whole, problem_at, lines.collect_view().into_any())
    });
    let here = use_context::<PageRequest>().map(|request| request.way_back()).unwrap_or_default();
    let hidden = hidden.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view();
    let t = texts();
    let kept = keeps.map(|(path, words)| {
        view! {
            <button class="btn quiet" type="submit" formnovalidate formaction=with_way_back(path, &here)>{words}</button>
            <p class="meta" role="status" data-kept=t.ui_kept() data-not-kept=t.ui_not_kept() data-sending=files.then(|| t.ui_sending())></p>
        }
    });
    let keep = keeps.map(|(path, _)| path);
    view! {
        <form class="form" method="post" action=with_way_back(action, &here) enctype=files.then_some("multipart/form-data") data-keep=keep>
            {summary}
            {hidden}
            {fields}
            {(!own_buttons).then(|| view! { <button class="btn" class:quiet=quiet type="submit">{submit}</button> })}
            {kept}
        </form>
    }
    .into_any()
}

/// Asks the same page anew, with its fields in the address.
#[component]
pub fn SearchForm(
    #[prop(into)] submit: String,
    /// The button does not stand out.
    #[prop(optional)]
    quiet: bool,
    children: Children,
) -> impl IntoView {
    provide_context(FormContext::default());
    let path = use_context::<PageRequest>().map(|request| request.path().to_owned()).unwrap_or_default();
    view! {
        <form class="form form--inline" method="get" action=path>
            {children()}
            <button class="btn" class:quiet=quiet type="submit">{submit}</button>
        </form>
    }
    .into_any()
}

fn problem_summary(title: String, whole: Option<String>, whole_at: Option<&'static str>, more: AnyView) -> AnyView {
    let whole = whole.map(|problem| match whole_at {
        Some(id) => view! { <p><a href=format!("#{id}") rel="external">{problem}</a></p> }.into_any(),
        None => view! { <p>{problem}</p> }.into_any(),
    });
    view! {
        <div class="error-summary" id="problem" role="alert" tabindex="-1" autofocus>
            {item_heading(title)}
            {whole}
            {more}
        </div>
    }
    .into_any()
}

/// A button in a form that does something else with all of its fields: `name` and `value` say what.
#[component]
pub fn OtherButton(action: &'static str, name: &'static str, #[prop(into)] value: String, #[prop(into)] label: String) -> impl IntoView {
    let here = use_context::<PageRequest>().map(|request| request.way_back()).unwrap_or_default();
    view! {
        <button class="btn quiet" type="submit" formnovalidate formaction=with_way_back(action, &here) name=name value=value>{label}</button>
    }
}

/// The address of an action that knows where it comes back to: with what was typed when it was refused.
fn with_way_back(action: &str, here: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(here.as_bytes()).collect();
    format!("{action}?again={encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_survives_as_one_query_value() {
        let action = with_way_back("/api/x", "/p/1?a=b&c=ñ");
        let query = action.split_once('?').expect("a query").1;
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        assert_eq!(pairs, [("again".to_owned(), "/p/1?a=b&c=ñ".to_owned())]);
    }
}
