//! Draws the parts of a screen.

use leptos::prelude::*;

use super::model::{Block, Field, Form, Kind, Link, Part, Screen, Tag, Tone, action_with_way_back};
use crate::{
    base::{i18n::texts, text::escaped},
    view::{
        PageHead,
        fields::new_password,
        page::PageRequest,
        sections::{PasskeyButton, PrintButton},
    },
};

pub fn screen(found: Screen) -> AnyView {
    let back = found.back.map(|link| view! { <p class="back no-print"><a class="btn quiet" href=link.href>"‹ "{link.label}</a></p> });
    let class = if found.narrow { "screen screen--narrow" } else { "screen" };
    let blocks: Vec<AnyView> = found.blocks.into_iter().map(block).collect();
    view! {
        <PageHead title=found.title lead=found.lead/>
        {back}
        <div class=class>{blocks}</div>
    }
    .into_any()
}

fn block(found: Block) -> AnyView {
    match found {
        Block::Notice { warn, title, parts } => {
            let title = (!title.is_empty()).then(|| view! { <h2>{title}</h2> });
            view! { <div class="notice" class:notice--warn=warn>{title}{all(parts)}</div> }.into_any()
        }
        Block::Steps { labels, current } => {
            let steps: Vec<AnyView> = labels
                .into_iter()
                .enumerate()
                .map(|(index, label)| {
                    let here = (index == current).then_some("step");
                    view! { <li class:is-done=index < current aria-current=here>{label}</li> }.into_any()
                })
                .collect();
            view! { <ol class="steps" aria-label=texts().ui_steps()>{steps}</ol> }.into_any()
        }
        Block::Sheet { id, heading, parts } => {
            let id = (!id.is_empty()).then_some(id);
            let bare = heading.is_empty();
            let heading = (!bare).then(|| view! { <h2>{heading}</h2> });
            let parts: Vec<AnyView> = parts.into_iter().map(|found| part(found, bare)).collect();
            view! { <section class="sheet stack" id=id>{heading}{parts}</section> }.into_any()
        }
        Block::Made(html) => made("made", html),
    }
}

fn all(parts: Vec<Part>) -> Vec<AnyView> {
    parts.into_iter().map(|found| part(found, false)).collect()
}

/// `top`: no heading of the sheet stands above it.
fn part(found: Part, top: bool) -> AnyView {
    match found {
        Part::Text(text) => paragraph("text", text),
        Part::Small(text) => paragraph("meta", text),
        Part::Heading(text) if top => view! { <h2>{text}</h2> }.into_any(),
        Part::Heading(text) => view! { <h3>{text}</h3> }.into_any(),
        Part::Bullets(lines) => list("ticks", lines),
        Part::Lines(lines) => list("dots", lines),
        Part::Numbered(lines) => view! { <ol>{items(lines)}</ol> }.into_any(),
        Part::Facts(facts) => {
            let rows: Vec<AnyView> =
                facts.into_iter().map(|(label, value)| view! { <div><dt>{label}</dt><dd>{value}</dd></div> }.into_any()).collect();
            view! { <dl class="list">{rows}</dl> }.into_any()
        }
        Part::Quote(text) => view! { <blockquote class="quote">{text}</blockquote> }.into_any(),
        Part::Aside(link) => view! { <p class="aside no-print"><a href=link.href>{link.label}</a></p> }.into_any(),
        Part::Ways(ways) => {
            let rows: Vec<AnyView> = ways
                .into_iter()
                .map(|(link, says)| {
                    let rel = rel(&link);
                    view! { <li><a href=link.href rel=rel><b>{link.label}</b><span>{says}</span></a></li> }.into_any()
                })
                .collect();
            view! { <ul class="ways">{rows}</ul> }.into_any()
        }
        Part::Buttons { main, links } => {
            let links: Vec<AnyView> = links.into_iter().enumerate().map(|(index, link)| button(link, main && index == 0)).collect();
            view! { <div class="acts no-print">{links}</div> }.into_any()
        }
        Part::Code { label, text } => view! { <p class="code"><span>{label}</span><b>{text}</b></p> }.into_any(),
        Part::Picture { src, alt } => view! { <img class="picture" src=src alt=alt/> }.into_any(),
        Part::Entry { title, tag, lines, parts } => {
            let heading = if top { view! { <h2>{title}</h2> }.into_any() } else { view! { <h3>{title}</h3> }.into_any() };
            let lines: Vec<AnyView> = lines.into_iter().map(|line| paragraph("meta", line)).collect();
            view! {
                <article class="entry">
                    <div class="entry__head">{heading}{tag.map(draw_tag)}</div>
                    {lines}
                    {all(parts)}
                </article>
            }
            .into_any()
        }
        Part::Table { caption, head, rows } => {
            let head: Vec<AnyView> = head.into_iter().map(|cell| view! { <th scope="col">{cell}</th> }.into_any()).collect();
            let rows: Vec<AnyView> = rows
                .into_iter()
                .map(|row| {
                    let cells: Vec<AnyView> = row.into_iter().map(|cell| view! { <td>{cell}</td> }.into_any()).collect();
                    view! { <tr>{cells}</tr> }.into_any()
                })
                .collect();
            let label = caption.clone();
            view! {
                <div class="table" tabindex="0" role="region" aria-label=label>
                    <table><caption class="visually-hidden">{caption}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>
                </div>
            }
            .into_any()
        }
        Part::Chart { svg } => made("figure", svg),
        Part::Legend(names) => list("legend", names),
        Part::Html(html) => made("prose", html),
        Part::More { summary, parts } => {
            view! { <details class="more"><summary>{summary}</summary><div class="stack">{all(parts)}</div></details> }.into_any()
        }
        Part::Form(form) => draw_form(form),
        Part::Passkey { label, new } => view! { <PasskeyButton label new/> }.into_any(),
        Part::Progress { label, percent } => {
            let name = label.clone();
            view! { <p class="progress"><span>{label}</span><progress aria-label=name max="100" value=percent.to_string()></progress></p> }
                .into_any()
        }
        Part::Print { label } => view! { <PrintButton label/> }.into_any(),
    }
}

// One shape of markup for each of these: every other shape is code that the browser loads.

fn paragraph(class: &'static str, text: String) -> AnyView {
    view! { <p class=class>{text}</p> }.into_any()
}

fn described_by(class: &'static str, id: String, text: String) -> AnyView {
    view! { <p class=class id=id>{text}</p> }.into_any()
}

fn list(class: &'static str, lines: Vec<String>) -> AnyView {
    view! { <ul class=class>{items(lines)}</ul> }.into_any()
}

/// What the server made as HTML.
fn made(class: &'static str, html: String) -> AnyView {
    view! { <div class=class inner_html=html></div> }.into_any()
}

fn items(lines: Vec<String>) -> Vec<AnyView> {
    lines.into_iter().map(|line| view! { <li>{line}</li> }.into_any()).collect()
}

fn button(link: Link, main: bool) -> AnyView {
    let rel = rel(&link);
    view! { <a class="btn" class:quiet=!main href=link.href rel=rel>{link.label}</a> }.into_any()
}

/// What the server itself makes, such as a file, is no page of the router's; and a page with a script of its own is loaded anew.
fn rel(link: &Link) -> Option<&'static str> {
    (link.href == "/verify" || link.href.starts_with('#') || link.href.starts_with("/files/") || link.href.starts_with("tel:"))
        .then_some("external")
}

fn draw_tag(tag: Tag) -> AnyView {
    let class = match tag.tone {
        Tone::Good => "tag",
        Tone::Plain => "tag tag--plain",
        Tone::Off => "tag tag--off",
    };
    view! { <span class=class>{tag.text}</span> }.into_any()
}

fn draw_form(form: Form) -> AnyView {
    let method = if form.action.is_empty() { "get" } else { "post" };
    let request = use_context::<PageRequest>();
    let action = match (form.action.is_empty(), request) {
        (true, Some(request)) => request.path().to_owned(),
        (false, Some(request)) => action_with_way_back(&form.action, &request.way_back()),
        (_, None) => form.action,
    };
    let problems: Vec<(String, String)> = form
        .problem
        .into_iter()
        .map(|problem| (String::new(), problem))
        .chain(form.fields.iter().filter_map(|field| Some((field.id.clone(), field.problem.clone()?))))
        .collect();
    let summary = form.problems_title.map(|title| problem_summary(title, problems));
    let enctype = form.files.then_some("multipart/form-data");
    let class = if form.inline { "form form--inline" } else { "form" };
    let fields: Vec<AnyView> = form.fields.into_iter().map(draw_field).collect();
    view! {
        <form class=class method=method action=action enctype=enctype>
            {summary}
            {fields}
            <button class="btn" class:quiet=form.quiet type="submit">{form.submit}</button>
        </form>
    }
    .into_any()
}

fn problem_summary(title: String, problems: Vec<(String, String)>) -> AnyView {
    let lines: Vec<AnyView> = problems
        .into_iter()
        .map(|(id, problem)| match id.is_empty() {
            true => view! { <p>{problem}</p> }.into_any(),
            false => view! { <p><a href=format!("#{id}") rel="external">{problem}</a></p> }.into_any(),
        })
        .collect();
    view! { <div class="error-summary" id="problem" role="alert" tabindex="-1" autofocus><h3>{title}</h3>{lines}</div> }.into_any()
}

fn draw_field(field: Field) -> AnyView {
    let Field { name, id, label, hint, value, problem, kind, required, autocomplete } = field;
    if kind == Kind::Hidden {
        return view! { <input type="hidden" name=name value=value/> }.into_any();
    }
    if kind == Kind::Heading {
        return paragraph("group", label);
    }
    let (hint_id, problem_id) = (format!("{id}-hint"), format!("{id}-problem"));
    let described: Vec<&str> =
        [(!hint.is_empty()).then_some(hint_id.as_str()), problem.is_some().then_some(problem_id.as_str())].into_iter().flatten().collect();
    let described = (!described.is_empty()).then(|| described.join(" "));
    let invalid = problem.is_some().then_some("true");
    let hint = (!hint.is_empty()).then(|| described_by("hint", hint_id, hint));
    let problem = problem.map(|problem| described_by("problem", problem_id, problem));
    let autocomplete = if autocomplete.is_empty() { "off".to_owned() } else { autocomplete };
    match kind {
        Kind::Check => view! {
            <div class="field field--check">
                {problem}
                <label class="choice">
                    <input type="checkbox" id=id name=name value="true" checked=value == "true" required=required
                        aria-invalid=invalid aria-describedby=described/>
                    <span>{label}</span>
                </label>
                {hint}
            </div>
        }
        .into_any(),
        Kind::Radio(choices) => {
            let choices: Vec<AnyView> = choices
                .into_iter()
                .enumerate()
                .map(|(index, (choice, words, says))| {
                    let id = if index == 0 { id.clone() } else { format!("{id}-{index}") };
                    let checked = choice == value;
                    let says = (!says.is_empty()).then(|| view! { <small>{says}</small> });
                    view! {
                        <label class="choice">
                            <input type="radio" id=id name=name.clone() value=choice checked=checked required=required/>
                            <span>{words}{says}</span>
                        </label>
                    }
                    .into_any()
                })
                .collect();
            view! {
                <fieldset class="field choices" aria-describedby=described>
                    <legend>{label}</legend>{hint}{problem}{choices}
                </fieldset>
            }
            .into_any()
        }
        kind => {
            let input = input(kind, name, id.clone(), value, required, autocomplete, invalid, described);
            view! { <div class="field"><label for=id>{label}</label>{hint}{problem}{input}</div> }.into_any()
        }
    }
}

#[allow(clippy::too_many_arguments)]
fn input(
    kind: Kind,
    name: String,
    id: String,
    value: String,
    required: bool,
    autocomplete: String,
    invalid: Option<&'static str>,
    described: Option<String>,
) -> AnyView {
    let (kind, mode, most, accept) = match kind {
        Kind::Area | Kind::Paste => {
            let most = (kind == Kind::Area).then_some("4000");
            return view! {
                <textarea id=id name=name required=required rows="5" maxlength=most aria-invalid=invalid aria-describedby=described
                    inner_html=format!("\n{}", escaped(&value))></textarea>
            }
            .into_any();
        }
        Kind::Select(choices) => {
            let choices: Vec<AnyView> = choices
                .into_iter()
                .map(|(choice, words)| {
                    let selected = choice == value;
                    view! { <option value=choice selected=selected>{words}</option> }.into_any()
                })
                .collect();
            return view! {
                <select id=id name=name required=required aria-invalid=invalid aria-describedby=described>{choices}</select>
            }
            .into_any();
        }
        Kind::Email => ("email", None, 200, None),
        Kind::Phone => ("tel", None, 40, None),
        Kind::Date => ("date", None, 10, None),
        Kind::Search => ("search", None, 100, None),
        Kind::Digits => ("text", Some("numeric"), 12, None),
        Kind::Password => ("password", None, 128, None),
        Kind::NewPassword => return new_password(name, id, autocomplete, invalid, described),
        Kind::File { accept } => ("file", None, 200, Some(accept)),
        _ => ("text", None, 200, None),
    };
    let is_name = autocomplete == "username";
    view! {
        <input type=kind id=id name=name value=value required=required maxlength=most inputmode=mode autocomplete=autocomplete
            accept=accept autocapitalize=is_name.then_some("none") aria-invalid=invalid aria-describedby=described/>
    }
    .into_any()
}
