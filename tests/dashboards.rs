//! The dashboards of `deploy/grafana/dashboards`: everything they ask for is asked, and the answers are
//! held against what was sent.
//!
//! InfluxQL runs on a real InfluxDB 1 and on the 1.x interface of a real InfluxDB 2, Flux on the latter,
//! SQL on DataFusion, the engine of InfluxDB 3. Grafana itself is not to be had: what it draws is not
//! seen here. Without a server its test says that it skips.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;
mod databases;

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use databases::brewery::{Brewery, LINES, POINTS};
use databases::flux::Row;
use databases::grafana::{Chosen, INTERVAL_S, Question, list, questions};
use databases::influx2::brewery_with;
use databases::server::{ADMIN, Influx2, influxql};
use databases::sql;
use databases::stored::{Stored, Value, expected};
use serde_json::Value as Json;

const INFLUXQL: &str = include_str!("../deploy/grafana/dashboards/brewcast-influxql.json");
const FLUX: &str = include_str!("../deploy/grafana/dashboards/brewcast-flux.json");
const SQL: &str = include_str!("../deploy/grafana/dashboards/brewcast-sql.json");

fn parsed(dashboard: &str) -> Json {
    serde_json::from_str(dashboard).unwrap()
}

/// The warm vat, over all of the brewery's time and the forecast.
fn warm_vat(brewery: &Brewery) -> Chosen {
    Chosen {
        measurement: "temperature",
        field: "temperature",
        tag: "brew",
        value: "bv_2",
        from_s: brewery.end_s - POINTS - 60,
        to_s: brewery.end_s + 600,
    }
}

/// Waits for the last report, which comes after everything else, and gives what was sent until then.
fn settle(brewery: &Brewery, lines_there: impl Fn() -> i64) -> Stored {
    let deadline = Instant::now() + Duration::from_secs(60);
    while lines_there() < LINES {
        assert!(Instant::now() < deadline, "the last report does not arrive");
        thread::sleep(Duration::from_millis(50));
    }
    expected(&brewery.scene.arrived())
}

/// InfluxQL series as rows: the tags of a series are in each of its rows.
fn rows(series: &[Json]) -> Vec<Row> {
    let mut rows = Vec::new();
    for series in series {
        let tags = series["tags"].as_object().into_iter().flatten();
        let tags: Vec<_> = tags.filter(|(_, value)| *value != "").collect();
        for values in list(&series["values"]) {
            let columns = list(&series["columns"])
                .iter()
                .map(|name| name.as_str().unwrap());
            let cells = columns
                .zip(list(values))
                .map(|(name, value)| (name.to_owned(), value));
            let tags = tags.iter().map(|(name, value)| ((*name).clone(), *value));
            let cells = cells.chain(tags).filter(|(_, value)| !value.is_null());
            rows.push(cells.map(|(name, value)| (name, typed(value))).collect());
        }
    }
    rows
}

fn typed(value: &Json) -> Value {
    match value {
        Json::Bool(flag) => Value::Boolean(*flag),
        Json::String(text) => Value::Text(text.clone()),
        number => number.as_f64().map(Value::Float).unwrap(),
    }
}

type Answers = BTreeMap<String, Vec<Row>>;

/// Every answer, by what asked for it. No question may fail.
fn answers(asked: Vec<Question>, mut ask: impl FnMut(&str) -> Result<Vec<Row>, String>) -> Answers {
    let answer = |question: Question| {
        let rows = ask(&question.text)
            .unwrap_or_else(|fault| panic!("{}: {fault}\n{}", question.name, question.text));
        (question.name, rows)
    };
    asked.into_iter().map(answer).collect()
}

/// The numbers of a column, in the order of the rows.
fn numbers(rows: &[Row], column: &str) -> Vec<f64> {
    rows.iter()
        .filter_map(|row| row.get(column)?.number())
        .collect()
}

fn texts(rows: &[Row], column: &str) -> BTreeSet<String> {
    let texts = rows.iter().filter_map(|row| row.get(column));
    texts.map(|text| text.text().to_owned()).collect()
}

fn largest(numbers: &[f64]) -> f64 {
    numbers.iter().copied().fold(f64::MIN, f64::max)
}

/// The fields of what was sent of the warm vat, in the order of time.
fn sent<'a>(stored: &'a Stored, measurement: &str) -> Vec<(i64, &'a BTreeMap<String, Value>)> {
    let wanted = |point: &(String, BTreeMap<String, String>, i64)| {
        let is_vat = point.1.get("brew").is_some_and(|brew| brew == "bv_2");
        point.0 == measurement && is_vat
    };
    let found = stored.iter().filter(|(point, _)| wanted(point));
    found.map(|(point, fields)| (point.2, fields)).collect()
}

fn assert_close(found: f64, sent: f64, what: &str) {
    assert!(
        (found - sent).abs() < 1e-9,
        "{what}: {found}, but {sent} was sent"
    );
}

/// Whatever the language, the answers say what was sent.
fn assert_shows(answers: &Answers, stored: &Stored, end_s: i64) {
    let panel = |name: &str| {
        answers
            .get(name)
            .unwrap_or_else(|| panic!("no {name}: {:?}", answers.keys()))
    };
    assert_band(
        panel("${measurement} ${field}: ${value}/A"),
        panel("${measurement} ${field}: ${value}/B"),
        stored,
    );
    let verdicts = sent(stored, "temperature_anomaly");
    let flagged: Vec<f64> = verdicts
        .iter()
        .filter(|(_, fields)| fields["is_anomaly"] == Value::Boolean(true))
        .map(|(_, fields)| fields["y"].number().unwrap())
        .collect();
    assert!(!flagged.is_empty());
    assert_eq!(
        numbers(panel("${measurement} ${field}: ${value}/C"), "anomaly"),
        flagged
    );
    let forecast = panel("${measurement} ${field}: ${value}/D");
    for name in ["forecast", "forecast lower", "forecast upper"] {
        assert_eq!(numbers(forecast, name).len(), forecast.len(), "{name}");
    }
    let time = if forecast[0].contains_key("_time") {
        "_time"
    } else {
        "time"
    };
    let last_ns = largest(&numbers(forecast, time));
    #[allow(clippy::cast_precision_loss, reason = "seconds matter")]
    let end_ns = end_s as f64 * 1e9;
    assert!(
        end_ns < last_ns,
        "the forecast ends at {last_ns}, the data at {end_ns}"
    );
    let scores: Vec<f64> = verdicts
        .iter()
        .map(|(_, fields)| fields["anomaly_score"].number().unwrap())
        .collect();
    let worst = largest(&numbers(panel("Anomaly score/A"), "score"));
    assert_close(worst, largest(&scores), "score");
    let all = panel("Worst series/A");
    assert_eq!(
        texts(all, "field"),
        BTreeSet::from(["temperature".to_owned()])
    );
    assert!(worst <= largest(&numbers(all, "score")));
    assert!(
        numbers(all, "score")
            .iter()
            .any(|score| (score - worst).abs() < 1e-9)
    );
    assert_eq!(all.len(), 2);
    assert_events(answers, stored);
    assert_eq!(numbers(panel("Settings/A"), "config_ok"), [1.0]);
}

fn assert_band(observed: &[Row], limits: &[Row], stored: &Stored) {
    let bin = |ns: i64| ns / 1_000_000_000 / INTERVAL_S;
    let bins = |measurement: &str| -> BTreeSet<i64> {
        sent(stored, measurement)
            .iter()
            .map(|(time, _)| bin(*time))
            .collect()
    };
    assert_eq!(observed.len(), bins("temperature").len());
    assert_eq!(limits.len(), bins("temperature_anomaly").len());
    for name in ["expected", "lower limit", "upper limit"] {
        assert_eq!(numbers(limits, name).len(), limits.len(), "{name}");
    }
    for row in limits {
        let at = |name: &str| row[name].number().unwrap();
        assert!(
            at("lower limit") < at("expected") && at("expected") < at("upper limit"),
            "{row:?}"
        );
    }
}

fn assert_events(answers: &Answers, stored: &Stored) {
    let open = &answers["Open events/A"];
    assert_eq!(open.len(), 1, "{open:?}");
    assert!(
        open[0].values().any(|value| value.text() == "bv_2"),
        "{open:?}"
    );
    let events = sent(stored, "temperature_event");
    let last = events.last().unwrap().1;
    assert_eq!(open[0]["reason"], last["reason"]);
    assert_close(
        open[0]["peak_score"].number().unwrap(),
        last["peak_score"].number().unwrap(),
        "peak",
    );
    let noted = &answers["annotation/Events"];
    assert_eq!(noted.len(), events.len());
    for row in noted {
        let text = if row.contains_key("text") {
            "text"
        } else {
            "reason"
        };
        assert!(!row[text].text().is_empty(), "{row:?}");
    }
}

/// What brewcast says of itself, in two languages out of three with a column for each counter.
fn assert_shows_itself(answers: &Answers) {
    let counted = |panel: &str, column: &str| {
        let rows = &answers[panel];
        let own = rows.iter().filter(|row| {
            row.get("_field")
                .is_some_and(|field| field.text() == column)
        });
        let own: Vec<f64> = own.filter_map(|row| row["_value"].number()).collect();
        if own.is_empty() {
            numbers(rows, column)
        } else {
            own
        }
    };
    assert!(
        0.0 < largest(&counted(
            "Flags, and what chance alone would have flagged/A",
            "flags"
        ))
    );
    assert!(
        !counted(
            "Flags, and what chance alone would have flagged/A",
            "flags_expected"
        )
        .is_empty()
    );
    assert!(5.0 <= largest(&counted("Series/A", "series")));
    assert!(answers.contains_key("Lines, and what was left out/A"));
}

fn assert_offers(answers: &Answers, column: &str, measurements: usize) {
    assert!(measurements <= answers["variable/measurement"].len());
    assert_eq!(
        texts(&answers["variable/field"], column),
        BTreeSet::from(["temperature".to_owned()])
    );
    let keys: BTreeSet<String> = answers["variable/tag"]
        .iter()
        .flat_map(Row::values)
        .map(|value| value.text().to_owned())
        .collect();
    for key in ["brew", "room", "field"] {
        assert!(keys.contains(key), "{keys:?}");
    }
    let values: BTreeSet<String> = answers["variable/value"]
        .iter()
        .flat_map(Row::values)
        .map(|value| value.text().to_owned())
        .collect();
    for value in ["bv_1", "bv_2"] {
        assert!(values.contains(value), "{values:?}");
    }
}

/// How many lines the last report in the database counts.
fn lines_there(url: &str, token: &str) -> i64 {
    let found = influxql(url, token, "SELECT max(\"lines\") FROM \"brewcast\"").unwrap_or_default();
    found
        .first()
        .map_or(0, |series| series["values"][0][1].as_i64().unwrap())
}

#[test]
fn the_influxql_dashboard_shows_what_was_sent_to_influxdb_1() {
    let Some((server, brewery)) = Brewery::with_influxdb1() else {
        return;
    };
    let _running = brewery.start();
    let stored = settle(&brewery, || lines_there(&server.url, ""));
    let asked = questions(&parsed(INFLUXQL), &warm_vat(&brewery));
    let answers = answers(asked, |query| Ok(rows(&influxql(&server.url, "", query)?)));
    assert_shows(&answers, &stored, brewery.end_s);
    assert_shows_itself(&answers);
    assert_offers(&answers, "value", 3);
}

fn influxdb2() -> Option<(Influx2, Brewery)> {
    let influx = Influx2::new()?;
    let brewery = brewery_with(&influx, &influx.write_token())?;
    Some((influx, brewery))
}

#[test]
fn the_flux_and_the_influxql_dashboard_show_what_was_sent_to_influxdb_2() {
    let Some((influx, brewery)) = influxdb2() else {
        return;
    };
    let _running = brewery.start();
    let url = &influx.server.url;
    let stored = settle(&brewery, || lines_there(url, ADMIN));
    let asked = questions(&parsed(INFLUXQL), &warm_vat(&brewery));
    let by_influxql = answers(asked, |query| Ok(rows(&influxql(url, ADMIN, query)?)));
    assert_shows(&by_influxql, &stored, brewery.end_s);
    assert_shows_itself(&by_influxql);
    let asked = questions(&parsed(FLUX), &warm_vat(&brewery));
    let by_flux = answers(asked, |query| {
        let reply = influx.flux_reply(ADMIN, query);
        if reply.status == 200 {
            databases::flux::rows(&reply.body)
        } else {
            Err(reply.body)
        }
    });
    assert_shows(&by_flux, &stored, brewery.end_s);
    assert_shows_itself(&by_flux);
    assert_offers(&by_flux, "_value", 3);
}

/// The table of events and that of scores have a row for each series, whichever tags it has or lacks.
#[test]
fn a_series_without_tags_is_shown_by_the_flux_and_the_influxql_dashboard() {
    let Some((influx, brewery)) = influxdb2() else {
        return;
    };
    let _running = brewery.start();
    let url = &influx.server.url;
    settle(&brewery, || lines_there(url, ADMIN));
    let chosen = Chosen {
        measurement: "pressure",
        field: "bar",
        tag: "field",
        value: "bar",
        ..warm_vat(&brewery)
    };
    for (dashboard, is_flux) in [(INFLUXQL, false), (FLUX, true)] {
        let answers = answers(questions(&parsed(dashboard), &chosen), |query| {
            if is_flux {
                Ok(influx.flux(query))
            } else {
                Ok(rows(&influxql(url, ADMIN, query)?))
            }
        });
        for panel in [
            "Worst series/A",
            "Anomaly score/A",
            "${measurement} ${field}: ${value}/B",
        ] {
            assert!(!answers[panel].is_empty(), "{panel}");
        }
    }
}

#[test]
fn the_sql_dashboard_shows_what_was_sent() {
    let Some((python, brewery)) = sql::with_brewery() else {
        return;
    };
    let _running = brewery.start();
    let stored = expected(&brewery.scene.arrived());
    let ask = |chosen: &Chosen| {
        let asked = questions(&parsed(SQL), chosen);
        let queries: Vec<String> = asked.iter().map(|question| question.text.clone()).collect();
        let mut found = sql::run(&python, &stored, &queries).into_iter();
        answers(asked, |_| found.next().unwrap())
    };
    let chosen = warm_vat(&brewery);
    let answers = ask(&chosen);
    assert_shows(&answers, &stored, brewery.end_s);
    assert_shows_itself(&answers);
    assert_offers(&answers, "field", 3);
    let untagged = Chosen {
        measurement: "pressure",
        field: "bar",
        tag: "field",
        value: "bar",
        ..chosen
    };
    assert!(!ask(&untagged)["Worst series/A"].is_empty());
}

/// Panels by title, with what they draw; the language apart they are the same.
#[test]
fn the_three_dashboards_have_the_same_panels() {
    let panels = |dashboard: &str| -> Vec<Json> {
        let mut panels = list(&parsed(dashboard)["panels"]).to_vec();
        panels
            .iter_mut()
            .for_each(|panel| panel["targets"] = list(&panel["targets"]).len().into());
        panels
    };
    assert_eq!(panels(INFLUXQL), panels(FLUX));
    assert_eq!(panels(INFLUXQL), panels(SQL));
    let names = [INFLUXQL, FLUX, SQL].map(|dashboard| parsed(dashboard)["uid"].clone());
    assert_eq!(BTreeSet::from(names.map(|uid| uid.to_string())).len(), 3);
}

/// A band is filled from its upper line to the lower one, which has to be there by that very name.
#[test]
fn each_band_is_filled_down_to_a_line_that_the_panel_has() {
    let dashboard = parsed(INFLUXQL);
    let panel = &dashboard["panels"][0];
    let queries: String = list(&panel["targets"])
        .iter()
        .map(|target| target["query"].as_str().unwrap())
        .collect();
    let mut bands = 0;
    for rule in list(&panel["fieldConfig"]["overrides"]) {
        let name = rule["matcher"]["options"].as_str().unwrap();
        assert!(
            queries.contains(&format!("AS \"{name}\"")),
            "no line {name}"
        );
        for property in list(&rule["properties"]) {
            if property["id"] == "custom.fillBelowTo" {
                let below = property["value"].as_str().unwrap();
                assert!(
                    queries.contains(&format!("AS \"{below}\"")),
                    "no line {below}"
                );
                bands += 1;
            }
        }
    }
    assert_eq!(bands, 2);
}
