//! `brewcast check --telegraf telegraf.conf`: the classic mistakes around an execd processor.
//!
//! Each one here has cost somebody metrics without an error at the start. What Telegraf itself
//! checks is left to Telegraf.

use toml::{Table, Value};

use crate::duration;
use crate::report::Severity;

use super::Fault;

/// What is wrong with this Telegraf configuration, as far as brewcast is concerned.
#[must_use]
pub fn check(name: &str, text: &str) -> Vec<Fault> {
    let fault = |severity, text: String| Fault {
        severity,
        text: format!("{name}: {text}"),
    };
    let conf: Table = match text.parse() {
        Ok(conf) => conf,
        Err(error) => {
            let said = error.to_string().replace('\n', " ");
            return vec![fault(
                Severity::Error,
                format!("not TOML (variables only inside quotes): {said}"),
            )];
        }
    };
    let mut found = Vec::new();
    let ours: Vec<&Table> = plugins(&conf, "processors")
        .filter(|(kind, table)| *kind == "execd" && runs_brewcast(table))
        .map(|(_, table)| table)
        .collect();
    if ours.is_empty() {
        found.push((
            Severity::Warning,
            "no [[processors.execd]] runs brewcast".to_owned(),
        ));
    }
    for table in &ours {
        check_processor(table, &mut found);
    }
    check_neighbours(&conf, &mut found);
    found
        .into_iter()
        .map(|(severity, text)| fault(severity, text))
        .collect()
}

type Found = Vec<(Severity, String)>;

fn check_processor(table: &Table, found: &mut Found) {
    let mut warn = |text: &str| found.push((Severity::Warning, text.to_owned()));
    let delay = table
        .get("restart_delay")
        .and_then(Value::as_str)
        .map_or(Ok(10_000_000_000), duration::parse);
    if delay.is_ok_and(|nanos| nanos > 1_000_000_000) {
        warn(
            "restart_delay: write \"1s\"; while the child is down every metric is lost, for 10 s by default",
        );
    }
    if table.get("influx_uint_support").and_then(Value::as_bool) != Some(true) {
        warn("influx_uint_support: write true, or unsigned fields become signed");
    }
    if table.get("influx_parser_type").and_then(Value::as_str) == Some("upstream") {
        warn("influx_parser_type = \"upstream\" stops reading for good at a line of 256 KiB");
    }
    let words = command(table);
    let mut parts = words.iter().flat_map(|word| word.split('='));
    let named = parts.any(|part| part.trim_start_matches('-') == "config");
    let path = parts.next().filter(|_| named);
    if path.is_some_and(|path| !path.starts_with('/') && !path.starts_with('$')) {
        warn("--config: write an absolute path; as a service Telegraf runs in /");
    }
    let format = table
        .get("data_format")
        .and_then(Value::as_str)
        .unwrap_or("influx");
    if format != "influx" {
        found.push((
            Severity::Error,
            format!("data_format = \"{format}\": brewcast speaks \"influx\""),
        ));
    }
    if table.get("command").is_some_and(Value::is_str)
        || words.first().is_some_and(|word| word.contains(' '))
    {
        let text = "command: write a list with a string for each argument, such as [\"/usr/local/bin/brewcast\", \"--config\", \"/etc/telegraf/brewcast.toml\"]";
        found.push((Severity::Error, text.to_owned()));
    }
}

/// What other plugins do to our records, and to us.
fn check_neighbours(conf: &Table, found: &mut Found) {
    let agent = conf.get("agent").and_then(Value::as_table);
    let skips = agent.and_then(|agent| agent.get("skip_processors_after_aggregators"));
    let aggregators: Vec<_> = plugins(conf, "aggregators").collect();
    if !aggregators.is_empty() && skips.and_then(Value::as_bool) != Some(true) {
        let text = "[agent] skip_processors_after_aggregators: write true, or a second brewcast is started for the aggregates";
        found.push((Severity::Warning, text.to_owned()));
    }
    let chooses = |table: &Table| {
        ["namepass", "namedrop", "metricpass", "tagpass", "tagdrop"]
            .iter()
            .any(|key| table.contains_key(*key))
    };
    for (kind, table) in aggregators {
        if !chooses(table) {
            let text = format!(
                "[[aggregators.{kind}]]: add namedrop = [\"*_anomaly\", \"*_forecast\", \"*_eta\", \"brewcast\"]; it would aggregate our records, and drops those in the future"
            );
            found.push((Severity::Warning, text));
        }
    }
    for (_, table) in plugins(conf, "processors").filter(|(kind, _)| *kind == "dedup") {
        if !chooses(table) {
            let text = "[[processors.dedup]]: add namedrop = [\"*_forecast\"]; forecasts lie in the future, and equal ones would never be repeated";
            found.push((Severity::Warning, text.to_owned()));
        }
    }
}

/// The plugins of one category, with their kind.
fn plugins<'a>(conf: &'a Table, category: &str) -> impl Iterator<Item = (&'a str, &'a Table)> {
    let kinds = conf
        .get(category)
        .and_then(Value::as_table)
        .into_iter()
        .flatten();
    kinds.flat_map(|(kind, tables)| {
        let tables = tables
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_table);
        tables.map(move |table| (kind.as_str(), table))
    })
}

fn command(table: &Table) -> Vec<&str> {
    match table.get("command") {
        Some(Value::String(line)) => line.split(' ').collect(),
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn runs_brewcast(table: &Table) -> bool {
    command(table)
        .iter()
        .any(|word| word.rsplit(['/', ' ']).any(|part| part == "brewcast"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(conf: &str) -> Vec<String> {
        check("t", conf)
            .into_iter()
            .map(|fault| fault.text)
            .collect()
    }

    #[test]
    fn the_classic_execd_mistakes_are_found() {
        let conf = r#"
            [[processors.execd]]
              command = ["/opt/brewcast --config brewcast.toml"]
              data_format = "json"
            [[processors.dedup]]
            [[aggregators.basicstats]]
        "#;
        let found = found(conf);
        for word in [
            "restart_delay",
            "influx_uint_support",
            "data_format",
            "a list with a string",
            "skip_processors_after_aggregators",
            "[[aggregators.basicstats]]",
            "[[processors.dedup]]",
        ] {
            assert!(
                found.iter().any(|text| text.contains(word)),
                "{word}: {found:#?}"
            );
        }
        assert_eq!(found.len(), 7, "{found:#?}");
    }

    #[test]
    fn the_shipped_sample_has_none_of_them() {
        let sample = include_str!("../../telegraf.conf");
        assert_eq!(found(sample), [""; 0]);
    }

    #[test]
    fn relative_settings_and_a_missing_processor_are_found() {
        let conf = r#"
            [[processors.execd]]
              command = ["brewcast", "-config", "brewcast.toml"]
              restart_delay = "1s"
              influx_uint_support = true
        "#;
        assert!(found(conf)[0].contains("absolute path"));
        assert!(
            found("[[processors.execd]]\ncommand = [\"cat\"]")[0]
                .contains("no [[processors.execd]]")
        );
        assert!(found("[agent]\ninterval = ${EVERY}")[0].contains("inside quotes"));
    }
}
