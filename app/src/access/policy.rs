//! The whole policy on one page: one type per permission, one decision each.

use super::{
    caller::{Caller, StaffRole, Standing},
    proxy::{EndReason, Level},
};
use crate::{clock::Now, ids::PatientId};

/// What may be asked for. `decide` is a pure function of facts and time.
pub trait Permission: Send + Sync + 'static {
    /// Which chart it is about, or nothing.
    type Scope: Scope;
    /// As written to the audit log.
    const NAME: &'static str;
    fn decide(caller: &Caller, scope: &Self::Scope, now: Now) -> Decision;
}

/// What a permission is asked for.
pub trait Scope: Clone + Send + Sync + 'static {
    /// For the audit log.
    fn patient(&self) -> Option<PatientId>;
}

impl Scope for PatientId {
    fn patient(&self) -> Option<PatientId> {
        Some(*self)
    }
}

/// Things that belong to no chart.
impl Scope for () {
    fn patient(&self) -> Option<PatientId> {
        None
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Allow,
    /// Nobody is signed in.
    SignInNeeded,
    /// What you may not see does not exist (404).
    NotFound,
    /// What you may see but not do (403).
    NotAllowed,
    /// It was open to this person once.
    Ended(EndReason),
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident($scope:ty) = $decide:expr;)+) => {
        $(
            $(#[$doc])*
            pub struct $name;

            impl Permission for $name {
                type Scope = $scope;
                const NAME: &'static str = stringify!($name);

                fn decide(caller: &Caller, scope: &$scope, now: Now) -> Decision {
                    let decide: fn(&Caller, &$scope, Now) -> Decision = $decide;
                    decide(caller, scope, now)
                }
            }
        )+

        /// Every permission with its decision about one chart, for the golden matrix.
        pub fn matrix(caller: &Caller, patient: PatientId, now: Now) -> Vec<(&'static str, Decision)> {
            vec![$((<$name as Permission>::NAME, <$name as Permission>::decide(caller, &matrix_scope::<$scope>(patient), now))),+]
        }
    };
}

permissions! {
    /// Try a user name and a password.
    SignIn(()) = |_, _, _| Decision::Allow;
    /// See one's own home page and the people one acts for; sign out; choose a language.
    UseOwnAccount(()) = |caller, _, _| signed_in(caller);
    /// Look up patients by name, birth date or record number.
    FindPatients(()) = |caller, _, _| staff(caller, |role| matches!(role, StaffRole::FrontDesk | StaffRole::Support | StaffRole::Billing));
    /// See whose chart this is: the person bar.
    OpenChart(PatientId) = |caller, patient, now| chart(caller, *patient, now, |_| true);
    /// See name, birth date, address, contact and language.
    ViewPersonalInformation(PatientId) = |caller, patient, now| chart(caller, *patient, now, |_| true);
    /// See when, where and with whom visits are.
    ViewVisits(PatientId) = |caller, patient, now| chart(caller, *patient, now, Level::sees_schedule);
    /// Read After Visit Summaries.
    ViewSummaries(PatientId) = |caller, patient, now| chart(caller, *patient, now, Level::sees_clinical);
    /// Read visit notes.
    ViewNotes(PatientId) = |caller, patient, now| chart(caller, *patient, now, Level::sees_clinical);
}

fn signed_in(caller: &Caller) -> Decision {
    if caller.holder().is_some() { Decision::Allow } else { Decision::SignInNeeded }
}

fn staff(caller: &Caller, may: fn(StaffRole) -> bool) -> Decision {
    match caller.holder() {
        None => Decision::SignInNeeded,
        Some(holder) if holder.staff.is_some_and(may) => Decision::Allow,
        Some(_) => Decision::NotFound,
    }
}

/// The person's own chart is open to them; a proxy needs the level. A page that the level hides does not exist for them.
fn chart(caller: &Caller, patient: PatientId, now: Now, needs: fn(Level) -> bool) -> Decision {
    match caller.standing(patient, now) {
        Standing::Own => Decision::Allow,
        Standing::Proxy(level) if needs(level) => Decision::Allow,
        Standing::Proxy(_) | Standing::Stranger => Decision::NotFound,
        Standing::Ended(reason) => Decision::Ended(reason),
        Standing::Nobody => Decision::SignInNeeded,
    }
}

fn matrix_scope<S: MatrixScope>(patient: PatientId) -> S {
    S::about(patient)
}

trait MatrixScope {
    fn about(patient: PatientId) -> Self;
}

impl MatrixScope for PatientId {
    fn about(patient: PatientId) -> Self {
        patient
    }
}

impl MatrixScope for () {
    fn about(_: PatientId) {}
}
