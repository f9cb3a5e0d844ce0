//! A dashboard as Grafana sees it: what it asks the database, with variables and macros filled in.
//!
//! What is filled in here is what Grafana documents: `$timeFilter` and `$__interval` in InfluxQL,
//! `v.timeRangeStart` and its like in Flux, `$__dateBin`, `$__timeFrom` and `$__timeTo` in SQL.

use serde_json::Value as Json;

/// What a person chose at the top of the dashboard.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub(crate) measurement: &'static str,
    pub(crate) field: &'static str,
    pub(crate) tag: &'static str,
    pub(crate) value: &'static str,
    pub(crate) from_s: i64,
    pub(crate) to_s: i64,
}

/// The width of what a graph draws as one point, in seconds.
pub(crate) const INTERVAL_S: i64 = 10;

/// One thing a dashboard asks for.
#[derive(Debug)]
pub(crate) struct Question {
    /// `Panel/A`, `variable/field`, `annotation/Events`.
    pub(crate) name: String,
    /// What the database gets.
    pub(crate) text: String,
}

/// All that the dashboard asks for.
pub(crate) fn questions(dashboard: &Json, chosen: &Chosen) -> Vec<Question> {
    let mut questions = Vec::new();
    let mut add = |name: String, query: &Json| {
        let text = filled(text_of(query), chosen);
        questions.push(Question { name, text });
    };
    for variable in list(&dashboard["templating"]["list"]) {
        if variable["type"] == "query" {
            add(
                format!("variable/{}", text(&variable["name"])),
                &variable["query"],
            );
        }
    }
    for annotation in list(&dashboard["annotations"]["list"]) {
        add(
            format!("annotation/{}", text(&annotation["name"])),
            &annotation["target"],
        );
    }
    for panel in list(&dashboard["panels"]) {
        for target in list(&panel["targets"]) {
            let name = format!("{}/{}", text(&panel["title"]), text(&target["refId"]));
            add(name, target);
        }
    }
    questions
}

fn text_of(query: &Json) -> &str {
    let parts = [query, &query["query"], &query["rawSql"]];
    parts.into_iter().find_map(Json::as_str).expect("a query")
}

fn filled(query: &str, chosen: &Chosen) -> String {
    let (from, to) = (rfc3339(chosen.from_s), rfc3339(chosen.to_s));
    let (from_s, to_s) = (chosen.from_s, chosen.to_s);
    let mut text = query.to_owned();
    let choices = [
        ("measurement", chosen.measurement),
        ("field", chosen.field),
        ("tag", chosen.tag),
        ("value", chosen.value),
        ("bucket", "brew"),
    ];
    for (name, value) in choices {
        text = text.replace(&format!("${{{name}}}"), value);
    }
    for (name, value) in [
        (
            "$timeFilter",
            format!("time >= {from_s}000ms and time <= {to_s}000ms"),
        ),
        ("$__interval", format!("{INTERVAL_S}s")),
        (
            "$__dateBin(time)",
            format!(
                "date_bin(interval '{INTERVAL_S} second', time, timestamp '1970-01-01T00:00:00Z')"
            ),
        ),
        ("$__timeFrom", format!("cast('{from}' as timestamp)")),
        ("$__timeTo", format!("cast('{to}' as timestamp)")),
        ("v.timeRangeStart", from.clone()),
        ("v.timeRangeStop", to.clone()),
        ("v.windowPeriod", format!("{INTERVAL_S}s")),
    ] {
        text = text.replace(name, &value);
    }
    for (name, value) in choices {
        text = text.replace(&format!("${name}"), value);
    }
    let is_full = !["${", "$_", "$t", "v.time"]
        .iter()
        .any(|macros| text.contains(macros));
    assert!(is_full, "nothing fills in {text}");
    text
}

fn rfc3339(s: i64) -> String {
    let since = std::time::Duration::from_secs(s.unsigned_abs());
    humantime::format_rfc3339_seconds(std::time::UNIX_EPOCH + since).to_string()
}

/// The members of a list; none of what is not there.
pub(crate) fn list(json: &Json) -> &[Json] {
    json.as_array().map_or(&[], Vec::as_slice)
}

fn text(json: &Json) -> &str {
    json.as_str().expect("a text")
}
