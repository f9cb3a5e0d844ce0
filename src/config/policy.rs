//! `[[policy]]`: other settings for some series.
//!
//! A policy has a `match` and, by their bare names, the keys of `[model]`, `[forecast]` and `[detect]` and a
//! few of `[output]`; `model = false` lets its series only pass. What it does not set is as in the common
//! settings, those of the command line included; the command line overrides the common settings only.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::filter::policy::{Match, POLICIES_MAX, Pattern, Policy};
use crate::report::Severity;

use super::layer::{Layer, Origin, Shown};
use super::source::Source;
use super::value::Value;
use super::{Settings, keys};

/// The name of the tables.
pub(super) const TABLE: &str = "policy";
const MATCH: &str = "match";
const MODEL: &str = "model";
/// What stands in a match.
const PARTS: [&str; 3] = ["measurement", "field", "tags"];

/// One policy.
#[derive(Clone, Debug)]
pub(super) struct Section {
    /// Where it begins.
    pub(super) place: String,
    pub(super) line: usize,
    pub(super) matches: Match,
    /// The match as TOML, where there is one.
    pub(super) match_text: Option<String>,
    /// What it sets, and what follows from that, in the order of the sample file.
    pub(super) shown: Vec<Shown>,
    pub(super) policy: Policy,
}

impl Settings {
    /// Reads the policies. They go on from `start`: the common settings before anything followed the
    /// horizon.
    pub(super) fn read_policies(
        &mut self,
        document: &Spanned<DeTable<'_>>,
        source: Source<'_>,
        start: &Layer,
    ) {
        let mut tables = document.get_ref().iter();
        let Some((name, content)) = tables.find(|(name, _)| name.get_ref() == TABLE) else {
            return;
        };
        let at = source.place(name.span().start);
        let DeValue::Array(items) = content.get_ref() else {
            let text = format!("{at}: write [[policy]], with two brackets: there may be several");
            self.fault(Severity::Error, text);
            return;
        };
        if items.len() > POLICIES_MAX {
            let text = format!("{at}: write at most {POLICIES_MAX} policies");
            self.fault(Severity::Error, text);
        }
        for item in items.iter().take(POLICIES_MAX) {
            self.read_section(item, source, start);
        }
        let everything = |section: &Section| section.matches.is_everything();
        if let Some(first) = self.policies.iter().position(everything)
            && first + 1 < self.policies.len()
        {
            let text = format!(
                "{}: this policy matches every series, so that those below it are never reached: write a \
                 match, or move it to the end",
                self.policies[first].place
            );
            self.fault(Severity::Warning, text);
        }
    }

    fn read_section(&mut self, item: &Spanned<DeValue<'_>>, source: Source<'_>, start: &Layer) {
        let offset = item.span().start;
        let place = source.place(offset);
        let DeValue::Table(keys) = item.get_ref() else {
            let text = format!("{place}: write each policy as a table: [[policy]]");
            self.fault(Severity::Error, text);
            return;
        };
        let mut reader = Reader {
            source,
            layer: start.clone(),
            own: Vec::new(),
            matches: Match::default(),
            match_text: None,
            faults: Vec::new(),
        };
        reader.read(keys);
        let mut layer = reader.layer;
        layer.follow_horizon();
        for text in reader.faults {
            self.fault(Severity::Error, text);
        }
        let policy = layer.raw.policy();
        if policy.is_modelled {
            self.cross_check_policy(&layer, &place);
        } else if !reader.own.is_empty() {
            let text =
                format!("{place}: with model = false the other settings of this policy do nothing");
            self.fault(Severity::Warning, text);
        }
        let shown = keys::KEYS.iter().filter_map(|key| layer.shown(key.path));
        let is_its_own = |shown: &&Shown| {
            let common = self.common.shown(shown.path);
            reader.own.contains(&shown.path)
                || common.is_none_or(|common| common.text != shown.text)
        };
        self.policies.push(Section {
            place,
            line: source.line(offset),
            matches: reader.matches,
            match_text: reader.match_text,
            shown: shown.filter(is_its_own).cloned().collect(),
            policy,
        });
    }
}

/// Reads one policy.
struct Reader<'a> {
    source: Source<'a>,
    layer: Layer,
    own: Vec<&'static str>, // paths that were set
    matches: Match,
    match_text: Option<String>,
    faults: Vec<String>,
}

impl Reader<'_> {
    fn fault(&mut self, offset: usize, text: &str) {
        let place = self.source.place(offset);
        self.faults.push(format!("{place}: {text}"));
    }

    /// A match with a fault is for nothing, so that nothing is said about what it hides.
    fn match_fault(&mut self, offset: usize, text: &str) {
        self.matches.tags.push(("".into(), Pattern::Any)); // no tag has an empty key
        self.fault(offset, text);
    }

    fn read(&mut self, keys: &DeTable<'_>) {
        for (key, content) in keys {
            let (name, start) = (key.get_ref().as_ref(), key.span().start);
            let value = Value::from_toml(content.get_ref());
            match (name, content.get_ref()) {
                (MATCH, DeValue::Table(parts)) => self.read_match(parts),
                (MATCH, _) => {
                    let text = "match: write match = { measurement = \"disk\", tags = { host = \"db*\" } }";
                    self.match_fault(start, text);
                }
                (MODEL, DeValue::Boolean(is_modelled)) => {
                    self.layer.raw.is_modelled = *is_modelled;
                }
                (MODEL, _) => {
                    let text = format!(
                        "model = {value}: write false, and the keys of [model] by their bare names"
                    );
                    self.fault(start, &text);
                }
                _ => self.set(name, start, &value),
            }
        }
    }

    fn set(&mut self, name: &str, start: usize, value: &Value) {
        let Some(key) = keys::of_policies(name) else {
            let text = format!(
                "there is no policy setting {name}{}",
                keys::nearest_of_policies(name, &[MATCH, MODEL])
            );
            self.fault(start, &text);
            return;
        };
        let line = self.source.line(start);
        match self.layer.set(key, value, Origin::File(line)) {
            Ok(()) => self.own.push(key.path),
            Err(wrong) => self.fault(start, &format!("{name} = {value}: {wrong}")),
        }
    }

    fn read_match(&mut self, parts: &DeTable<'_>) {
        let mut shown = Vec::new();
        for (key, content) in parts {
            let (name, start) = (key.get_ref().as_ref(), key.span().start);
            match (name, content.get_ref()) {
                ("tags", DeValue::Table(tags)) => {
                    let tags = self.read_tags(tags);
                    shown.push(format!("tags = {tags}"));
                }
                ("tags", _) => {
                    self.match_fault(start, "match.tags: write tags = { host = \"db*\" }")
                }
                ("measurement", _) => {
                    let (pattern, text) = self.pattern(name, start, content.get_ref());
                    self.matches.measurement = pattern;
                    shown.push(text);
                }
                ("field", _) => {
                    let (pattern, text) = self.pattern(name, start, content.get_ref());
                    self.matches.field = pattern;
                    shown.push(text);
                }
                _ => {
                    let hint = keys::nearest_of(name, &PARTS);
                    self.match_fault(start, &format!("there is no match.{name}{hint}"));
                }
            }
        }
        self.match_text = Some(inline(&shown));
    }

    /// The tags as TOML.
    fn read_tags(&mut self, tags: &DeTable<'_>) -> String {
        let mut shown = Vec::new();
        for (key, content) in tags {
            let key_text = as_key(key.get_ref());
            let (pattern, text) = self.pattern(&key_text, key.span().start, content.get_ref());
            let tag = (key.get_ref().as_ref().into(), pattern);
            self.matches.tags.push(tag);
            shown.push(text);
        }
        inline(&shown)
    }

    /// A pattern, and `name = "pattern"` as TOML.
    fn pattern(&mut self, name: &str, start: usize, content: &DeValue<'_>) -> (Pattern, String) {
        let value = Value::from_toml(content);
        let pattern = value.text().map_err(|wrong| wrong.to_owned());
        let pattern = pattern.and_then(|text| {
            Pattern::new(text).map_err(|error| format!("{error}; use *, ? and [abc]"))
        });
        let shown = format!("{name} = {value}");
        let pattern = pattern.unwrap_or_else(|wrong| {
            self.match_fault(start, &format!("match: {shown}: {wrong}"));
            Pattern::default()
        });
        (pattern, shown)
    }
}

/// A key as TOML, in quotes only where it needs them.
fn as_key(key: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !key.is_empty() && key.chars().all(is_bare) {
        return key.to_owned();
    }
    Value::Text(key.to_owned()).to_string()
}

/// An inline table of these entries.
fn inline(entries: &[String]) -> String {
    if entries.is_empty() {
        return "{}".to_owned();
    }
    format!("{{ {} }}", entries.join(", "))
}

#[cfg(test)]
mod tests {
    use crate::config::{Settings, load};
    use crate::precision::Precision;

    fn faults(text: &str) -> Vec<String> {
        let settings = load(Some(("b.toml", text)), &[]);
        let faults = settings.faults.into_iter();
        faults.map(|fault| fault.text).collect()
    }

    /// Of the policy with this index: horizon, points and every as they are shown, "" where they are the
    /// common ones.
    fn forecast(settings: &Settings, index: usize) -> [String; 3] {
        ["horizon", "points", "every"].map(|name| {
            let mut shown = settings.policies[index].shown.iter();
            let found = shown.find(|shown| shown.path == format!("forecast.{name}"));
            found.map_or(String::new(), |shown| shown.text.clone())
        })
    }

    #[test]
    fn what_is_unset_is_inherited_also_from_the_command_line_which_a_policy_overrides() {
        let text = "[detect]\nmin_deviation = 2\n[[policy]]\nmatch = { field = \"a\" }\ndirection = \"above\"\n\
                    [[policy]]\nmatch = { field = \"b\" }\nmin_deviation = 5\nverdicts = \"none\"\n";
        let settings = load(
            Some(("b.toml", text)),
            &[
                ("model.warmup", "50".to_owned()),
                ("output.verdicts", "all".to_owned()),
            ],
        );
        assert_eq!(settings.faults, []);
        let policies = settings.options("h", Precision::Ns, false).policies;
        let shown = |index: u16| {
            let policy = policies.get(index);
            let (rule, warmup) = (&policy.rules.rule, policy.rules.warmup);
            format!(
                "{} {:?} {warmup:?} {:?}",
                rule.min_deviation, rule.direction, policy.verdicts
            )
        };
        assert_eq!(shown(0), "2 Above Steps(50) All");
        assert_eq!(shown(1), "5 Both Steps(50) None");
        assert_eq!(shown(2), "2 Both Steps(50) All", "the rest");
    }

    #[test]
    fn the_rest_of_the_forecast_goes_with_the_horizon_of_each_policy() {
        let policies = "[[policy]]\nmatch = { field = \"a\" }\nhorizon = 60\n\
                        [[policy]]\nmatch = { field = \"b\" }\npoints = 4\n\
                        [[policy]]\nhorizon = \"1h\"\nevery = \"5m\"\n";
        let of = |common: &str| {
            let settings = load(Some(("b.toml", &format!("{common}{policies}"))), &[]);
            assert_eq!(settings.faults, []);
            [0, 1, 2].map(|index| forecast(&settings, index).join(" "))
        };
        assert_eq!(of(""), ["60  24", " 4 ", "\"1h\"  \"5m\""]);
        let small = of("[forecast]\nhorizon = 4\n");
        assert_eq!(small, ["60 8 24", " 4 ", "\"1h\" 8 \"5m\""]);
        let given = of("[forecast]\nhorizon = 120\npoints = 4\nevery = 30\n");
        assert_eq!(given, ["60  ", " 4 ", "\"1h\"  \"5m\""]);
    }

    #[test]
    fn all_faults_are_reported_at_once_with_line_column_and_what_to_write_instead() {
        let text = "[[policy]]\nmatch = { measurment = \"a\", field = 1, tags = { host = \"a[\" } }\n\
                    directoin = \"above\"\nwindow = \"x\"\nmax_series = 5\ndetect = { range = [] }\n\
                    model = \"ets\"\n[[policy]]\nmatch = \"disk\"\nhorizon = 4\npoints = 8\n\
                    [[policy]]\nmatch = { tags = \"db\" }\nmatsch = 1\n";
        let found = faults(text);
        let expected = [
            ("b.toml:2:11", "did you mean measurement?"),
            ("b.toml:2:29", "match: field = 1: write a string in quotes"),
            ("b.toml:2:49", "use *, ? and [abc]"),
            ("b.toml:3:1", "did you mean direction?"),
            ("b.toml:4:1", "window = \"x\": write a number of points"),
            ("b.toml:5:1", "limits.max_series holds for all series"),
            ("b.toml:6:1", "by their bare names"),
            ("b.toml:7:1", "write false"),
            ("b.toml:9:1", "match = { measurement"),
            ("b.toml:8:1", "in this policy forecast.points = 8 is more"),
            ("b.toml:13:11", "tags = { host"),
            ("b.toml:14:1", "did you mean match?"),
        ];
        for (place, hint) in expected {
            let told =
                |text: &String| text.starts_with(&format!("{place}: ")) && text.contains(hint);
            assert!(found.iter().any(told), "{place} {hint}: {found:#?}");
        }
        assert_eq!(found.len(), expected.len(), "{found:#?}");
    }

    #[test]
    fn one_bracket_too_many_policies_and_unreachable_ones_are_told() {
        assert!(faults("[policy]\nhorizon = 4\n")[0].contains("write [[policy]]"));
        assert!(faults("policy = [1]\n")[0].contains("[[policy]]"));
        let many = "[[policy]]\nmatch = { field = \"a\" }\n".repeat(1_001);
        assert_eq!(faults(&many), ["b.toml:1:3: write at most 1000 policies"]);
        let first = "[[policy]]\nwarmup = 50\n[[policy]]\nmatch = { field = \"a\" }\n";
        assert!(faults(first)[0].starts_with("b.toml:1:1: this policy matches every series"));
        assert!(faults("[[policy]]\nwarmup = 50\n").is_empty());
        let nothing = "[[policy]]\nmodel = false\nwarmup = 50\n";
        assert!(faults(nothing)[0].contains("do nothing"));
    }

    #[test]
    fn what_is_wrong_with_the_common_settings_is_told_once() {
        let text = "[forecast]\nevery = 7\n[[policy]]\nmatch = { field = \"a\" }\n[[policy]]\nwarmup = 50\n";
        assert_eq!(faults(text).len(), 1, "{:?}", faults(text));
        let typed = [("forecast.horizon", "4".to_owned())];
        let points = "[[policy]]\npoints = 8\n";
        assert!(load(Some(("b", points)), &typed).is_command_line_wrong);
    }
}
