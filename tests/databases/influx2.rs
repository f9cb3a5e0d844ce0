//! What is done to an InfluxDB 2 in several tests: tasks created and run, statuses read, a brewery sent to it.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::brewery::Brewery;
use super::http::get;
use super::server::{ADMIN, Influx2};

/// The tasks as they are shipped, by name.
pub(crate) const TASKS: [(&str, &str); 3] = [
    (
        "brewcast score",
        include_str!("../../deploy/influxdb2/tasks/score.flux"),
    ),
    (
        "brewcast silence",
        include_str!("../../deploy/influxdb2/tasks/silence.flux"),
    ),
    (
        "brewcast notify",
        include_str!("../../deploy/influxdb2/tasks/notify.flux"),
    ),
];

/// The brewery, with the output as it is shipped.
pub(crate) fn brewery_with(influx: &Influx2, token: &str) -> Option<Brewery> {
    let output = include_str!("../../deploy/telegraf/influxdb2.conf");
    let brewery = Brewery::new(&output.replace("${INFLUX_HOST}", &influx.server.url))?;
    brewery.secret("write_token", token);
    Some(brewery)
}

/// Creates a task as it is in its file; gives its id.
pub(crate) fn create(influx: &Influx2, flux: &str) -> String {
    let body = json!({"orgID": influx.org_id, "flux": flux, "status": "active"});
    let made = influx.post("/api/v2/tasks", &body);
    made["id"].as_str().unwrap().to_owned()
}

/// Runs a task now, to its end; a run that fails is a fault.
pub(crate) fn run(influx: &Influx2, task: &str) {
    let started = influx.post(&format!("/api/v2/tasks/{task}/runs"), &json!({}));
    let run = started["id"].as_str().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let at = influx
            .server
            .at(&format!("/api/v2/tasks/{task}/runs/{run}"));
        let reply = get(&at, ADMIN).unwrap();
        let state = if reply.status == 200 {
            reply.json()["status"].clone()
        } else {
            Json::Null
        };
        match state.as_str() {
            Some("success") => return,
            Some("failed" | "canceled") => {
                let logs = influx.get(&format!("/api/v2/tasks/{task}/runs/{run}/logs"));
                panic!("{task}: {logs}");
            }
            _ => assert!(Instant::now() < deadline, "{task}: does not end"),
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// The statuses of a check: of each series the level, by its message.
pub(crate) fn statuses(influx: &Influx2, check: &str) -> Vec<(String, String)> {
    let query = format!(
        "from(bucket: \"_monitoring\") |> range(start: -1h, stop: 1h)
         |> filter(fn: (r) => r._measurement == \"statuses\" and r._check_name == \"{check}\")
         |> filter(fn: (r) => r._field == \"_message\")"
    );
    let rows = influx.flux(&query);
    rows.iter()
        .map(|row| {
            (
                row["_level"].text().to_owned(),
                row["_value"].text().to_owned(),
            )
        })
        .collect()
}
