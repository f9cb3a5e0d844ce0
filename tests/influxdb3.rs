//! InfluxDB 3, as far as it goes without one: what the real Telegraf would send it, by
//! `deploy/telegraf/influxdb3.conf`, is caught on a loopback port and read as InfluxDB 3 reads it, by
//! the parser it has (`influxdb-line-protocol`) and by its rules; the SQL of `deploy/influxdb3` is run by
//! DataFusion, the engine it is built on.
//!
//! Not shown: that the server takes it. `TELEGRAF_BIN` (`.ci/servers`) and `VALIDATORS_PYTHON`
//! (`.ci/validators`) name the programs; without them the tests say that they skip.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault here is a failed test"
)]

mod common;
mod databases;

use std::io::Read;
use std::sync::mpsc;
use std::thread;

use databases::brewery::Brewery;
use databases::sql;
use databases::stored::{assert_same, expected};
use flate2::read::GzDecoder;

/// What Telegraf posted: path with query, authorization, body.
struct Posted {
    path: String,
    authorization: String,
    body: String,
}

fn listener() -> (String, mpsc::Receiver<Posted>) {
    let server = tiny_http::Server::http("127.0.0.1:0").unwrap();
    let address = server.server_addr().to_string();
    let (sender, posted) = mpsc::channel();
    thread::spawn(move || {
        for mut request in server.incoming_requests() {
            let header = |name: &str| {
                let wanted = |header: &&tiny_http::Header| {
                    header.field.to_string().eq_ignore_ascii_case(name)
                };
                request
                    .headers()
                    .iter()
                    .find(wanted)
                    .map(|header| header.value.to_string())
            };
            let (authorization, encoding) = (header("Authorization"), header("Content-Encoding"));
            let path = request.url().to_owned();
            let mut body = Vec::new();
            request.as_reader().read_to_end(&mut body).unwrap();
            if encoding.as_deref() == Some("gzip") {
                let mut plain = Vec::new();
                GzDecoder::new(&body[..]).read_to_end(&mut plain).unwrap();
                body = plain;
            }
            request.respond(tiny_http::Response::empty(204)).ok();
            let body = String::from_utf8(body).unwrap();
            let authorization = authorization.unwrap_or_default();
            if sender
                .send(Posted {
                    path,
                    authorization,
                    body,
                })
                .is_err()
            {
                return;
            }
        }
    });
    (format!("http://{address}"), posted)
}

#[test]
fn telegraf_sends_influxdb_3_every_record_in_nanoseconds_with_the_token() {
    let (url, posted) = listener();
    let output = include_str!("../deploy/telegraf/influxdb3.conf").replace("${INFLUX_HOST}", &url);
    let Some(brewery) = Brewery::new(&output) else {
        return;
    };
    brewery.secret("write_token", "the-token");
    let sent = brewery.run();
    let posted: Vec<Posted> = posted.try_iter().collect();
    let mut body = String::new();
    for post in &posted {
        assert!(post.path.starts_with("/api/v3/write_lp?"), "{}", post.path);
        assert!(post.path.contains("db=brew"), "{}", post.path);
        assert_eq!(post.authorization, "Bearer the-token");
        body += &post.body;
        body.push('\n');
    }
    let received = expected(&body);
    // It names no precision, and InfluxDB 3 takes what is as large as this for ns.
    let earliest = received.keys().map(|point| point.2).min().unwrap();
    assert!(5_000_000_000_000_000 < earliest, "{earliest}");
    assert_same(&received, &sent.stored);
}

/// `sql::run` builds the tables and holds them to the rules: no column is both tag and field, none has two
/// types.
#[test]
fn the_sql_of_the_examples_answers() {
    let Some((python, brewery)) = sql::with_brewery() else {
        return;
    };
    let _running = brewery.start();
    let stored = expected(&brewery.scene.arrived());
    let text = include_str!("../deploy/influxdb3/queries.sql");
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("--"))
        .collect();
    let joined = lines.join("\n");
    let queries: Vec<String> = joined
        .split(';')
        .map(str::trim)
        .filter(|query| !query.is_empty())
        .map(str::to_owned)
        .collect();
    assert_eq!(queries.len(), 6);
    for (query, rows) in queries.iter().zip(sql::run(&python, &stored, &queries)) {
        let rows = rows.unwrap_or_else(|fault| panic!("{query}\n{fault}"));
        assert!(!rows.is_empty(), "{query}");
    }
}
