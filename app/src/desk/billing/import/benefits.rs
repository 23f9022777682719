//! Claim and ExplanationOfBenefit, as of CARIN Blue Button and of others → what a plan says of what was done.

use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde_json::Value;
use uuid::Uuid;

use super::{
    amounts::money,
    known::{Billed, bills_of, is_off, visit_of_encounter},
};
use crate::{
    desk::billing::{
        entity::{benefit, benefit_line, claim_sent},
        model::CURRENCY,
    },
    record::{
        fhir,
        import::{Context, Incoming, insert_all, of_type},
        visit::entity::visit,
    },
};

/// # Errors
/// When the database fails.
pub async fn claims(context: &mut Context<'_>, rows: &[Incoming<'_>], billed: &mut Billed) -> Result<(), DbErr> {
    for row in of_type(rows, "Claim") {
        let Some(patient) = row.patient.filter(|_| !row.cannot_be_told && row.value["use"] == "claim") else { continue };
        let visit = visit(context, row, patient).await?.map(|visit| visit.id);
        let number = account_number(row.value);
        let claim = claim_sent::ActiveModel {
            id: Set(row.id),
            patient_id: Set(patient),
            visit_id: Set(visit),
            number: Set(number.clone()),
            cancelled: Set(is_off(row.value)),
        };
        let known = OnConflict::column(claim_sent::Column::Id)
            .update_columns([
                claim_sent::Column::PatientId,
                claim_sent::Column::VisitId,
                claim_sent::Column::Number,
                claim_sent::Column::Cancelled,
            ])
            .to_owned();
        claim_sent::Entity::insert(claim).on_conflict(known).exec_without_returning(context.tx).await?;
        let bills = bills_of(context, patient, visit, number.as_deref()).await?;
        if !bills.is_empty() {
            // What no bill is for stays among the other records.
            billed.shown.insert(row.id);
        }
        billed.touched.extend(bills);
    }
    Ok(())
}

/// # Errors
/// When the database fails.
pub async fn all(context: &mut Context<'_>, rows: &[Incoming<'_>], billed: &mut Billed) -> Result<(), DbErr> {
    for row in of_type(rows, "ExplanationOfBenefit") {
        let Some(patient) = row.patient.filter(|_| !row.cannot_be_told && row.value["use"] != "predetermination") else { continue };
        let visit = visit(context, row, patient).await?;
        let told = Told::of(row.value);
        if told.is_empty() {
            continue;
        }
        let number = account_number(row.value);
        keep(context, row, patient, visit.as_ref(), number.clone(), &told).await?;
        billed.shown.insert(row.id);
        billed.touched.extend(bills_of(context, patient, visit.map(|visit| visit.id), number.as_deref()).await?);
    }
    Ok(())
}

async fn visit(context: &mut Context<'_>, row: Incoming<'_>, patient: Uuid) -> Result<Option<visit::Model>, DbErr> {
    let references: Vec<Value> = fhir::items(&row.value["item"]).flat_map(|item| fhir::items(&item["encounter"])).cloned().collect();
    for reference in references {
        if let Some(found) = visit_of_encounter(context, row.id, &reference, Some(patient)).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The number of the account or bill that it is for: CARIN's `patientaccountnumber`, or that of X12's segment CLM01.
fn account_number(value: &Value) -> Option<String> {
    let told = fhir::items(&value["supportingInfo"]).find(|info| fhir::has_code(&info["category"], &["patientaccountnumber"]));
    told.and_then(|info| info["valueString"].as_str()).map(|number| number.chars().take(60).collect())
}

/// What is said of the sums of a claim, or of one line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    charged: Option<i64>,
    allowed: Option<i64>,
    paid: Option<i64>,
    owed: Option<i64>,
    deductible: Option<i64>,
    coinsurance: Option<i64>,
    copay: Option<i64>,
    noncovered: Option<i64>,
}

impl Sums {
    /// Reads adjudications by the codes of FHIR, of CARIN and of the Blue Button of Medicare, which Synthea writes too.
    fn of(list: &Value, currency: &str) -> Self {
        let mut sums = Sums::default();
        for found in fhir::items(list) {
            let Some(cents) = money(&found["amount"], currency) else { continue };
            for coding in fhir::codings(&found["category"]) {
                let code = coding["code"].as_str().unwrap_or_default();
                let place = match code.rsplit('/').next().unwrap_or_default() {
                    "submitted" | "line_sbmtd_chrg_amt" => &mut sums.charged,
                    "eligible" | "allowed" | "line_alowd_chrg_amt" => &mut sums.allowed,
                    "benefit" | "paidtoprovider" | "line_prvdr_pmt_amt" => &mut sums.paid,
                    "memberliability" | "patientresponsibility" => &mut sums.owed,
                    "deductible" | "line_bene_ptb_ddctbl_amt" => &mut sums.deductible,
                    "coinsurance" | "line_coinsrnc_amt" => &mut sums.coinsurance,
                    "copay" | "co-pay" => &mut sums.copay,
                    "noncovered" => &mut sums.noncovered,
                    _ => continue,
                };
                *place = Some(place.unwrap_or(0) + cents);
                break;
            }
        }
        sums
    }

    fn own_share(&self) -> Option<i64> {
        let parts = [self.deductible, self.coinsurance, self.copay, self.noncovered];
        self.owed.or_else(|| parts.iter().any(Option::is_some).then(|| parts.iter().flatten().sum()))
    }

    fn plus(self, other: Sums) -> Sums {
        let add = |one: Option<i64>, two: Option<i64>| {
            if one.is_none() && two.is_none() { None } else { Some(one.unwrap_or(0) + two.unwrap_or(0)) }
        };
        Sums {
            charged: add(self.charged, other.charged),
            allowed: add(self.allowed, other.allowed),
            paid: add(self.paid, other.paid),
            owed: add(self.owed, other.owed),
            deductible: add(self.deductible, other.deductible),
            coinsurance: add(self.coinsurance, other.coinsurance),
            copay: add(self.copay, other.copay),
            noncovered: add(self.noncovered, other.noncovered),
        }
    }

    /// What the whole says, and where it says nothing, what its lines add up to.
    fn or(self, other: Sums) -> Sums {
        Sums {
            charged: self.charged.or(other.charged),
            allowed: self.allowed.or(other.allowed),
            paid: self.paid.or(other.paid),
            owed: self.owed.or(other.owed),
            deductible: self.deductible.or(other.deductible),
            coinsurance: self.coinsurance.or(other.coinsurance),
            copay: self.copay.or(other.copay),
            noncovered: self.noncovered.or(other.noncovered),
        }
    }
}

struct Told {
    currency: String,
    whole: Sums,
    lines: Vec<(Option<String>, String, Sums)>,
    codes: Vec<String>,
    adds_up: bool,
}

impl Told {
    fn of(value: &Value) -> Self {
        let currency = value["payment"]["amount"]["currency"].as_str().or(value["total"][0]["amount"]["currency"].as_str());
        let currency = currency.unwrap_or(CURRENCY).to_owned();
        let mut codes = Vec::new();
        let mut lines = Vec::new();
        gather_codes(&value["adjudication"], &mut codes);
        for item in fhir::items(&value["item"]) {
            gather_codes(&item["adjudication"], &mut codes);
            let mut sums = Sums::of(&item["adjudication"], &currency);
            sums.charged = sums.charged.or(money(&item["net"], &currency));
            let code = fhir::codings(&item["productOrService"]).find_map(|coding| coding["code"].as_str()).map(str::to_owned);
            lines.push((code, fhir::concept(&item["productOrService"]).unwrap_or_default(), sums));
        }
        let of_lines = lines.iter().fold(Sums::default(), |sum, (_, _, line)| sum.plus(*line));
        let mut whole = Sums::of(&value["total"], &currency).or(Sums::of(&value["adjudication"], &currency)).or(of_lines);
        whole.paid = whole.paid.or(money(&value["payment"]["amount"], &currency));
        let share = whole.own_share();
        // What is allowed is what the plan pays and what is left to the patient; a plan that says less is believed in what it says.
        let adds_up = match (whole.allowed, whole.paid, share) {
            (Some(allowed), Some(paid), Some(share)) => (allowed - paid - share).abs() <= lines.len() as i64 + 1 && paid >= 0 && share >= 0,
            (None, Some(paid), Some(share)) => paid >= 0 && share >= 0 && whole.charged.is_none_or(|charged| paid + share <= charged),
            _ => false,
        };
        codes.sort();
        codes.dedup();
        Self { currency, whole, lines, codes, adds_up }
    }

    fn is_empty(&self) -> bool {
        self.whole == Sums::default()
    }
}

/// Adjustment and remark codes: those of X12 (CARC, with its group) and RARC.
fn gather_codes(list: &Value, codes: &mut Vec<String>) {
    for found in fhir::items(list) {
        for coding in fhir::codings(&found["reason"]) {
            let system = coding["system"].as_str().unwrap_or_default();
            let of_x12 = system.contains("claim-adjustment-reason-codes") || system.contains("remittance-advice-remark-codes");
            codes.extend(coding["code"].as_str().filter(|code| of_x12 && code.len() <= 8 && !code.contains(' ')).map(str::to_owned));
        }
    }
}

async fn keep(
    context: &mut Context<'_>,
    row: Incoming<'_>,
    patient: Uuid,
    visit: Option<&visit::Model>,
    number: Option<String>,
    told: &Told,
) -> Result<(), DbErr> {
    let insurer = &row.value["insurer"];
    let named = insurer["display"].as_str().map(str::to_owned);
    let named = match (named, context.links.resolve(row.id, insurer)) {
        (Some(name), _) => Some(name),
        (None, Some(id)) => context.value(id).await?.and_then(|body| body["name"].as_str().map(str::to_owned)),
        (None, None) => None,
    };
    let whole = told.whole;
    let sensitive = fhir::labels::of(row.value).sensitive || visit.is_some_and(|visit| visit.sensitive);
    let model = benefit::Model {
        id: row.id,
        patient_id: patient,
        visit_id: visit.map(|visit| visit.id),
        number,
        insurer: named.map(|name| name.chars().take(200).collect()),
        created_on: fhir::date(&row.value["created"]),
        currency: told.currency.chars().take(3).collect(),
        charged_cents: whole.charged,
        allowed_cents: whole.allowed,
        paid_cents: whole.paid,
        owed_cents: whole.own_share(),
        deductible_cents: whole.deductible.unwrap_or(0),
        coinsurance_cents: whole.coinsurance.unwrap_or(0),
        copay_cents: whole.copay.unwrap_or(0),
        noncovered_cents: whole.noncovered.unwrap_or(0),
        codes: told.codes.join(" ").chars().take(400).collect(),
        adds_up: told.adds_up,
        sensitive,
        cancelled: is_off(row.value),
    };
    use sea_orm::Iterable;
    let columns = benefit::Column::iter().filter(|column| !matches!(column, benefit::Column::Id));
    let known = OnConflict::column(benefit::Column::Id).update_columns(columns).to_owned();
    benefit::Entity::insert(benefit::ActiveModel::from(model)).on_conflict(known).exec_without_returning(context.tx).await?;
    benefit_line::Entity::delete_many().filter(benefit_line::Column::BenefitId.eq(row.id)).exec(context.tx).await?;
    let line = |position: i32, (code, title, sums): &(Option<String>, String, Sums)| benefit_line::ActiveModel {
        benefit_id: Set(row.id),
        position: Set(position),
        code: Set(code.as_ref().map(|code| code.chars().take(60).collect())),
        title: Set(title.chars().take(300).collect()),
        charged_cents: Set(sums.charged),
        allowed_cents: Set(sums.allowed),
        paid_cents: Set(sums.paid),
        owed_cents: Set(sums.own_share()),
    };
    let lines: Vec<benefit_line::ActiveModel> = (0..).zip(&told.lines).map(|(position, found)| line(position, found)).collect();
    let never = OnConflict::columns([benefit_line::Column::BenefitId, benefit_line::Column::Position]).do_nothing().to_owned();
    insert_all!(context.tx, benefit_line::Entity, lines, never.clone());
    Ok(())
}
