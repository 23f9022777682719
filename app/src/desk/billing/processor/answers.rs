//! What the processor answers, read from its JSON.

use serde_json::Value;

use crate::desk::billing::model::MethodKind;

/// How a charge ended, or what it waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Paid {
        id: String,
    },
    /// `code` is the processor's word for why.
    Declined {
        id: Option<String>,
        code: String,
    },
    /// The bank asks the payer something more: on a page of its own, or with the script.
    NeedsAction {
        id: String,
        url: Option<String>,
        client_secret: Option<String>,
    },
    /// It is under way, such as a debit of a bank account.
    UnderWay {
        id: String,
    },
}

/// What can be charged: a card or a bank account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    pub token: String,
    pub customer: Option<String>,
    pub kind: MethodKind,
    pub brand: String,
    pub last4: String,
    /// As 2030-04.
    pub expires: Option<String>,
    /// The same of the same card or account, however often it is typed.
    pub fingerprint: Option<String>,
}

/// What was typed at the processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    pub method: Method,
    /// The customer for whom it was typed: of a card that is not kept, none.
    pub customer: Option<String>,
    /// It can be charged.
    pub ready: bool,
    /// The processor's page where two small deposits are confirmed, before it can be.
    pub verify_url: Option<String>,
}

/// Typing a card or a bank account, begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    pub id: String,
    pub client_secret: String,
}

/// How a refund stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Returned {
    Done(String),
    /// It is under way: to a bank account it takes days.
    UnderWay,
    /// It came to nothing, or was never asked for.
    Refused,
}

impl Returned {
    /// A Refund. What says nothing of its status went.
    pub(super) fn of(refund: &Value) -> Option<Self> {
        Some(match refund["status"].as_str() {
            Some("failed" | "canceled") => Returned::Refused,
            Some("pending" | "requires_action") => Returned::UnderWay,
            _ => Returned::Done(refund["id"].as_str()?.to_owned()),
        })
    }
}

/// A payment that the payer's bank took back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The charge.
    pub charge: String,
    pub cents: i64,
    /// The bank gave it up: the money stays.
    pub won: bool,
}

impl Dispute {
    /// A Dispute; `None` of one that is only asked about, and takes no money.
    pub(super) fn of(dispute: &Value) -> Option<Self> {
        let status = dispute["status"].as_str()?;
        if status.starts_with("warning_") {
            return None;
        }
        let charge = dispute["payment_intent"].as_str()?.to_owned();
        Some(Self { charge, cents: dispute["amount"].as_i64()?, won: status == "won" })
    }
}

/// A charge as the processor lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub id: String,
    /// What we named it by.
    pub attempt: Option<String>,
    pub cents: i64,
    /// Seconds of Unix.
    pub created: Option<i64>,
    pub outcome: Outcome,
}

impl Outcome {
    /// A PaymentIntent.
    pub(super) fn of(intent: &Value) -> Option<Self> {
        let id = intent["id"].as_str()?.to_owned();
        Some(match intent["status"].as_str()? {
            "succeeded" => Outcome::Paid { id },
            "processing" | "requires_capture" => Outcome::UnderWay { id },
            "requires_action" | "requires_source_action" => Outcome::NeedsAction {
                url: intent["next_action"]["redirect_to_url"]["url"].as_str().map(str::to_owned),
                client_secret: intent["client_secret"].as_str().map(str::to_owned),
                id,
            },
            // A method that was refused leaves the intent waiting for another one.
            _ => Outcome::Declined { code: decline_code(&intent["last_payment_error"]), id: Some(id) },
        })
    }

    /// The body of a refusal (HTTP 402).
    pub(super) fn refused(body: &Value) -> Self {
        let error = &body["error"];
        let id = error["payment_intent"]["id"].as_str().map(str::to_owned);
        Outcome::Declined { id, code: decline_code(error) }
    }
}

fn decline_code(error: &Value) -> String {
    let code = error["decline_code"].as_str().or(error["code"].as_str()).unwrap_or("card_declined");
    code.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '_').take(60).collect()
}

impl Method {
    /// A PaymentMethod.
    pub(super) fn of(method: &Value) -> Option<Self> {
        let token = method["id"].as_str()?.to_owned();
        let customer = method["customer"].as_str().map(str::to_owned);
        let digits = |text: &Value| text.as_str().map(|text| text.chars().filter(char::is_ascii_digit).take(4).collect::<String>());
        let word = |text: &Value| text.as_str().unwrap_or_default().chars().take(24).collect::<String>();
        if method["us_bank_account"].is_object() {
            let account = &method["us_bank_account"];
            return Some(Self {
                token,
                customer,
                kind: MethodKind::Bank,
                brand: word(&account["bank_name"]),
                last4: digits(&account["last4"])?,
                expires: None,
                fingerprint: account["fingerprint"].as_str().map(str::to_owned),
            });
        }
        let card = &method["card"];
        let fingerprint = card["fingerprint"].as_str().map(str::to_owned);
        let expires = card["exp_year"].as_i64().zip(card["exp_month"].as_i64()).map(|(year, month)| format!("{year:04}-{month:02}"));
        Some(Self {
            token,
            customer,
            kind: MethodKind::Card,
            brand: word(&card["brand"]),
            last4: digits(&card["last4"])?,
            expires,
            fingerprint,
        })
    }
}

/// Whether what was typed can be charged, and where it is verified before it can be; `None` when it was not taken.
pub(super) fn readiness(setup: &Value) -> Option<(bool, Option<String>)> {
    match setup["status"].as_str()? {
        "succeeded" => Some((true, None)),
        // The processor is still looking at it.
        "processing" => Some((false, None)),
        "requires_action" if setup["next_action"]["type"] == "verify_with_microdeposits" => {
            let url = setup["next_action"]["verify_with_microdeposits"]["hosted_verification_url"].as_str();
            // Nothing but a page.
            Some((false, url.filter(|url| url.starts_with("https://") || url.starts_with("http://")).map(str::to_owned)))
        }
        _ => None,
    }
}

impl Listed {
    pub(super) fn of(intent: &Value) -> Option<Self> {
        Some(Self {
            id: intent["id"].as_str()?.to_owned(),
            attempt: intent["metadata"]["attempt"].as_str().map(str::to_owned),
            cents: intent["amount"].as_i64()?,
            created: intent["created"].as_i64(),
            outcome: Outcome::of(intent)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn intents_are_read_as_what_they_mean_for_the_payer() {
        let read = |status: &str, more: Value| {
            let mut intent = json!({"id": "pi_1", "status": status, "client_secret": "s"});
            intent.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
            Outcome::of(&intent)
        };
        let id = || "pi_1".to_owned();
        assert_eq!(read("succeeded", json!({})), Some(Outcome::Paid { id: id() }));
        assert_eq!(read("processing", json!({})), Some(Outcome::UnderWay { id: id() }));
        let action = json!({"next_action": {"redirect_to_url": {"url": "https://bank.example/ask"}}});
        let expected = Outcome::NeedsAction { id: id(), url: Some("https://bank.example/ask".into()), client_secret: Some("s".into()) };
        assert_eq!(read("requires_action", action), Some(expected));
        let declined =
            read("requires_payment_method", json!({"last_payment_error": {"code": "card_declined", "decline_code": "expired_card"}}));
        assert_eq!(declined, Some(Outcome::Declined { id: Some(id()), code: "expired_card".into() }));
        assert_eq!(read("canceled", json!({})), Some(Outcome::Declined { id: Some(id()), code: "card_declined".into() }));
        assert_eq!(Outcome::of(&json!({"status": "succeeded"})), None);
    }

    #[test]
    fn a_card_is_known_again_and_never_its_number() {
        let method = json!({"id": "pm_1", "card": {"brand": "visa", "last4": "4242", "exp_month": 4, "exp_year": 2030}});
        let card = Method::of(&method).expect("a card");
        assert_eq!((card.last4.as_str(), card.expires.as_deref(), card.kind), ("4242", Some("2030-04"), MethodKind::Card));
        let number = json!({"id": "pm_1", "card": {"brand": "visa", "last4": "4242424242424242"}});
        assert_eq!(Method::of(&number).expect("a card").last4, "4242", "four digits, whatever comes");
    }

    #[test]
    fn a_bank_account_may_have_to_be_verified_first() {
        let method = json!({"id": "pm_1", "us_bank_account": {"bank_name": "STRIPE TEST BANK", "last4": "6789"}});
        let account = Method::of(&method).expect("an account");
        assert_eq!((account.kind, account.last4.as_str(), account.expires), (MethodKind::Bank, "6789", None));
        let waits = |url: &str| {
            let action = json!({"type": "verify_with_microdeposits", "verify_with_microdeposits": {"hosted_verification_url": url}});
            readiness(&json!({"status": "requires_action", "next_action": action}))
        };
        assert_eq!(
            waits("https://payments.stripe.com/microdeposit/1"),
            Some((false, Some("https://payments.stripe.com/microdeposit/1".into())))
        );
        assert_eq!(waits("javascript:alert(1)"), Some((false, None)), "nothing but a page");
        assert_eq!(readiness(&json!({"status": "succeeded"})), Some((true, None)));
        for status in ["requires_payment_method", "requires_confirmation", "canceled", "requires_action"] {
            assert_eq!(readiness(&json!({"status": status})), None, "{status}");
        }
    }

    #[test]
    fn refunds_and_what_banks_take_back_are_read_as_what_they_do_to_the_money() {
        let refund = |status: &str| Returned::of(&json!({"id": "re_1", "status": status}));
        assert_eq!(refund("succeeded"), Some(Returned::Done("re_1".into())));
        assert_eq!(
            (refund("pending"), refund("failed"), refund("canceled")),
            (Some(Returned::UnderWay), Some(Returned::Refused), Some(Returned::Refused))
        );
        assert_eq!(Returned::of(&json!({"id": "re_1"})), Some(Returned::Done("re_1".into())));
        let dispute = |status: &str| Dispute::of(&json!({"status": status, "payment_intent": "pi_1", "amount": 500}));
        assert_eq!(dispute("needs_response"), Some(Dispute { charge: "pi_1".into(), cents: 500, won: false }));
        assert_eq!(dispute("lost").map(|lost| lost.won), Some(false));
        assert_eq!(dispute("won").map(|won| won.won), Some(true));
        assert_eq!(dispute("warning_needs_response"), None, "only a question");
    }
}
