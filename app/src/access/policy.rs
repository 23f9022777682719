//! The whole policy on one page: one type per permission, one decision each.

use super::{
    caller::{AccessKind, Caller},
    proxy::Level,
};
use crate::{
    base::{clock::Now, end_reason::EndReason, ids::PatientId},
    people::relation::{Basis, StaffRole},
};

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
    /// Come with an activation code, ask for one, or begin an account as somebody who was invited.
    SignUp(()) = |_, _, _| Decision::Allow;
    /// Ask for a forgotten user name or password, and use the link that came by e-mail.
    Recover(()) = |_, _, _| Decision::Allow;
    /// Pass the second step of signing in, or use a passkey.
    PassSecondStep(()) = |_, _, _| Decision::Allow;
    /// Read an invitation whose link one holds.
    ReadInvitation(()) = |_, _, _| Decision::Allow;
    /// Ask for technical help; read the help pages.
    AskForHelp(()) = |_, _, _| Decision::Allow;
    /// See the outbox of the demo. Only the demo's server has anything to show.
    SeeDemo(()) = |_, _, _| Decision::Allow;
    /// Check a health card that somebody shows; the page for it is everybody's.
    VerifyCards(()) = |_, _, _| Decision::Allow;
    /// Read what somebody shared, with the code or the link that one was given. What it opens is decided by whoever shared it.
    ReadShared(()) = |_, _, _| Decision::Allow;
    /// See one's own home page and the people one acts for; sign out; choose a language.
    UseOwnAccount(()) = |caller, _, _| signed_in(caller);
    /// Change what belongs to one's own account: password, second step, e-mail, devices; ask for access to a child's chart.
    ManageOwnAccount(()) = |caller, _, _| signed_in(caller);
    /// Gather for the home page what comes next in a chart: one line in its access log, whatever the page shows of it.
    GatherHome(PatientId) = |caller, patient, now| chart(caller, *patient, now, |_| true);
    /// Look up patients by name, birth date or record number.
    FindPatients(()) = |caller, _, _| staff(caller, StaffRole::finds_patients);
    /// See whose chart this is: the person bar.
    OpenChart(PatientId) = |caller, patient, now| chart(caller, *patient, now, |_| true);
    /// See name, birth date, address, contact and language.
    ViewPersonalInformation(PatientId) = |caller, patient, now| chart(caller, *patient, now, |_| true);
    /// See when, where and with whom visits are.
    ViewVisits(PatientId) = |caller, patient, now| chart(caller, *patient, now, Level::sees_schedule);
    /// Book, ask for, move, cancel and confirm visits, as the patient or for them; wait for an earlier time.
    BookVisits(PatientId) = |caller, patient, now| change(caller, *patient, now, Level::sees_schedule);
    /// Check in for a visit and say that one is there, as the patient or for them; each step asks for what it changes besides.
    CheckIn(PatientId) = |caller, patient, now| change(caller, *patient, now, Level::sees_schedule);
    /// Join a visit by video as the patient or for them, invite a guest to it, ask to be called instead: whoever may know what is said there.
    JoinVideo(PatientId) = |caller, patient, now| change(caller, *patient, now, Level::sees_clinical);
    /// Join the visits by video of one's departments, begin and end them.
    HoldVideo(PatientId) = |caller, _, _| staff(caller, StaffRole::answers_messages);
    /// Speak in a visit by video. Whose place it is, and whether they may keep it, is decided by the ticket and by the permission with which
    /// it was given.
    UseVideoRoom(()) = |_, _, _| Decision::Allow;
    /// Ask with a browser's own cookie whether what it keeps is still open to whoever keeps it. What it opens is decided by the account.
    UsePhone(()) = |_, _, _| Decision::Allow;
    /// Confirm or cancel one visit by the link of a letter about it.
    UseVisitLink(()) = |_, _, _| Decision::Allow;
    /// Read After Visit Summaries.
    ViewSummaries(PatientId) = |caller, patient, now| chart(caller, *patient, now, Level::sees_clinical);
    /// Read visit notes.
    ViewNotes(PatientId) = |caller, patient, now| chart(caller, *patient, now, Level::sees_clinical);
    /// Read messages.
    ReadMessages(PatientId) = |caller, patient, now| chart(caller, *patient, now, Level::reads_messages);
    /// Write messages, as the patient or for them.
    WriteMessages(PatientId) = |caller, patient, now| change(caller, *patient, now, Level::reads_messages);
    /// Read the health summary: conditions, allergies, medications, immunizations and the like.
    ViewHealthSummary(PatientId) = |caller, patient, now| chart(caller, *patient, now, Level::sees_clinical);
    /// Ask for more of a medicine, take that back, say that something is taken differently.
    RequestMedicine(PatientId) = |caller, patient, now| change(caller, *patient, now, Level::sees_clinical);
    /// Read questionnaires: those that are asked, and what was answered.
    ViewQuestionnaires(PatientId) = |caller, patient, now| chart(caller, *patient, now, Level::sees_clinical);
    /// Answer them, as the patient or for them.
    AnswerQuestionnaires(PatientId) = |caller, patient, now| change(caller, *patient, now, Level::sees_clinical);
    /// Sign documents or refuse to: the person, or a parent for a young child; nobody for another adult.
    SignConsents(PatientId) = |caller, patient, now| change(caller, *patient, now, |level| level == Level::Full);
    /// Read what was signed.
    ViewConsents(PatientId) = |caller, patient, now| chart(caller, *patient, now, Level::sees_clinical);
    /// Read test results and vital signs.
    ViewResults(PatientId) = |caller, patient, now| chart(caller, *patient, now, Level::sees_clinical);
    /// Share parts of the record with somebody outside, by a code or a link, and see what became of it. Never of a teen's chart,
    /// since nobody but the teen sees anything of it.
    /// An adult whom the patient let in shares only with the patient's consent: they promised to tell nobody.
    ShareRecord(PatientId) = |caller, patient, now| match chart(caller, *patient, now, Level::sees_clinical) {
        Decision::Allow if caller.proxy(*patient, now).is_some_and(|facts| facts.basis == Basis::AdultAdult && !facts.may_share) => {
            Decision::NotFound
        }
        decided => decided,
    };
    /// End what is shared: also by whoever may not share any more.
    EndShares(PatientId) = |caller, patient, now| chart(caller, *patient, now, Level::sees_clinical);
    /// Look at what is shared and at the files that were made, without making any.
    ViewShares(PatientId) = |caller, patient, now| chart(caller, *patient, now, Level::sees_clinical);
    /// Take the record along as a file.
    TakeAlong(PatientId) = |caller, patient, now| chart(caller, *patient, now, Level::sees_clinical);
    /// Choose when results are shown: the person, or a parent for a young child; nobody for another adult.
    ChooseResultTiming(PatientId) = |caller, patient, now| change(caller, *patient, now, |level| level == Level::Full);
    /// Make, show and take back health cards of vaccinations and results. Whoever accompanies the patient shows them at the door: that
    /// needs no consent to share.
    UseHealthCards(PatientId) = |caller, patient, now| chart(caller, *patient, now, Level::sees_clinical);
    /// Ask for a correction of what the record says.
    AskCorrection(PatientId) = |caller, patient, now| chart(caller, *patient, now, Level::sees_clinical);
    /// Ask staff to change an address or a phone number.
    ChangePersonalInformation(PatientId) = |caller, patient, now| change(caller, *patient, now, Level::edits);
    /// See who has access to one's own chart, invite somebody, change or end their access. A proxy never invites a proxy.
    ManageAccess(PatientId) = |caller, patient, now| change(caller, *patient, now, |_| false);
    /// Give back the access one has to somebody else's chart.
    GiveUpAccess(PatientId) = |caller, patient, now| match caller.access_kind(*patient, now) {
        AccessKind::Own => Decision::NotAllowed,
        _ => chart(caller, *patient, now, |_| true),
    };
    /// See who opened the chart. A proxy sees their own rows only.
    ViewAccessLog(PatientId) = |caller, patient, now| chart(caller, *patient, now, |_| true);
    /// See whether a patient has an account and who has access, as staff.
    ViewPatientAccount(PatientId) = |caller, _, _| staff(caller, |role| matches!(role, StaffRole::FrontDesk | StaffRole::Support));
    /// Hand out an activation code, or create the account at the desk.
    CreateAccounts(PatientId) = |caller, _, _| staff(caller, |role| role == StaffRole::FrontDesk);
    /// Record access from paper, end it with a reason, record emancipation.
    RecordAccess(PatientId) = |caller, _, _| staff(caller, |role| role == StaffRole::FrontDesk);
    /// Join two records of one person, and take them apart again.
    JoinRecords(PatientId) = |caller, _, _| staff(caller, |role| role == StaffRole::FrontDesk);
    /// See what patients wrote to one's departments.
    SeeInbox(()) = |caller, _, _| staff(caller, StaffRole::answers_messages);
    /// Open what this patient's side wrote to one's departments.
    OpenThread(PatientId) = |caller, _, _| staff(caller, StaffRole::answers_messages);
    /// Answer it, hand it over, close it, mark it.
    AnswerMessages(PatientId) = |caller, _, _| staff(caller, StaffRole::answers_messages);
    /// Begin a conversation with this patient's side. The front desk may with everybody, others with whom their departments know.
    StartThread(PatientId) = |caller, _, _| staff(caller, |role| role.answers_messages() || role == StaffRole::FrontDesk);
    /// Look for a patient to write to; see and change how one's departments answer.
    ManageOffice(()) = |caller, _, _| staff(caller, StaffRole::answers_messages);
    /// Accept or decline a visit by message, which costs something: the person, or a parent for a young child.
    DecideEVisit(PatientId) = |caller, patient, now| change(caller, *patient, now, |level| level == Level::Full);
    /// See who asks one's departments for medicine.
    SeeMedicineRequests(()) = |caller, _, _| staff(caller, StaffRole::answers_messages);
    /// Open what this patient's side asks for, with what is needed to decide.
    OpenMedicineRequest(PatientId) = |caller, _, _| staff(caller, StaffRole::answers_messages);
    /// Decide about it, and note how far it has come.
    DecideMedicineRequest(PatientId) = |caller, _, _| staff(caller, StaffRole::answers_messages);
    /// See which answers to questionnaires one's departments must hear of at once.
    SeeAnswers(()) = |caller, _, _| staff(caller, StaffRole::answers_messages);
    /// Read this patient's answers, ask for a questionnaire.
    OpenAnswers(PatientId) = |caller, _, _| staff(caller, StaffRole::answers_messages);
    /// See the calendars of one's departments, who asks for visits and who waits.
    SeeSchedules(()) = |caller, _, _| staff(caller, StaffRole::schedules);
    /// Change hours, blocked time and kinds of visits.
    ManageCalendars(()) = |caller, _, _| staff(caller, StaffRole::schedules);
    /// Open a visit of this patient, or a request for one.
    OpenVisit(PatientId) = |caller, _, _| staff(caller, StaffRole::schedules);
    /// Book, offer, cancel and put first for this patient.
    ArrangeVisits(PatientId) = |caller, _, _| staff(caller, StaffRole::schedules);
    /// See what one pays for: the bills of which the caller is the person responsible, whoever was seen.
    UseBilling(()) = |caller, _, _| signed_in(caller);
    /// See the bills for which this person is responsible, and what their plan paid.
    ViewBills(PatientId) = |caller, patient, now| chart(caller, *patient, now, Level::sees_bills);
    /// Pay them, begin and change plans, tell about insurance, ask about a bill.
    PayBills(PatientId) = |caller, patient, now| change(caller, *patient, now, Level::sees_bills);
    /// See the insurances of this patient.
    ViewInsurance(PatientId) = |caller, patient, now| chart(caller, *patient, now, Level::sees_bills);
    /// Tell about a new insurance of this patient, a change, or its end.
    TellInsurance(PatientId) = |caller, patient, now| change(caller, *patient, now, Level::sees_bills);
    /// Pay without an account, with what stands on a letter. What it opens shows amounts and the house alone.
    PayAsGuest(()) = |_, _, _| Decision::Allow;
    /// Find guarantors; see and keep their ledgers, plans and letters; reconcile a day.
    KeepLedgers(()) = |caller, _, _| staff(caller, StaffRole::keeps_ledgers);
    /// Open the bills of this patient, as staff.
    OpenLedger(PatientId) = |caller, _, _| staff(caller, StaffRole::keeps_ledgers);
    /// See the queues of one's role.
    SeeQueues(()) = |caller, _, _| staff(caller, StaffRole::has_queue);
    /// Read what somebody asked of one's role, about this patient or as this patient.
    OpenRequest(PatientId) = |caller, _, _| staff(caller, StaffRole::has_queue);
    /// Open a file that came with such a request.
    OpenAttachment(PatientId) = |caller, _, _| staff(caller, StaffRole::has_queue);
    /// Decide about sign-ups without a match, access to children, papers and changes of address.
    DecideRequests(()) = |caller, _, _| staff(caller, |role| role == StaffRole::FrontDesk);
    /// Accept what somebody asked about this patient.
    AcceptRequest(PatientId) = |caller, _, _| staff(caller, |role| role == StaffRole::FrontDesk);
    /// Take a request for this patient although details differ from what was asked.
    ConfirmDifferences(PatientId) = |caller, _, _| staff(caller, |role| role == StaffRole::FrontDesk);
    /// Look into requests for a correction of the record, and decide about them.
    DecideCorrections(()) = |caller, _, _| staff(caller, |role| role == StaffRole::Records);
    /// Answer in words what was asked of one's role: help and reports of strange access, questions about bills.
    AnswerHelp(()) = |caller, _, _| staff(caller, |role| matches!(role, StaffRole::Support | StaffRole::Billing));
}

fn signed_in(caller: &Caller) -> Decision {
    if caller.holder().is_some() { Decision::Allow } else { Decision::SignInNeeded }
}

/// Staff come with a second step, always: one password too few would open everybody's data.
fn staff(caller: &Caller, may: fn(StaffRole) -> bool) -> Decision {
    match caller.holder() {
        None => Decision::SignInNeeded,
        Some(holder) if holder.staff.is_some_and(may) && holder.second_step_passed => Decision::Allow,
        Some(holder) if holder.staff.is_some_and(may) => Decision::NotAllowed,
        Some(_) => Decision::NotFound,
    }
}

/// The person's own chart is open to them; a proxy needs the level. A page that the level hides does not exist for them.
fn chart(caller: &Caller, patient: PatientId, now: Now, needs: fn(Level) -> bool) -> Decision {
    match caller.access_kind(patient, now) {
        AccessKind::Own => Decision::Allow,
        AccessKind::Proxy(level) if needs(level) => Decision::Allow,
        AccessKind::Proxy(_) | AccessKind::Stranger => Decision::NotFound,
        AccessKind::Ended(reason) => Decision::Ended(reason),
        AccessKind::Nobody => Decision::SignInNeeded,
    }
}

/// Changing needs more than seeing: who may only see is told so (403).
fn change(caller: &Caller, patient: PatientId, now: Now, needs: fn(Level) -> bool) -> Decision {
    match caller.access_kind(patient, now) {
        AccessKind::Proxy(level) if !needs(level) => Decision::NotAllowed,
        _ => chart(caller, patient, now, needs),
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
