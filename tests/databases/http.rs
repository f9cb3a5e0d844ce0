//! Plain HTTP to servers of the tests: a status and a body, whatever the status is.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Reply {
    /// The body as JSON; an empty one is null.
    pub(crate) fn json(&self) -> Value {
        if self.body.trim().is_empty() {
            return Value::Null;
        }
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// The body of an answer that has to be a good one.
    pub(crate) fn expect_json(&self, what: &str) -> Value {
        assert!(self.status < 300, "{what}: {} {}", self.status, self.body);
        self.json()
    }
}

/// `GET`; an empty token is none.
pub(crate) fn get(url: &str, token: &str) -> Result<Reply, ureq::Error> {
    let mut request = agent().get(url);
    if !token.is_empty() {
        request = request.header("Authorization", format!("Token {token}"));
    }
    reply(request.call()?)
}

/// `PATCH` of JSON.
pub(crate) fn patch(url: &str, token: &str, body: &str) -> Result<Reply, ureq::Error> {
    let header = format!("Token {token}");
    let request = agent().patch(url).header("Authorization", header);
    reply(
        request
            .header("Content-Type", "application/json")
            .send(body)?,
    )
}

/// `POST` of JSON.
pub(crate) fn post(url: &str, token: &str, body: &str) -> Result<Reply, ureq::Error> {
    post_as(url, token, "application/json", body)
}

/// `POST` of a form.
pub(crate) fn post_form(url: &str, token: &str, body: &str) -> Result<Reply, ureq::Error> {
    post_as(url, token, "application/x-www-form-urlencoded", body)
}

/// `POST` of line protocol.
pub(crate) fn post_lines(url: &str, token: &str, body: &str) -> Result<Reply, ureq::Error> {
    post_as(url, token, "text/plain; charset=utf-8", body)
}

fn post_as(url: &str, token: &str, kind: &str, body: &str) -> Result<Reply, ureq::Error> {
    let mut request = agent().post(url).header("Content-Type", kind);
    if !token.is_empty() {
        request = request.header("Authorization", format!("Token {token}"));
    }
    reply(request.send(body)?)
}

/// Percent-encoding for a form or a query.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => escaped.push(char::from(byte)),
            _ => escaped += &format!("%{byte:02X}"),
        }
    }
    escaped
}

fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(60)));
    config.build().into()
}

fn reply(mut response: ureq::http::Response<ureq::Body>) -> Result<Reply, ureq::Error> {
    let status = response.status().as_u16();
    let body = response
        .body_mut()
        .with_config()
        .limit(256 << 20)
        .read_to_string()?;
    Ok(Reply { status, body })
}
