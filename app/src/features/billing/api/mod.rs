//! Paying bills, plans, cards, questions; as a guest too.

mod guest;
mod paying;
mod plans;
mod telling;

pub use guest::*;
pub use paying::*;
pub use plans::*;
pub use telling::*;

#[cfg(feature = "ssr")]
mod typed {
    use std::collections::{BTreeMap, HashMap};

    use uuid::Uuid;

    use crate::{
        base::{
            error::{Error, Problem},
            money::cents,
        },
        desk::billing::{
            payer::{Parts, field_of},
            problem,
        },
    };

    /// What somebody typed beside bills. An empty field, or a zero, is a bill that is not paid now.
    ///
    /// # Errors
    /// `Invalid` with every sum that is none.
    pub(super) fn parts(amounts: &HashMap<String, String>) -> Result<Parts, Error> {
        let (mut parts, mut problems) = (BTreeMap::new(), Vec::new());
        for (bill, typed) in amounts {
            let bill: Uuid = bill.strip_prefix('b').and_then(|bill| bill.parse().ok()).ok_or(Error::NotFound)?;
            match cents(typed) {
                _ if typed.trim().is_empty() => {}
                Some(0) => {}
                Some(cents) if parts.insert(bill, cents).is_none() => {}
                // The same bill twice, written in two ways.
                Some(_) => return Err(Error::NotFound),
                None => problems.push(Problem { field: field_of(bill), why: problem::NOT_MONEY }),
            }
        }
        if problems.is_empty() { Ok(parts.into_iter().collect()) } else { Err(Error::Invalid(problems)) }
    }
}
