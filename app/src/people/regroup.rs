//! The importer's part in joining records, which the server brings along.

use std::{future::Future, pin::Pin, sync::Arc};

use sea_orm::{DatabaseTransaction, DbErr};
use uuid::Uuid;

type Regrouping<'a> = Pin<Box<dyn Future<Output = Result<(), DbErr>> + Send + 'a>>;
type RegroupsIn = dyn for<'a> Fn(&'a DatabaseTransaction, Vec<Uuid>) -> Regrouping<'a> + Send + Sync;

/// Finds the charts of these Patient resources anew, and maps what belongs to other charts by that.
#[derive(Clone)]
pub struct Regroup(pub Arc<RegroupsIn>);
