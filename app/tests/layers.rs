//! Imports point down only. `layers.toml` names the layers and every edge between features; this test reads the sources and
//! holds them to it: no import of a higher layer, no undeclared edge, no declared edge that nothing uses, no circle of files or
//! of features, no long file without a reason.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde::Deserialize;

/// A file with more lines needs a reason.
const MOST_LINES: usize = 300;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    /// Folders of `src`, the lowest first.
    layers: Vec<String>,
    /// Feature, the features it may import, and why.
    #[serde(default)]
    edges: BTreeMap<String, BTreeMap<String, String>>,
    /// Files that are longer than others, and why.
    #[serde(default)]
    long: BTreeMap<String, String>,
}

type Module = Vec<String>;

/// The modules of the crate, what each re-exports, and which file holds it.
#[derive(Default)]
struct Tree {
    files: BTreeMap<Module, String>,
    exports: BTreeMap<Module, Vec<(String, Module)>>,
}

#[test]
fn imports_point_down_only() {
    let rules: Rules = toml::from_str(&fs::read_to_string("layers.toml").expect("layers.toml")).expect("layers.toml is well-formed");
    let mut sources = BTreeMap::new();
    collect(Path::new("src"), &mut sources);
    let mut tree = Tree::default();
    for file in sources.keys() {
        tree.files.insert(module_of(file), file.clone());
    }
    let imports: BTreeMap<&String, Imports> = sources.iter().map(|(file, text)| (file, Imports::read(&tree, file, text))).collect();
    for (file, imports) in &imports {
        tree.exports.insert(module_of(file), imports.exported.clone());
    }
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, imports) in &imports {
        let targets = imports.paths(&tree, &module_of(file));
        let found = targets.iter().filter_map(|path| tree.file(path)).filter(|target| target != *file);
        edges.entry((*file).clone()).or_default().extend(found);
    }

    let mut faults = Vec::new();
    let rank = |file: &str| rules.layers.iter().position(|layer| file.split('/').next() == Some(layer));
    let mut upward = BTreeSet::new();
    let mut between: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (file, targets) in &edges {
        if rank(file).is_none() && file != "lib.rs" {
            faults.push(format!("{file}: is in no layer of layers.toml"));
        }
        for target in targets {
            if rank(file) < rank(target) && file != "lib.rs" {
                upward.insert(format!("{file} -> {target}"));
            }
            if let (Some(from), Some(to)) = (feature(file), feature(target))
                && from != to
            {
                between.entry(from.to_owned()).or_default().insert(to.to_owned());
            }
        }
    }
    faults.extend(upward.iter().map(|edge| format!("{edge}: imports a higher layer")));
    let declared = |from: &str, to: &str| rules.edges.get(from).is_some_and(|edges| edges.contains_key(to));
    for (from, targets) in &between {
        for to in targets.iter().filter(|to| !declared(from, to)) {
            let files: Vec<String> = edges
                .iter()
                .filter(|(file, _)| feature(file) == Some(from))
                .flat_map(|(file, targets)| {
                    targets.iter().filter(|target| feature(target) == Some(to)).map(move |target| format!("{file} -> {target}"))
                })
                .collect();
            faults.push(format!("features {from} -> {to}: is not declared ({})", files.join(", ")));
        }
    }
    for (from, targets) in &rules.edges {
        for (to, reason) in targets {
            if !between.get(from).is_some_and(|found| found.contains(to)) {
                faults.push(format!("features {from} -> {to}: is declared, and nothing uses it"));
            }
            if reason.trim().is_empty() {
                faults.push(format!("features {from} -> {to}: has no reason"));
            }
        }
    }
    faults.extend(circles(&edges).into_iter().chain(circles(&between)).map(|circle| format!("a circle: {circle:?}")));
    for (file, text) in &sources {
        let lines = text.lines().count();
        match rules.long.contains_key(file) {
            false if lines > MOST_LINES => faults.push(format!("{file}: has {lines} lines; split it, or give a reason under `long`")),
            true if lines <= MOST_LINES => faults.push(format!("{file}: is no longer long; take it off `long`")),
            _ => {}
        }
    }
    faults.extend(rules.long.keys().filter(|file| !sources.contains_key(*file)).map(|file| format!("{file}: is gone; take it off `long`")));
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

fn feature(file: &str) -> Option<&str> {
    file.strip_prefix("features/")?.split_once('/').map(|(feature, _)| feature)
}

fn collect(folder: &Path, sources: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("the sources are here") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, sources);
        } else {
            let name = path.strip_prefix("src").expect("below src").to_string_lossy().into_owned();
            sources.insert(name, fs::read_to_string(&path).expect("a source"));
        }
    }
}

/// `features/visits/mod.rs` is `features::visits`.
fn module_of(file: &str) -> Module {
    let mut parts: Module = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| last == "mod" || last == "lib") {
        parts.pop();
    }
    parts
}

impl Tree {
    /// The file that holds what a path names, through re-exports.
    fn file(&self, path: &[String]) -> Option<String> {
        let mut here: Module = Vec::new();
        let mut rest = path.to_vec();
        for _ in 0..20 {
            let Some(next) = rest.first().cloned() else { break };
            let below: Module = here.iter().cloned().chain([next.clone()]).collect();
            if self.files.contains_key(&below) {
                here = below;
                rest.remove(0);
                continue;
            }
            let exported = self.exports.get(&here).and_then(|exports| exports.iter().find(|(name, _)| *name == next));
            let Some((_, target)) = exported else { break };
            rest = target.iter().cloned().chain(rest.into_iter().skip(1)).collect();
            here = Vec::new();
        }
        self.files.get(&here).cloned()
    }
}

/// What a file imports.
#[derive(Default)]
struct Imports {
    /// Paths from the root of the crate.
    used: Vec<Module>,
    /// Names that stand for what was imported.
    named: Vec<(String, Module)>,
    exported: Vec<(String, Module)>,
    /// Paths in code, by their first name.
    inline: Vec<Module>,
}

impl Imports {
    fn read(tree: &Tree, file: &str, text: &str) -> Self {
        let mut found = Self::default();
        let module = module_of(file);
        let tokens = tokens(text);
        // How deep the braces are, and the names of the modules that were opened at which depth.
        let (mut depth, mut inside): (usize, Vec<(String, usize)>) = (0, Vec::new());
        let mut at = 0;
        while at < tokens.len() {
            let here = || module.iter().cloned().chain(inside.iter().map(|(name, _)| name.clone())).collect::<Module>();
            match tokens[at].as_str() {
                "{" => depth += 1,
                "}" => {
                    depth = depth.saturating_sub(1);
                    inside.retain(|(_, opened)| *opened < depth + 1);
                }
                "mod" if tokens.get(at + 2).is_some_and(|token| token == "{") => {
                    let name = tokens[at + 1].clone();
                    if name == "tests" {
                        at = end_of_block(&tokens, at + 2);
                        continue;
                    }
                    depth += 1;
                    inside.push((name, depth));
                    at += 3;
                    continue;
                }
                "use" => {
                    let end = (at..tokens.len()).find(|index| tokens[*index] == ";").unwrap_or(tokens.len());
                    let public = at > 0 && (tokens[at - 1] == "pub" || tokens[at - 1] == ")");
                    let mut leaves = Vec::new();
                    use_tree(&tokens[at + 1..end], &mut 0, &[], &mut leaves);
                    for (path, name) in leaves {
                        let Some(path) = absolute(tree, &module, &here(), &path) else { continue };
                        if public {
                            found.exported.push((name, path));
                        } else {
                            found.used.push(path.clone());
                            found.named.push((name, path));
                        }
                    }
                    at = end;
                    continue;
                }
                name if tokens.get(at + 1).is_some_and(|token| token == "::") && (at == 0 || tokens[at - 1] != "::") => {
                    let mut path = vec![name.to_owned()];
                    while tokens.get(at + 1).is_some_and(|token| token == "::") && tokens.get(at + 2).is_some_and(|token| is_name(token)) {
                        path.push(tokens[at + 2].clone());
                        at += 2;
                    }
                    match absolute(tree, &module, &here(), &path) {
                        Some(path) if matches!(name, "crate" | "super" | "self") => found.used.push(path),
                        _ => found.inline.push(path),
                    }
                }
                _ => {}
            }
            at += 1;
        }
        found
    }

    /// Every path, with names that stand for modules replaced by them.
    fn paths(&self, tree: &Tree, module: &[String]) -> Vec<Module> {
        let mut paths: Vec<Module> = self.used.iter().filter(|path| !tree.files.contains_key(*path)).cloned().collect();
        for path in &self.inline {
            let meant = self.named.iter().filter(|(name, target)| *name == path[0] && tree.files.contains_key(target));
            paths.extend(meant.map(|(_, target)| target.iter().cloned().chain(path.iter().skip(1).cloned()).collect()));
            let below: Module = module.iter().cloned().chain([path[0].clone()]).collect();
            if tree.files.contains_key(&below) {
                paths.push(module.iter().cloned().chain(path.iter().cloned()).collect());
            }
        }
        paths
    }
}

/// A path from the root of the crate; nothing for what is of another crate.
fn absolute(tree: &Tree, module: &[String], here: &[String], path: &[String]) -> Option<Module> {
    match path.first()?.as_str() {
        "crate" => Some(path[1..].to_vec()),
        "self" => Some(here.iter().cloned().chain(path[1..].iter().cloned()).collect()),
        "super" => {
            let ups = path.iter().take_while(|part| *part == "super").count();
            let base = here.len().checked_sub(ups)?;
            Some(here[..base].iter().cloned().chain(path[ups..].iter().cloned()).collect())
        }
        first => {
            let below: Module = module.iter().cloned().chain([first.to_owned()]).collect();
            tree.files.contains_key(&below).then(|| module.iter().cloned().chain(path.iter().cloned()).collect())
        }
    }
}

fn use_tree(tokens: &[String], at: &mut usize, prefix: &[String], leaves: &mut Vec<(Module, String)>) {
    let mut path = prefix.to_vec();
    while *at < tokens.len() {
        match tokens[*at].as_str() {
            "::" => *at += 1,
            "{" => {
                *at += 1;
                while *at < tokens.len() && tokens[*at] != "}" {
                    use_tree(tokens, at, &path, leaves);
                    if tokens.get(*at).is_some_and(|token| token == ",") {
                        *at += 1;
                    }
                }
                *at += 1;
                return;
            }
            "," | "}" => break,
            "as" => {
                leaves.push((path, tokens[*at + 1].clone()));
                *at += 2;
                return;
            }
            "self" if !path.is_empty() => *at += 1,
            name => {
                path.push(name.to_owned());
                *at += 1;
            }
        }
    }
    if let Some(name) = path.last().cloned() {
        leaves.push((path, name));
    }
}

fn end_of_block(tokens: &[String], open: usize) -> usize {
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        match token.as_str() {
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                if depth == 0 {
                    return index + 1;
                }
            }
            _ => {}
        }
    }
    tokens.len()
}

fn is_name(token: &str) -> bool {
    token.chars().next().is_some_and(|first| first.is_alphabetic() || first == '_') || token == "*"
}

/// Names, `::` and single signs; comments and literals fall away.
fn tokens(text: &str) -> Vec<String> {
    let (mut tokens, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            raw.find("\"#").map_or(rest.len(), |end| end + 5)
        } else if first == '"' {
            string_length(rest)
        } else if first == '\'' {
            character_length(rest)
        } else if rest.starts_with("::") {
            tokens.push("::".to_owned());
            2
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(rest[..end].to_owned());
            end
        } else {
            if !first.is_whitespace() {
                tokens.push(first.to_string());
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (index, found) in text.char_indices().skip(1) {
        match found {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}

/// A character, or the mark of a lifetime.
fn character_length(text: &str) -> usize {
    let mut signs = text.char_indices().skip(1);
    match signs.next() {
        Some((_, '\\')) => text[2..].find('\'').map_or(text.len(), |end| if end == 0 { 4 } else { end + 3 }),
        Some((index, found)) if text[index + found.len_utf8()..].starts_with('\'') => index + found.len_utf8() + 1,
        _ => 1,
    }
}

/// The strongly connected components of more than one node (Tarjan).
fn circles(edges: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    #[derive(Default)]
    struct State<'a> {
        index: BTreeMap<&'a str, usize>,
        low: BTreeMap<&'a str, usize>,
        stack: Vec<&'a str>,
        found: Vec<Vec<String>>,
    }
    fn visit<'a>(node: &'a str, edges: &'a BTreeMap<String, BTreeSet<String>>, state: &mut State<'a>) {
        let index = state.index.len();
        state.index.insert(node, index);
        state.low.insert(node, index);
        state.stack.push(node);
        for next in edges.get(node).into_iter().flatten() {
            if !state.index.contains_key(next.as_str()) {
                visit(next, edges, state);
                let low = state.low[node].min(state.low[next.as_str()]);
                state.low.insert(node, low);
            } else if state.stack.contains(&next.as_str()) {
                let low = state.low[node].min(state.index[next.as_str()]);
                state.low.insert(node, low);
            }
        }
        if state.low[node] == index {
            let start = state.stack.iter().position(|found| *found == node).expect("a node is on the stack");
            let mut component: Vec<String> = state.stack.split_off(start).into_iter().map(str::to_owned).collect();
            component.sort();
            if component.len() > 1 {
                state.found.push(component);
            }
        }
    }
    let mut state = State::default();
    for node in edges.keys() {
        if !state.index.contains_key(node.as_str()) {
            visit(node, edges, &mut state);
        }
    }
    state.found
}

#[test]
fn paths_are_read_from_use_trees_and_code() {
    let mut tree = Tree::default();
    for file in ["a/mod.rs", "a/b.rs", "c/mod.rs", "c/d.rs"] {
        tree.files.insert(module_of(file), file.into());
    }
    let text = "use crate::{a::{self, b::Thing}, c}; // use crate::x;\nfn f() { c::d::go(\"use crate::y;\", 'x', crate::a::b::g()) }\nmod tests { use crate::c::d::Not; }";
    let imports = Imports::read(&tree, "z.rs", text);
    let files: BTreeSet<String> = imports.paths(&tree, &module_of("z.rs")).iter().filter_map(|path| tree.file(path)).collect();
    assert_eq!(files, BTreeSet::from(["a/b.rs".to_owned(), "c/d.rs".to_owned()]));
}

#[test]
fn circles_are_found_whatever_their_length() {
    let edge = |from: &str, to: &[&str]| (from.to_owned(), to.iter().map(|to| (*to).to_owned()).collect());
    assert!(circles(&BTreeMap::from([edge("a", &["b", "c"]), edge("b", &["c"])])).is_empty());
    assert_eq!(circles(&BTreeMap::from([edge("a", &["b"]), edge("b", &["c"]), edge("c", &["a"])])).len(), 1);
}
