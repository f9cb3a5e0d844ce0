//! Several brewcasts on one dashboard: what they count of themselves is summed, bin by bin, and one that began
//! anew takes nothing away.
//!
//! InfluxQL runs on a real InfluxDB 1, Flux on a real InfluxDB 2, SQL on DataFusion. Without a server its
//! test says that it skips.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;
mod databases;

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use databases::grafana::{Chosen, INTERVAL_S, list, questions};
use databases::http::post_lines;
use databases::server::{ADMIN, Influx2, Server, needed};
use databases::sql;
use databases::stored::expected;
use serde_json::Value as Json;

const START_S: i64 = 1_700_000_000;

/// What each of two brewcasts reports in three bins; the second one was started again before the last.
fn reports() -> String {
    let report = |bin: i64, instance: &str, lines: i64, series: i64, flags: i64, chance: f64| {
        let time = (START_S + bin * INTERVAL_S + 3) * 1_000_000_000;
        format!(
            "brewcast,instance={instance} lines={lines}i,lines_rejected=0i,points_late=0i,series={series}i,\
             flags={flags}i,flags_expected={chance},config_ok=1i {time}\n"
        )
    };
    [
        report(0, "brewcast-0", 100, 5, 1, 0.5),
        report(1, "brewcast-0", 150, 5, 2, 0.75),
        report(2, "brewcast-0", 230, 6, 3, 1.0),
        report(0, "brewcast-1", 1_000, 7, 10, 4.5),
        report(1, "brewcast-1", 1_100, 7, 20, 5.0),
        report(2, "brewcast-1", 40, 7, 0, 0.25),
    ]
    .concat()
}

/// The numbers of a graph, by name, in the order of time.
type Graph = BTreeMap<String, Vec<f64>>;

fn assert_summed(language: &str, graph: impl Fn(&str) -> Graph) {
    let flags = "Flags, and what chance alone would have flagged/A";
    let wanted: [(&str, &str, &[f64]); 4] = [
        (flags, "flags", &[11.0, 22.0, 3.0]),
        (flags, "flags_expected", &[5.0, 5.75, 1.25]),
        ("Series/A", "series", &[12.0, 12.0, 13.0]),
        ("Lines, and what was left out/A", "lines", &[150.0, 80.0]),
    ];
    for (panel, name, numbers) in wanted {
        assert_eq!(
            graph(panel)[name],
            *numbers,
            "{language}: {name} of {panel}"
        );
    }
}

/// What the panel asks for.
fn query(dashboard: &str, panel: &str) -> String {
    let chosen = Chosen {
        measurement: "m",
        field: "v",
        tag: "host",
        value: "a",
        from_s: START_S,
        to_s: START_S + 60,
    };
    let dashboard: Json = serde_json::from_str(dashboard).unwrap();
    let mut questions = questions(&dashboard, &chosen).into_iter();
    questions
        .find(|question| question.name == panel)
        .unwrap()
        .text
}

#[test]
fn the_influxql_dashboard_sums_over_all_instances() {
    const DASHBOARD: &str = include_str!("../deploy/grafana/dashboards/brewcast-influxql.json");
    let Some(server) = Server::influxdb1() else {
        return;
    };
    let written = post_lines(&server.at("/write?db=brew"), "", &reports()).unwrap();
    assert_eq!(written.status, 204);
    assert_summed("InfluxQL", |panel| {
        let found = server.influxql(&query(DASHBOARD, panel));
        assert_eq!(found.len(), 1, "one graph for all: {found:?}");
        let mut graph = Graph::new();
        for row in list(&found[0]["values"]) {
            for (name, value) in list(&found[0]["columns"]).iter().zip(list(row)) {
                graph
                    .entry(name.as_str().unwrap().to_owned())
                    .or_default()
                    .extend(value.as_f64());
            }
        }
        graph
    });
}

#[test]
fn the_flux_dashboard_sums_over_all_instances() {
    const DASHBOARD: &str = include_str!("../deploy/grafana/dashboards/brewcast-flux.json");
    let Some(influx) = Influx2::new() else { return };
    let at = influx.server.at("/api/v2/write?org=home&bucket=brew");
    assert_eq!(post_lines(&at, ADMIN, &reports()).unwrap().status, 204);
    assert_summed("Flux", |panel| {
        let mut graph = Graph::new();
        for row in influx.flux(&query(DASHBOARD, panel)) {
            graph
                .entry(row["_field"].text().to_owned())
                .or_default()
                .extend(row["_value"].number());
        }
        graph
    });
}

#[test]
fn the_sql_dashboard_sums_over_all_instances() {
    const DASHBOARD: &str = include_str!("../deploy/grafana/dashboards/brewcast-sql.json");
    let Some(python) = needed("VALIDATORS_PYTHON") else {
        return;
    };
    let stored = expected(&reports());
    assert_summed("SQL", |panel| {
        let mut graph = Graph::new();
        for row in sql::run(&python, &stored, &[query(DASHBOARD, panel)])
            .remove(0)
            .unwrap()
        {
            for (name, value) in row {
                graph.entry(name).or_default().extend(value.number());
            }
        }
        graph
    });
}

/// One of several that says nothing is told apart from those that do.
#[test]
fn the_alert_of_grafana_names_the_instance_that_is_silent() {
    let Some(influx) = Influx2::new() else { return };
    let now_s = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let at = influx.server.at("/api/v2/write?org=home&bucket=brew");
    let lines = format!(
        "brewcast,instance=brewcast-0 config_ok=1i {0}000000000\n\
         brewcast,instance=brewcast-1 config_ok=1i {1}000000000\n\
         brewcast,instance=brewcast-2 config_ok=0i {0}000000000\n",
        now_s - 30,
        now_s - 600
    );
    assert_eq!(post_lines(&at, ADMIN, &lines).unwrap().status, 204);
    let alerts = databases::shipped::yaml(include_str!(
        "../deploy/grafana/provisioning/alerting/brewcast.yaml"
    ));
    let rules = list(&alerts["groups"][0]["rules"]);
    let rule = rules
        .iter()
        .find(|rule| rule["uid"] == "brewcast-silent")
        .unwrap();
    let query = rule["data"][0]["model"]["query"].as_str().unwrap();
    let query = query
        .replace("v.timeRangeStart", "-1h")
        .replace("v.timeRangeStop", "now()");
    let found: BTreeMap<String, Option<f64>> = influx
        .flux(&query)
        .iter()
        .map(|row| (row["instance"].text().to_owned(), row["_value"].number()))
        .collect();
    let wanted = [
        ("brewcast-0", 1.0),
        ("brewcast-1", 0.0),
        ("brewcast-2", 0.0),
    ];
    assert_eq!(
        found,
        wanted
            .map(|(name, value)| (name.to_owned(), Some(value)))
            .into()
    );
}
