//! What the mappers of FHIR resources share: the resources of one import, and who is meant by their references.

pub mod binaries;
pub mod context;
pub mod medicine;
pub mod names;

pub use context::{Context, Incoming, KnownVisit, Links, encounters, is_of_sensitive_visit, of_type, visit_of};

/// SQLite takes 32,766 values in a statement: so many rows are asked for at once.
pub const CHUNK: usize = 2000;

/// Writes rows in chunks that SQLite takes.
macro_rules! insert_all {
    ($tx:expr, $entity:ty, $rows:expr, $conflict:expr) => {
        for chunk in $rows.chunks(1000) {
            <$entity>::insert_many(chunk.iter().cloned()).on_conflict($conflict).exec_without_returning($tx).await?;
        }
    };
}
pub(crate) use insert_all;
