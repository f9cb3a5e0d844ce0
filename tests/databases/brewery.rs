//! The last quarter of an hour of a small brewery, one point a second, as a real Telegraf hands it on.
//!
//! What it has: series with and without tags, names that need escapes, every type of field, a misread
//! digit after ten minutes (`bv_1`), a vat that gets warm in the last twenty seconds (`bv_2`: its event is
//! still open), a pressure that is about to cross a threshold. The times end now, so that forecasts lie
//! in the future when a database is asked at once.

use std::time::{SystemTime, UNIX_EPOCH};

use super::server::Server;
use super::stored::{Stored, expected};
use crate::common::telegraf_agent::{ONCE, Running, Scene, agent};

/// Points of each series.
pub(crate) const POINTS: i64 = 900;
/// Lines that go in: five series, of which one has two lines.
pub(crate) const LINES: i64 = POINTS * 5;
/// The point of `bv_1` whose digit is misread.
pub(crate) const MISREAD: i64 = 600;
/// The first point of `bv_2` that is too warm.
pub(crate) const WARM: i64 = POINTS - 20;

const SETTINGS: &str = "
[report]
every = '1s'
instance = 'cellar'

[[policy]]
match = { measurement = 'pressure' }
thresholds = [3.0]
";

/// Telegraf with the brewery's lines, brewcast, the outputs to be tested, and a file of what went to them.
#[derive(Debug)]
pub(crate) struct Brewery {
    pub(crate) scene: Scene,
    /// The time of the last point, in seconds.
    pub(crate) end_s: i64,
}

impl Brewery {
    /// Ready to run with these outputs; `None` without Telegraf. The folder of secrets that the shipped
    /// outputs name is one of the test.
    pub(crate) fn new(outputs: &str) -> Option<Brewery> {
        Brewery::with_settings(outputs, SETTINGS)
    }

    /// The same with other settings of brewcast.
    pub(crate) fn with_settings(outputs: &str, settings: &str) -> Option<Brewery> {
        let scene = Scene::new()?;
        let end_s = now_s();
        scene.write("in.lp", &lines(end_s));
        scene.write("brewcast.toml", settings);
        let settings = scene.path("brewcast.toml").display().to_string();
        let secrets = scene.path("secrets");
        std::fs::create_dir(&secrets).unwrap();
        let outputs = outputs.replace("/run/secrets/brewcast", &secrets.display().to_string());
        scene.configure(&[
            &agent(ONCE),
            &scene.file_input(),
            &scene.brewcast(&["--config", &settings], ""),
            &scene.file_output(),
            &outputs,
        ]);
        Some(Brewery { scene, end_s })
    }

    /// The brewery and an InfluxDB 1 that it is sent to, with the output as it is shipped.
    pub(crate) fn with_influxdb1() -> Option<(Server, Brewery)> {
        let server = Server::influxdb1()?;
        let output = include_str!("../../deploy/telegraf/influxdb1.conf");
        let brewery = Brewery::new(&output.replace("${INFLUX_HOST}", &server.url))?;
        Some((server, brewery))
    }

    /// Puts a secret where the outputs look for it.
    pub(crate) fn secret(&self, name: &str, text: &str) {
        self.scene.write(&format!("secrets/{name}"), text);
    }

    /// Runs Telegraf once; gives what was sent to the outputs.
    pub(crate) fn run(&self) -> Sent {
        let ended = self.scene.run(&["--once"]);
        ended.assert_understood();
        assert!(!ended.log.contains("will be dropped"), "{}", ended.log);
        let lines = self.scene.arrived();
        let stored = expected(&lines);
        Sent { lines, stored }
    }

    /// Starts Telegraf and leaves it running when everything has gone to the outputs: the open event stays
    /// open.
    pub(crate) fn start(&self) -> Running<'_> {
        let telegraf = self.scene.start(&[]);
        let last = format!(",lines={LINES}i");
        let report = |line: &str| line.starts_with("brewcast,") && line.contains(&last);
        telegraf.until("everything goes through", |scene| {
            scene.arrived().lines().any(report)
        });
        telegraf
    }
}

/// What went to the outputs.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) lines: String,
    /// What a database is to make of it.
    pub(crate) stored: Stored,
}

/// Now, in seconds.
pub(crate) fn now_s() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap()
}

fn lines(end_s: i64) -> String {
    let mut lines = String::new();
    for n in 0..POINTS {
        let time = format!("{}000000000", end_s - POINTS + 1 + n);
        let misread = if n == MISREAD { 8.0 } else { 0.0 };
        let warm = if WARM <= n { 6.0 } else { 0.0 };
        let bv_1 = 20.0 + noise(n, 1) + misread;
        let bv_2 = 19.0 + noise(n, 2) + warm;
        lines += &format!("temperature,brew=bv_1,room=cellar temperature={bv_1:.1} {time}\n");
        lines += &format!("temperature,brew=bv_2 temperature={bv_2:.1} {time}\n");
        let bar = 1.0 + f64::from(i32::try_from(n).unwrap()) * 0.0022 + noise(n, 3) / 100.0;
        lines += &format!("pressure bar={bar:.4} {time}\n");
        let ok = n % 3 == 0;
        lines += &format!(
            "vat,vat=1,host=pi count={}i,ok={ok},label=\"no. {n}\" {time}\n",
            n % 7
        );
        let odd = 5.0 + noise(n, 4);
        lines += &format!("we\\ ird\\,m,k\\ 1=v\\,\\=\\ ü f\\ \\=\\,1={odd:.1} {time}\n");
    }
    lines
}

/// 0.0 to 0.9, the same on every run.
fn noise(n: i64, series: u64) -> f64 {
    let mixed = (n.unsigned_abs() * 7 + series).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    f64::from(u32::try_from((mixed >> 40) % 10).unwrap()) / 10.0
}
