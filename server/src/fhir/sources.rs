//! Where resources come from.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::Deserialize;

use super::{read::Received, reference};

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(rename = "resourceType", borrow)]
    resource_type: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow)]
    id: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow)]
    meta: Option<Meta<'a>>,
}

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(borrow)]
    source: Option<std::borrow::Cow<'a, str>>,
}

/// The source of each resource of a file: the one that was told; else the server of its `fullUrl`; else that of the others in the
/// file; else `meta.source` as far as the file needs it to tell ids apart or says the same everywhere. Empty when nothing tells.
pub fn of(received: &[Received], told: Option<&str>) -> Vec<String> {
    if let Some(told) = told {
        return vec![reference::source(told); received.len()];
    }
    let bases: Vec<Option<String>> =
        received.iter().map(|found| reference::absolute(found.full_url.as_deref()?).map(|(base, _)| base)).collect();
    let servers: BTreeSet<&String> = bases.iter().flatten().collect();
    if let [only] = servers.iter().collect::<Vec<_>>()[..] {
        let only = (*only).clone();
        return bases.into_iter().map(|base| base.unwrap_or_else(|| only.clone())).collect();
    }
    if !servers.is_empty() {
        return bases.into_iter().map(Option::unwrap_or_default).collect();
    }
    by_meta(received)
}

fn by_meta(received: &[Received]) -> Vec<String> {
    let heads: Vec<Option<Head>> = received.iter().map(|found| serde_json::from_str(found.raw.get()).ok()).collect();
    let source = |head: &Option<Head>| {
        let meta = head.as_ref().and_then(|head| head.meta.as_ref());
        meta.and_then(|meta| meta.source.as_deref()).map(reference::source).unwrap_or_default()
    };
    let said: Vec<String> = heads.iter().map(source).collect();
    let all: BTreeSet<&String> = said.iter().filter(|source| !source.is_empty()).collect();
    match all.iter().collect::<Vec<_>>()[..] {
        [] => said,
        [only] => vec![(*only).clone(); said.len()],
        _ => {
            let mut by_id: HashMap<(&str, &str), HashSet<&String>> = HashMap::new();
            for (head, source) in heads.iter().zip(&said) {
                let name = head.as_ref().and_then(|head| Some((head.resource_type.as_deref()?, head.id.as_deref()?)));
                by_id.entry(name.unwrap_or_default()).or_default().insert(source);
            }
            by_id.remove(&("", ""));
            if by_id.values().any(|sources| sources.len() > 1) { said } else { vec![String::new(); said.len()] }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, value::to_raw_value};

    use super::*;

    fn resource(full_url: Option<&str>, id: &str, source: Option<&str>) -> Received {
        let body = json!({"resourceType": "Patient", "id": id, "meta": source.map(|source| json!({"source": source}))});
        Received { source: None, full_url: full_url.map(str::to_owned), raw: to_raw_value(&body).expect("JSON") }
    }

    #[test]
    fn the_likeliest_source_is_taken() {
        let address = Some("https://a.example/fhir/Patient/1");
        assert_eq!(of(&[resource(address, "1", None)], Some("north")), ["north"]);
        assert_eq!(of(&[resource(address, "1", Some("x")), resource(None, "2", None)], None), ["a.example/fhir", "a.example/fhir"]);
        let other = Some("https://b.example/Patient/1");
        assert_eq!(of(&[resource(address, "1", None), resource(other, "1", None)], None), ["a.example/fhir", "b.example"]);
        assert_eq!(of(&[resource(Some("urn:uuid:1"), "1", Some("https://a.example#9"))], None), ["a.example"]);
        let (one, two) = (Some("https://a.example"), Some("https://b.example"));
        assert_eq!(of(&[resource(None, "1", one), resource(None, "2", two)], None), ["", ""], "one server that tells whence it has them");
        assert_eq!(of(&[resource(None, "1", one), resource(None, "1", two)], None), ["a.example", "b.example"]);
    }
}
