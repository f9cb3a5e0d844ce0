//! Database servers as child processes: InfluxDB 1, InfluxDB 2, VictoriaMetrics.
//!
//! What it promises: loopback only, a free port, everything in a temporary folder, ready when handed out,
//! ended by its pid when dropped. Without the binary the test says so and passes; `.ci/servers` gets them
//! and prints the variables that name them: `INFLUXDB1_BIN`, `INFLUXDB2_BIN`, `VICTORIA_METRICS_BIN`.

use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::http::{Reply, get, post};

/// A server is ready by then, or something is wrong with it.
const READY: Duration = Duration::from_secs(60);

/// The token of the administrator of an InfluxDB 2 of the tests; it never leaves the machine.
pub(crate) const ADMIN: &str = "admin-of-the-tests";

/// A server that runs; ended when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    folder: TempDir,
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
}

/// An InfluxDB 2 with the organisation `home` and the bucket `brew`.
#[derive(Debug)]
pub(crate) struct Influx2 {
    pub(crate) server: Server,
    pub(crate) org_id: String,
    pub(crate) bucket_id: String,
}

/// The value of a variable that names something a test needs; without it the test says that it skips.
pub(crate) fn needed(variable: &str) -> Option<String> {
    let value = env::var(variable).ok();
    if value.is_none() {
        // Not by `eprintln!`: the test runner would keep that to itself.
        let test = thread::current().name().unwrap_or("a test").to_owned();
        let why = format!("SKIPPED: {variable} is not set: {test} needs it (.ci/servers has it)");
        writeln!(std::io::stderr(), "{why}").ok();
    }
    value
}

/// A port that is free now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Server {
    /// InfluxDB 1 with the database `brew`.
    pub(crate) fn influxdb1() -> Option<Server> {
        let program = needed("INFLUXDB1_BIN")?;
        let server = Server::start(&program, "/ping", |folder, port| {
            let other = free_port();
            let text = format!(
                "reporting-disabled = true\nbind-address = '127.0.0.1:{other}'\n\
                 [meta]\ndir = '{0}/meta'\n[data]\ndir = '{0}/data'\nwal-dir = '{0}/wal'\n\
                 [http]\nbind-address = '127.0.0.1:{port}'\nlog-enabled = false\n",
                folder.display()
            );
            fs::write(folder.join("influxdb.conf"), text).unwrap();
            vec![
                "-config".into(),
                format!("{}/influxdb.conf", folder.display()),
            ]
        });
        server.influxql("CREATE DATABASE brew");
        Some(server)
    }

    /// VictoriaMetrics that keeps a year.
    pub(crate) fn victoria_metrics() -> Option<Server> {
        let program = needed("VICTORIA_METRICS_BIN")?;
        Some(Server::start(&program, "/health", |folder, port| {
            vec![
                format!("-storageDataPath={}/vm", folder.display()),
                format!("-httpListenAddr=127.0.0.1:{port}"),
                "-retentionPeriod=12".into(),
            ]
        }))
    }

    /// Starts a server until it answers; a port that somebody else took meanwhile is given up for another.
    fn start(program: &str, ready: &str, arguments: impl Fn(&Path, u16) -> Vec<String>) -> Server {
        let mut log = String::new();
        for _ in 0..3 {
            let (folder, port) = (TempDir::new().unwrap(), free_port());
            let file = File::create(folder.path().join("log")).unwrap();
            let child = Command::new(program)
                .args(arguments(folder.path(), port))
                .stdin(Stdio::null())
                .stdout(file.try_clone().unwrap())
                .stderr(file)
                .spawn()
                .unwrap_or_else(|error| panic!("{program}: {error}"));
            let url = format!("http://127.0.0.1:{port}");
            let mut server = Server { child, folder, url };
            if server.answers(ready) {
                return server;
            }
            log = server.log();
        }
        panic!("{program} does not start; its log:\n{log}");
    }

    fn answers(&mut self, path: &str) -> bool {
        let deadline = Instant::now() + READY;
        while Instant::now() < deadline {
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            if get(&self.at(path), "").is_ok_and(|reply| reply.status < 300) {
                return true;
            }
            thread::sleep(Duration::from_millis(20));
        }
        false
    }

    /// The address of something the server has.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// What the server logged.
    pub(crate) fn log(&self) -> String {
        let bytes = fs::read(self.folder.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The series that an InfluxQL query of the database `brew` gives; a query that fails is a fault.
    pub(crate) fn influxql(&self, query: &str) -> Vec<Value> {
        influxql(&self.url, "", query).unwrap_or_else(|fault| panic!("{query}\n{fault}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Influx2 {
    /// InfluxDB 2, set up.
    pub(crate) fn new() -> Option<Influx2> {
        let program = needed("INFLUXDB2_BIN")?;
        let server = Server::start(&program, "/health", |folder, port| {
            let of = |name| format!("{}/{name}", folder.display());
            vec![
                format!("--http-bind-address=127.0.0.1:{port}"),
                format!("--bolt-path={}", of("bolt")),
                format!("--sqlite-path={}", of("sqlite")),
                format!("--engine-path={}", of("engine")),
                "--reporting-disabled".into(),
            ]
        });
        let body = json!({"username": "admin", "password": "password-of-the-tests", "org": "home",
            "bucket": "brew", "token": ADMIN, "retentionPeriodSeconds": 0});
        let made = post(&server.at("/api/v2/setup"), "", &body.to_string())
            .unwrap()
            .json();
        let id = |of: &str| made[of]["id"].as_str().expect(of).to_owned();
        let (org_id, bucket_id) = (id("org"), id("bucket"));
        Some(Influx2 {
            server,
            org_id,
            bucket_id,
        })
    }

    /// Writes all of the bucket to a file, as `influxd inspect export-lp` does.
    pub(crate) fn export(&self, path: &Path, more: &[&str]) {
        let program = needed("INFLUXDB2_BIN").unwrap();
        let mut command = Command::new(program);
        command
            .args(["inspect", "export-lp", "--bucket-id", &self.bucket_id])
            .arg("--engine-path")
            .arg(self.server.folder.path().join("engine"))
            .arg("--output-path")
            .arg(path)
            .args(more);
        let ran = command.output().unwrap();
        assert!(
            ran.status.success(),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
    }

    /// `GET`, as the administrator.
    pub(crate) fn get(&self, path: &str) -> Value {
        get(&self.server.at(path), ADMIN).unwrap().expect_json(path)
    }

    /// `POST` of JSON, as the administrator.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        let reply = post(&self.server.at(path), ADMIN, &body.to_string());
        reply.unwrap().expect_json(path)
    }

    /// The answer to a Flux query, as annotated CSV.
    pub(crate) fn flux_reply(&self, token: &str, flux: &str) -> Reply {
        let dialect = json!({"annotations": ["datatype", "group", "default"]});
        let body = json!({"query": flux, "type": "flux", "dialect": dialect}).to_string();
        let at = self.server.at("/api/v2/query?org=home");
        post(&at, token, &body).unwrap()
    }

    /// The rows of a Flux query; one that fails is a fault.
    pub(crate) fn flux(&self, flux: &str) -> Vec<super::flux::Row> {
        let reply = self.flux_reply(ADMIN, flux);
        assert!(reply.status == 200, "{flux}\n{}", reply.body);
        super::flux::rows(&reply.body).unwrap_or_else(|fault| panic!("{flux}\n{fault}"))
    }

    /// A token that may write the bucket `brew` and nothing else.
    pub(crate) fn write_token(&self) -> String {
        let bucket = json!({"type": "buckets", "id": self.bucket_id, "orgID": self.org_id});
        let body = json!({"orgID": self.org_id, "description": "telegraf writes brew",
            "permissions": [{"action": "write", "resource": bucket}]});
        let made = self.post("/api/v2/authorizations", &body);
        made["token"].as_str().unwrap().to_owned()
    }
}

/// The series that an InfluxQL query gives, with times in ns, or what is wrong with it.
pub(crate) fn influxql(url: &str, token: &str, query: &str) -> Result<Vec<Value>, String> {
    let body = format!("q={}", super::http::escape(query));
    let at = format!("{url}/query?db=brew&epoch=ns");
    let reply = super::http::post_form(&at, token, &body).unwrap();
    let answer = reply.json();
    let fault = &answer["error"];
    if !fault.is_null() {
        return Err(fault.to_string());
    }
    let mut series = Vec::new();
    for result in answer["results"].as_array().into_iter().flatten() {
        if !result["error"].is_null() {
            return Err(result["error"].to_string());
        }
        series.extend(result["series"].as_array().cloned().unwrap_or_default());
    }
    Ok(series)
}
