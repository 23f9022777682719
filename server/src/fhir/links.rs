//! Which names mean which resources, and who waits for names that nobody bears yet.

use std::collections::{BTreeSet, HashMap, HashSet};

use app::{people::patient_record, record::resource::entity::fhir_alias};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde_json::Value;
use uuid::Uuid;

use super::{
    persons::EVERYWHERE,
    reference,
    store::{CHUNK, Row},
};

/// Types whose mappers read what stands in the resources that they name.
const BEHIND: [&str; 2] = ["Invoice", "Schedule"];

#[derive(Default)]
pub struct Links {
    /// Who bears a name; nobody when several do.
    ids: HashMap<String, Option<Uuid>>,
    /// The sources of the resources of this import that have one.
    sources: HashMap<Uuid, String>,
    /// The portal's patients by the ids of their Patient resources.
    pub patients: HashMap<Uuid, Uuid>,
    /// The Patient resource that heads a chart, where several make one.
    pub leaders: HashMap<Uuid, Uuid>,
    waiting: HashSet<(String, Uuid)>,
    /// Names that were given out just now, or taken back.
    pub registered: Vec<String>,
}

/// Why a reference leads to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// Nobody bears the name.
    Unknown,
    /// Several resources bear the identifier.
    Shared,
    /// An identifier that does not tell who somebody is, such as the number of a policy.
    NoIdentity,
    /// The Patient is here and has no chart.
    NoChart,
    /// There is no reference.
    Nobody,
}

/// The names of a resource that comes again.
struct Names<'a> {
    own: HashSet<&'a str>,
    has_source_now: bool,
    /// What it says takes the place of what is stored.
    is_newer: bool,
}

impl Names<'_> {
    fn still_has(&self, name: &str) -> bool {
        // Whether a system is trusted is a setting of each import: a name lasts as long as the identifier does.
        let anywhere = name.strip_prefix(EVERYWHERE);
        self.own.contains(name) || anywhere.is_some_and(|anywhere| self.own.iter().any(|own| own.ends_with(anywhere)))
    }
}

impl Links {
    /// The resource that a reference in `row` means. When nobody bears the name yet, `row` waits for it.
    pub fn resolve(&mut self, row: Uuid, reference: &Value) -> Option<Uuid> {
        let names = reference::names(self.source(row), reference);
        self.find(row, names)
    }

    /// As [`resolve`](Self::resolve), for the reference in the member `member`, whose name may tell what is meant.
    pub fn resolve_in(&mut self, row: Uuid, member: &str, reference: &Value) -> Option<Uuid> {
        let names = reference::names_in(self.source(row), member, reference);
        self.find(row, names)
    }

    /// `row` is mapped again whenever what a reference in it means comes in anew.
    pub fn depend(&mut self, row: Uuid, reference: &Value) {
        let names = reference::names(self.source(row), reference);
        let borne = names.into_iter().filter(|name| self.ids.get(name).is_some_and(Option::is_some));
        self.waiting.extend(borne.map(|name| (name, row)));
    }

    fn find(&mut self, row: Uuid, names: Vec<String>) -> Option<Uuid> {
        let found = names.iter().find_map(|name| self.ids.get(name).copied().flatten());
        if found.is_none() {
            self.waiting.extend(names.into_iter().map(|name| (name, row)));
        }
        found
    }

    /// Why a reference led to nothing.
    pub fn missing(&self, row: Uuid, member: &str, reference: &Value) -> Missing {
        let names = reference::names_in(self.source(row), member, reference);
        if names.is_empty() {
            return Missing::NoIdentity;
        }
        match names.iter().find_map(|name| self.ids.get(name)) {
            None => Missing::Unknown,
            Some(None) => Missing::Shared,
            Some(Some(_)) => Missing::NoChart,
        }
    }

    /// The resource that a reference in `row` means, as far as it is known by now; nobody waits for it.
    pub fn known(&self, row: Uuid, reference: &Value) -> Option<Uuid> {
        reference::names(self.source(row), reference).iter().find_map(|name| self.ids.get(name).copied().flatten())
    }

    fn source(&self, row: Uuid) -> &str {
        self.sources.get(&row).map_or("", String::as_str)
    }

    /// Those who wait, or depend, and for which names.
    pub fn waiting(&self) -> impl Iterator<Item = (&str, Uuid)> {
        self.waiting.iter().map(|(name, id)| (name.as_str(), *id))
    }

    /// Notes where resources come from.
    pub fn from<'a>(&mut self, rows: impl Iterator<Item = &'a Row>) {
        self.sources.extend(rows.filter(|row| !row.source.is_empty()).map(|row| (row.id, row.source.clone())));
    }

    /// Knows the names of rows without giving them out.
    pub fn borrow_names<'a>(&mut self, rows: impl Iterator<Item = &'a Row>) {
        self.ids.extend(rows.flat_map(|row| row.aliases.iter().map(|alias| (alias.clone(), Some(row.id)))));
    }

    /// Gives resources their names, and takes back the identifiers that they do not have any more. Returns the Patient resources
    /// that share an identifier since now: it means none of them any longer.
    pub async fn register<'a>(
        &mut self,
        tx: &impl ConnectionTrait,
        rows: impl Iterator<Item = &'a Row> + Clone,
    ) -> Result<HashSet<Uuid>, DbErr> {
        self.from(rows.clone());
        self.take_back(tx, rows.clone()).await?;
        let mut names: Vec<(String, Uuid)> = rows.flat_map(|row| row.aliases.iter().map(|alias| (alias.clone(), row.id))).collect();
        self.registered.extend(names.iter().map(|(name, _)| name.clone()));
        // Who bore them until now is read, and not what is about to be written: most names are new.
        let mut bearers = bearers(tx, &self.registered).await?;
        names.retain(|(name, id)| {
            let ids = bearers.entry(name.clone()).or_default();
            let is_new = !ids.contains(id);
            if is_new {
                ids.push(*id);
            }
            is_new
        });
        for chunk in names.chunks(CHUNK) {
            let rows = chunk.iter().map(|(alias, id)| fhir_alias::ActiveModel { alias: Set(alias.clone()), resource_id: Set(*id) });
            fhir_alias::Entity::insert_many(rows)
                .on_conflict(OnConflict::columns([fhir_alias::Column::Alias, fhir_alias::Column::ResourceId]).do_nothing().to_owned())
                .exec_without_returning(tx)
                .await?;
        }
        let registered = std::mem::take(&mut self.registered);
        let shared = self.know(&registered, bearers);
        self.registered = registered;
        Ok(shared
            .into_iter()
            .filter(|(name, _)| name.contains("Patient?") && !name.starts_with(EVERYWHERE))
            .flat_map(|(_, bearers)| bearers)
            .collect())
    }

    async fn take_back<'a>(&mut self, tx: &impl ConnectionTrait, rows: impl Iterator<Item = &'a Row>) -> Result<(), DbErr> {
        let updated: HashMap<Uuid, Names<'_>> = rows
            .filter_map(|row| {
                let stored = row.stored.as_ref()?;
                let has_source_now = stored.source.is_empty() && !row.source.is_empty();
                let is_newer = stored.content_hash != row.hash && !row.is_older();
                Some((row.id, Names { own: row.aliases.iter().map(String::as_str).collect(), has_source_now, is_newer }))
            })
            .collect();
        for chunk in updated.keys().copied().collect::<Vec<_>>().chunks(CHUNK) {
            let before = fhir_alias::Entity::find().filter(fhir_alias::Column::ResourceId.is_in(chunk.iter().copied())).all(tx).await?;
            let is_lost = |name: &fhir_alias::Model| {
                updated.get(&name.resource_id).is_some_and(|names| {
                    let without_source = names.has_source_now && reference::without_source(&name.alias) == name.alias;
                    (names.is_newer && reference::is_identifier(&name.alias) || without_source) && !names.still_has(&name.alias)
                })
            };
            for lost in before.into_iter().filter(is_lost) {
                fhir_alias::Entity::delete_by_id((lost.alias.clone(), lost.resource_id)).exec(tx).await?;
                self.registered.push(lost.alias);
            }
        }
        Ok(())
    }

    /// Finds out whom all these resources point at.
    pub async fn look_up<'a>(&mut self, tx: &impl ConnectionTrait, rows: impl Iterator<Item = &'a Row> + Clone) -> Result<(), DbErr> {
        self.from(rows.clone());
        let mut names = Vec::new();
        rows.for_each(|row| reference::all(&row.source, &row.value, &mut names));
        let unknown: BTreeSet<String> = names.into_iter().filter(|name| !self.ids.contains_key(name)).collect();
        self.read(tx, unknown.into_iter().collect()).await?;
        self.look_up_patients(tx).await
    }

    /// Finds out whom the stored resources point at that stand between a resource and what it shows, such as the ChargeItems of an
    /// Invoice: their mappers follow references of references.
    pub async fn look_behind(&mut self, tx: &impl ConnectionTrait, rows: &[Row]) -> Result<(), DbErr> {
        let mut names = Vec::new();
        for row in rows.iter().filter(|row| BEHIND.contains(&row.resource_type.as_str())) {
            reference::all(&row.source, &row.value, &mut names);
        }
        let here: HashSet<Uuid> = rows.iter().map(|row| row.id).collect();
        let meant = names.iter().filter_map(|name| self.ids.get(name).copied().flatten()).filter(|id| !here.contains(id)).collect();
        let behind = super::store::load(tx, meant).await?;
        self.look_up(tx, behind.iter()).await
    }

    /// Reads whose charts the known Patient resources are.
    pub async fn look_up_patients(&mut self, tx: &impl ConnectionTrait) -> Result<(), DbErr> {
        let ids: BTreeSet<Uuid> = self.ids.values().copied().flatten().collect();
        for chunk in ids.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
            let found =
                patient_record::Entity::find().filter(patient_record::Column::ResourceId.is_in(chunk.iter().copied())).all(tx).await?;
            self.patients.extend(found.into_iter().map(|found| (found.resource_id, found.patient_id)));
        }
        Ok(())
    }

    /// Reads who bears these names.
    async fn read(&mut self, tx: &impl ConnectionTrait, names: Vec<String>) -> Result<(), DbErr> {
        let found = bearers(tx, &names).await?;
        self.know(&names, found);
        Ok(())
    }

    /// Remembers who bears these names, and returns those that several bear.
    fn know(&mut self, names: &[String], mut bearers: HashMap<String, Vec<Uuid>>) -> HashMap<String, Vec<Uuid>> {
        // A name that was taken back may be nobody's now.
        for name in names.iter().filter(|name| !bearers.contains_key(*name)) {
            self.ids.remove(name);
        }
        self.ids.extend(bearers.iter().map(|(name, ids)| (name.clone(), if let [one] = ids[..] { Some(one) } else { None })));
        bearers.retain(|_, ids| ids.len() > 1);
        bearers
    }
}

/// Who bears each of these names, as far as they are stored.
async fn bearers(tx: &impl ConnectionTrait, names: &[String]) -> Result<HashMap<String, Vec<Uuid>>, DbErr> {
    let mut bearers: HashMap<String, Vec<Uuid>> = HashMap::with_capacity(names.len());
    for chunk in names.chunks(CHUNK) {
        for found in fhir_alias::Entity::find().filter(fhir_alias::Column::Alias.is_in(chunk.iter().cloned())).all(tx).await? {
            let ids = bearers.entry(found.alias).or_default();
            if !ids.contains(&found.resource_id) {
                ids.push(found.resource_id);
            }
        }
    }
    Ok(bearers)
}
