//! The questions to the processor. What could not be asked, or not be heard, is `Unknown`: never a failure.

use serde_json::Value;
use uuid::Uuid;

use super::{
    Charge, Processor, Unknown,
    answers::{Dispute, Listed, Method, Outcome, Returned, Setup, Typed, readiness},
};
use crate::desk::billing::model::MethodKind;

/// The version of the API that the answers are read in.
const VERSION: &str = "2024-06-20";
/// Nothing that the processor answers is longer.
const MOST: usize = 4 * 1024 * 1024;
/// So many charges are listed at once, and so many pages of them.
const PAGE: usize = 100;
const MOST_PAGES: usize = 50;

/// An answer: its status and its JSON.
type Answered = Result<(u16, Value), Unknown>;

impl Processor {
    async fn ask(&self, method: reqwest::Method, path: &str, fields: &[(&str, String)], key: Option<String>) -> Answered {
        let inner = self.0.as_deref().ok_or(Unknown)?;
        let settings = &inner.settings;
        let url = format!("{}{path}", settings.api);
        let request = if method == reqwest::Method::GET {
            let query: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            inner.http.get(format!("{url}?{query}"))
        } else {
            inner.http.request(method, url).form(fields)
        };
        let mut request = request.bearer_auth(&settings.secret_key).header("Stripe-Version", VERSION);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        // Its words may name people: only that it failed is logged.
        let response = request.send().await.map_err(|error| {
            tracing::warn!(timeout = error.is_timeout(), connect = error.is_connect(), "the payment processor does not answer");
            Unknown
        })?;
        let status = response.status().as_u16();
        if response.content_length().is_some_and(|length| length > MOST as u64) {
            return Err(Unknown);
        }
        let body = response.bytes().await.map_err(|_| Unknown)?;
        let value = serde_json::from_slice(&body).unwrap_or_default();
        if status >= 400 && status != 402 && status != 404 {
            tracing::warn!(status, path, "the payment processor refuses a question");
        }
        Ok((status, value))
    }

    /// Charges a card, or begins to debit a bank account. Asked with a key: the same question twice is one charge at a processor that knows keys.
    ///
    /// # Errors
    /// `Unknown` when it cannot be told whether it was charged.
    pub async fn charge(&self, charge: &Charge) -> Result<Outcome, Unknown> {
        let mut fields = vec![
            ("amount", charge.cents.to_string()),
            ("currency", "usd".to_owned()),
            ("payment_method", charge.method.clone()),
            ("payment_method_types[]", type_of(charge.kind).to_owned()),
            ("metadata[attempt]", charge.attempt.to_string()),
            ("confirm", "true".to_owned()),
        ];
        fields.extend(charge.customer.clone().map(|customer| ("customer", customer)));
        if charge.off_session {
            fields.push(("off_session", "true".to_owned()));
        }
        match self.ask(reqwest::Method::POST, "/v1/payment_intents", &fields, Some(charge.attempt.to_string())).await? {
            (200..=299, intent) => Outcome::of(&intent).ok_or(Unknown),
            // A bank's no, a method that is gone, a card that it does not take: nothing was charged.
            (status, body) if is_refusal(status, &body) => Ok(Outcome::refused(&body)),
            _ => Err(Unknown),
        }
    }

    /// How a charge stands.
    ///
    /// # Errors
    /// `Unknown` when it cannot be asked.
    pub async fn look(&self, id: &str) -> Result<Option<Listed>, Unknown> {
        match self.ask(reqwest::Method::GET, &format!("/v1/payment_intents/{}", safe(id)), &[], None).await? {
            (200..=299, intent) => Listed::of(&intent).map(Some).ok_or(Unknown),
            (404, _) => Ok(None),
            _ => Err(Unknown),
        }
    }

    /// The charge of a try, by what we named it; `None` when there is none.
    ///
    /// # Errors
    /// `Unknown` when it cannot be asked.
    pub async fn find(&self, attempt: Uuid, since: i64) -> Result<Option<Listed>, Unknown> {
        let name = attempt.to_string();
        Ok(self.list(since).await?.into_iter().find(|listed| listed.attempt.as_deref() == Some(&name)))
    }

    /// The charges since an instant (seconds of Unix), the newest first.
    ///
    /// # Errors
    /// `Unknown` when it cannot be asked.
    pub async fn list(&self, since: i64) -> Result<Vec<Listed>, Unknown> {
        let (mut all, mut after): (Vec<Listed>, Option<String>) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let mut fields = vec![("limit", PAGE.to_string()), ("created[gte]", since.to_string())];
            fields.extend(after.take().map(|id| ("starting_after", id)));
            let (status, body) = self.ask(reqwest::Method::GET, "/v1/payment_intents", &fields, None).await?;
            if !(200..=299).contains(&status) {
                return Err(Unknown);
            }
            let found: Vec<Listed> = body["data"].as_array().into_iter().flatten().filter_map(Listed::of).collect();
            after = found.last().map(|listed| listed.id.clone());
            all.extend(found);
            if body["has_more"] != true || after.is_none() {
                return Ok(all);
            }
        }
        Err(Unknown)
    }

    /// Calls off a charge that waits for the payer. Returns whether it was called off.
    ///
    /// # Errors
    /// `Unknown` when it cannot be asked.
    pub async fn cancel(&self, id: &str) -> Result<bool, Unknown> {
        let (status, body) = self.ask(reqwest::Method::POST, &format!("/v1/payment_intents/{}/cancel", safe(id)), &[], None).await?;
        match status {
            200..=299 => Ok(body["status"] == "canceled"),
            400..=499 => Ok(false),
            _ => Err(Unknown),
        }
    }

    /// Sends money back.
    ///
    /// # Errors
    /// `Unknown` when it cannot be told whether it went.
    pub async fn refund(&self, refund: Uuid, charge: &str, cents: i64) -> Result<Returned, Unknown> {
        let fields = [("payment_intent", charge.to_owned()), ("amount", cents.to_string()), ("metadata[refund]", refund.to_string())];
        match self.ask(reqwest::Method::POST, "/v1/refunds", &fields, Some(refund.to_string())).await? {
            (200..=299, body) => Returned::of(&body).ok_or(Unknown),
            (status, body) if is_refusal(status, &body) => Ok(Returned::Refused),
            _ => Err(Unknown),
        }
    }

    /// A refund of a charge, by what we named it; `None` when the processor never heard of it.
    ///
    /// # Errors
    /// `Unknown` when it cannot be asked.
    pub async fn find_refund(&self, refund: Uuid, charge: &str) -> Result<Option<Returned>, Unknown> {
        let fields = [("payment_intent", charge.to_owned()), ("limit", PAGE.to_string())];
        let (status, body) = self.ask(reqwest::Method::GET, "/v1/refunds", &fields, None).await?;
        if !(200..=299).contains(&status) {
            return Err(Unknown);
        }
        let name = refund.to_string();
        let found = body["data"].as_array().into_iter().flatten().find(|found| found["metadata"]["refund"] == name.as_str());
        found.map(|found| Returned::of(found).ok_or(Unknown)).transpose()
    }

    /// What became of a payment that a bank took back; `None` when no money was taken.
    ///
    /// # Errors
    /// `Unknown` when it cannot be asked.
    pub async fn dispute(&self, id: &str) -> Result<Option<Dispute>, Unknown> {
        match self.ask(reqwest::Method::GET, &format!("/v1/disputes/{}", safe(id)), &[], None).await? {
            (200..=299, body) => Ok(Dispute::of(&body)),
            (404, _) => Ok(None),
            _ => Err(Unknown),
        }
    }

    /// A customer, so that cards can be kept.
    ///
    /// # Errors
    /// `Unknown` when it cannot be asked.
    pub async fn customer(&self, account: Uuid) -> Result<String, Unknown> {
        let fields = [("metadata[account]", account.to_string())];
        let (status, body) = self.ask(reqwest::Method::POST, "/v1/customers", &fields, Some(format!("customer-{account}"))).await?;
        if !(200..=299).contains(&status) {
            return Err(Unknown);
        }
        body["id"].as_str().map(str::to_owned).ok_or(Unknown)
    }

    /// Begins typing for a try to pay, or for an account: a card, or the bank account of a customer. A card belongs to no customer until
    /// it is kept (`keep`): so one that is not kept is charged once and forgotten.
    ///
    /// # Errors
    /// `Unknown` when it cannot be asked.
    pub async fn begin_setup(&self, attempt: Uuid, bank_of: Option<&str>) -> Result<Setup, Unknown> {
        let kind = if bank_of.is_some() { MethodKind::Bank } else { MethodKind::Card };
        let mut fields = vec![
            ("usage", "off_session".to_owned()),
            ("payment_method_types[]", type_of(kind).to_owned()),
            ("metadata[attempt]", attempt.to_string()),
        ];
        fields.extend(bank_of.map(|customer| ("customer", customer.to_owned())));
        let (status, body) = self.ask(reqwest::Method::POST, "/v1/setup_intents", &fields, None).await?;
        let read = || Some(Setup { id: body["id"].as_str()?.to_owned(), client_secret: body["client_secret"].as_str()?.to_owned() });
        if (200..=299).contains(&status) { read().ok_or(Unknown) } else { Err(Unknown) }
    }

    /// What was typed for a try to pay, or for an account; `None` when nothing was, it was not taken, or it was typed for another one.
    ///
    /// # Errors
    /// `Unknown` when it cannot be asked.
    pub async fn typed(&self, setup: &str, attempt: Uuid) -> Result<Option<Typed>, Unknown> {
        Ok(self.entered(setup).await?.filter(|(of, _)| *of == attempt.to_string()).map(|(_, typed)| typed))
    }

    /// The same with what it was typed for.
    ///
    /// # Errors
    /// `Unknown` when it cannot be asked.
    pub async fn entered(&self, setup: &str) -> Result<Option<(String, Typed)>, Unknown> {
        let (status, body) = self.ask(reqwest::Method::GET, &format!("/v1/setup_intents/{}", safe(setup)), &[], None).await?;
        if status == 404 {
            return Ok(None);
        }
        if !(200..=299).contains(&status) {
            return Err(Unknown);
        }
        let of = body["metadata"]["attempt"].as_str().unwrap_or_default().to_owned();
        let customer = body["customer"].as_str().map(str::to_owned);
        let Some((ready, verify_url)) = readiness(&body) else { return Ok(None) };
        let Some(method) = body["payment_method"].as_str() else { return Ok(None) };
        let (status, body) = self.ask(reqwest::Method::GET, &format!("/v1/payment_methods/{}", safe(method)), &[], None).await?;
        if !(200..=299).contains(&status) {
            return Err(Unknown);
        }
        Ok(Method::of(&body).map(|method| (of, Typed { customer: method.customer.clone().or(customer), method, ready, verify_url })))
    }

    /// Keeps a card with a customer. Returns whether the processor does.
    ///
    /// # Errors
    /// `Unknown` when it cannot be told.
    pub async fn keep(&self, token: &str, customer: &str) -> Result<bool, Unknown> {
        let fields = [("customer", customer.to_owned())];
        match self.ask(reqwest::Method::POST, &format!("/v1/payment_methods/{}/attach", safe(token)), &fields, None).await? {
            (200..=299, _) => Ok(true),
            (status, body) if is_refusal(status, &body) => Ok(false),
            _ => Err(Unknown),
        }
    }

    /// Forgets a card.
    ///
    /// # Errors
    /// `Unknown` when it cannot be asked.
    pub async fn forget(&self, token: &str) -> Result<(), Unknown> {
        match self.ask(reqwest::Method::POST, &format!("/v1/payment_methods/{}/detach", safe(token)), &[], None).await? {
            (200..=299 | 400..=499, _) => Ok(()),
            _ => Err(Unknown),
        }
    }
}

/// Whether an answer says that nothing was done. Of a key that is asked about elsewhere, of too many questions, and of a key of ours
/// that is not taken, nothing is known.
fn is_refusal(status: u16, body: &Value) -> bool {
    matches!(status, 400 | 402 | 404) && body["error"].is_object() && body["error"]["type"] != "idempotency_error"
}

/// The processor's word for a kind.
fn type_of(kind: MethodKind) -> &'static str {
    match kind {
        MethodKind::Card => "card",
        MethodKind::Bank => "us_bank_account",
    }
}

/// An id as a part of a path.
fn safe(id: &str) -> String {
    id.chars().filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-')).take(120).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_plain_no_is_a_refusal() {
        let no = json!({"error": {"code": "charge_already_refunded"}});
        assert!([400, 402, 404].into_iter().all(|status| is_refusal(status, &no)));
        assert!([401, 403, 409, 429, 500].into_iter().all(|status| !is_refusal(status, &no)), "nobody knows what became of it");
        assert!(!is_refusal(400, &json!({"error": {"type": "idempotency_error"}})), "the first question may have been heard");
        assert!(!is_refusal(404, &json!("a page of a proxy")));
    }
}
