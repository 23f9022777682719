//! What the desk hands out on paper to whoever has not checked in online.

use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::{
    access::{
        allow,
        policy::{OpenVisit, SeeSchedules},
    },
    base::{boot::Boot, error::Error, i18n::Texts},
    desk::{
        billing::reading::coverages,
        check_in::{model::Step, staff},
        scheduling::staff_visits,
    },
    people::patient,
    platform::request::context,
    record::care_team::entity::department,
    view::document::{Paper, Part},
};

/// So many empty lines are there for what somebody takes, or is allergic to.
const LINES: usize = 6;

/// The steps of a check-in to be filled in by hand: with what the desk knows, and empty lines. Of medicines and allergies nothing is
/// printed: the desk does not read them.
///
/// # Errors
/// `NotFound` for a visit of other departments.
pub async fn packet(id: Uuid) -> Result<Paper, Error> {
    let patient = staff_visits::patient_of_visit(&allow::<SeeSchedules>(()).await?, id).await?;
    let grant = allow::<OpenVisit>(patient).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let found = staff::of_visit(&grant, id).await?;
    let person = patient::current(grant.db(), found.visit.patient_id).await?.ok_or(Error::NotFound)?;
    let place = match found.visit.department_id {
        Some(id) => department::Entity::find_by_id(id).one(grant.db()).await?,
        None => None,
    };
    let insurances = coverages(grant.db(), person.id).await?;
    let mut parts = vec![Part::facts([
        (t.check_in_birth_date(), Some(t.when_as_said(&person.born()))),
        (t.appointments_when(), found.visit.starts_at.map(|at| t.date_and_time(at, &zone))),
        (t.appointments_where(), place.map(|place| place.name)),
    ])];
    parts.push(Part::text(t.check_in_paper_says()));
    for of in &found.steps {
        match of.step {
            Step::Personal => {
                parts.push(Part::Heading(t.check_in_step_personal().to_owned()));
                parts.push(Part::facts([
                    (t.personal_address(), Some(person.address().join(", ")).filter(|lines| !lines.is_empty())),
                    (t.personal_phone_mobile(), person.phone_mobile.clone()),
                    (t.personal_phone_home(), person.phone_home.clone()),
                ]));
                parts.push(empty(t, t.check_in_paper_different(), 2));
            }
            Step::Insurance => {
                parts.push(Part::Heading(t.check_in_step_insurance().to_owned()));
                for row in insurances.iter().filter(|row| row.active) {
                    parts.push(Part::facts([
                        (t.billing_insurer(), Some(row.insurer.clone())),
                        (t.billing_member_id(), row.member_id.clone()),
                    ]));
                }
                parts.push(empty(t, t.check_in_paper_different(), 2));
            }
            Step::Medications => {
                parts.push(Part::Heading(t.check_in_step_medications().to_owned()));
                parts.push(empty(t, t.check_in_paper_medicines(), LINES));
            }
            Step::Allergies => {
                parts.push(Part::Heading(t.check_in_step_allergies().to_owned()));
                parts.push(empty(t, t.check_in_paper_allergies(), LINES));
            }
            Step::Forms => {
                parts.push(Part::Heading(t.check_in_step_forms().to_owned()));
                // Which ones may say more than the desk reads.
                parts.push(Part::text(t.check_in_paper_forms()));
            }
            Step::Consents => {
                for asked in found.documents() {
                    parts.push(Part::Heading(asked.document.title(t).to_owned()));
                    parts.push(Part::text(asked.document.text(t)));
                    parts.push(Part::small(t.consents_version(&asked.document.version.to_string())));
                    parts.push(empty(t, t.check_in_paper_signature(), 1));
                }
            }
            // It is paid at the desk, or not.
            Step::Payment => {}
            Step::Plan => {
                parts.push(Part::Heading(t.check_in_step_plan().to_owned()));
                parts.push(empty(t, t.check_in_phone(), 1));
                parts.push(empty(t, t.appointments_needs(), 2));
            }
        }
    }
    Ok(Paper {
        texts: t,
        file: "check-in".to_owned(),
        name: format!("{} {}", person.given_name, person.family_name),
        lines: vec![context::<Boot>()?.brand.organisation.to_string()],
        title: t.check_in_paper_title().to_owned(),
        parts,
    })
}

/// Lines to write on.
fn empty(t: Texts, caption: &str, count: usize) -> Part {
    let rows = (1..=count).map(|number| vec![number.to_string(), "_".repeat(60)]).collect();
    Part::Table { caption: caption.to_owned(), head: vec![t.check_in_paper_line().to_owned(), caption.to_owned()], rows }
}
