//! Setting values, wherever they come from, and what can be made of them.

use std::fmt;
use std::time::Duration;

use toml::de::DeValue;

use crate::duration;
use crate::series::extent::Extent;

/// A value as written in TOML or typed on a command line.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Bool(bool),
    List(Vec<Value>),
    /// A table or a date: nothing takes one.
    Other,
}

impl Value {
    /// The value that a user means by this text: a TOML value, or else a string.
    pub(super) fn typed(text: &str) -> Self {
        match DeValue::parse(text) {
            Ok(value) => match Self::from_toml(value.get_ref()) {
                Self::Other => Self::Text(text.to_owned()),
                value => value,
            },
            Err(_) => Self::Text(text.to_owned()),
        }
    }

    pub(super) fn from_toml(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::String(text) => Self::Text(text.to_string()),
            DeValue::Boolean(yes) => Self::Bool(*yes),
            DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix())
                .map_or(Self::Other, Self::Integer),
            DeValue::Float(digits) => digits.as_str().parse().map_or(Self::Other, Self::Float),
            DeValue::Array(items) => Self::List(
                items
                    .iter()
                    .map(|item| Self::from_toml(item.get_ref()))
                    .collect(),
            ),
            DeValue::Datetime(_) | DeValue::Table(_) => Self::Other,
        }
    }

    pub(super) fn bool(&self) -> Result<bool, String> {
        match self {
            Self::Bool(yes) => Ok(*yes),
            _ => Err("write true or false".to_owned()),
        }
    }

    pub(super) fn text(&self) -> Result<&str, String> {
        match self {
            Self::Text(text) => Ok(text),
            _ => Err("write a string in quotes".to_owned()),
        }
    }

    pub(super) fn texts(&self) -> Result<Vec<String>, String> {
        let wrong = || "write a list of strings, such as [\"cpu\", \"disk*\"]".to_owned();
        match self {
            Self::Text(text) => Ok(vec![text.clone()]),
            Self::List(items) => items
                .iter()
                .map(|item| item.text().map(str::to_owned).map_err(|_| wrong()))
                .collect(),
            _ => Err(wrong()),
        }
    }

    /// A number in `range`, bounds included.
    pub(super) fn number(&self, (low, high): (f64, f64)) -> Result<f64, String> {
        let number = match self {
            Self::Integer(number) => *number as f64,
            Self::Float(number) => *number,
            _ => f64::NAN,
        };
        if (low..=high).contains(&number) {
            return Ok(number);
        }
        let bound = if high.is_finite() {
            format!("from {low} to {high}")
        } else {
            format!("of at least {low}")
        };
        Err(format!("write a number {bound}"))
    }

    /// At most so many numbers, each once; one alone needs no brackets.
    pub(super) fn numbers(&self, most: usize) -> Result<Vec<f64>, String> {
        let items = match self {
            Self::List(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        let wrong = |_| "write a list of numbers, such as [18.0, 22.0]".to_owned();
        let mut numbers = Vec::new();
        for item in items {
            let number = item.number((f64::MIN, f64::MAX)).map_err(wrong)? + 0.0; // -0 is 0
            if numbers.contains(&number) {
                return Err(format!(
                    "write each number once: {number} stands there twice"
                ));
            }
            numbers.push(number);
        }
        if numbers.len() > most {
            return Err(format!("write at most {most} numbers"));
        }
        Ok(numbers)
    }

    /// The ends of a range, either of which may be infinite; an empty list is everything.
    pub(super) fn range(&self) -> Result<[f64; 2], String> {
        let wrong = "write [low, high], such as [0.0, 100.0] or [0.0, inf], or [] for no bounds";
        let items = match self {
            Self::List(items) => items.as_slice(),
            _ => return Err(wrong.to_owned()),
        };
        let bounds = (f64::NEG_INFINITY, f64::INFINITY);
        let ends: Result<Vec<f64>, String> = items.iter().map(|item| item.number(bounds)).collect();
        match ends.map_err(|_| wrong)?.as_slice() {
            [] => Ok([bounds.0, bounds.1]),
            &[low, high] if low < high => Ok([low, high]),
            &[high, low] if low < high => Err(format!(
                "write the lower number first: [{}, {}]",
                Self::Float(low),
                Self::Float(high)
            )),
            [_, _] => Err(format!("{wrong}: low is below high")),
            _ => Err(wrong.to_owned()),
        }
    }

    /// A whole number in `range`, bounds included.
    pub(super) fn count(&self, (low, high): (u32, u32)) -> Result<u32, String> {
        match self {
            Self::Integer(number) => u32::try_from(*number)
                .ok()
                .filter(|n| (low..=high).contains(n)),
            _ => None,
        }
        .ok_or_else(|| format!("write a whole number from {low} to {high}"))
    }

    /// A number of points from `least`, or a duration.
    pub(super) fn extent(&self, least: u32) -> Result<Extent, String> {
        let most = Extent::MAX;
        match self {
            Self::Text(text) => match duration::parse(text) {
                Ok(nanos @ 1..) => Ok(Extent::Time(nanos)),
                _ => Err(format!(
                    "write a number of points from {least} to {most}, or a duration such as \"1h\""
                )),
            },
            _ => self
                .count((least, most))
                .map(Extent::Steps)
                .map_err(|wrong| format!("{wrong}, or a duration such as \"1h\"")),
        }
    }

    /// A duration of at least 0.
    pub(super) fn duration(&self, example: &str) -> Result<Duration, String> {
        let nanos = match self {
            Self::Text(text) => {
                duration::parse(text).map_err(|wrong| format!("{wrong}; such as \"{example}\""))?
            }
            Self::Integer(0) => 0,
            _ => return Err(format!("write a duration in quotes, such as \"{example}\"")),
        };
        u64::try_from(nanos)
            .map(Duration::from_nanos)
            .map_err(|_| "write a duration that is not negative".to_owned())
    }

    /// One of these words.
    pub(super) fn one_of<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, String> {
        let word = match self {
            Self::Text(text) => text.clone(),
            other => other.to_string(),
        };
        words
            .iter()
            .find(|(known, _)| *known == word)
            .map(|(_, meaning)| *meaning)
            .ok_or_else(|| {
                let quoted: Vec<String> = words
                    .iter()
                    .map(|(known, _)| format!("\"{known}\""))
                    .collect();
                match quoted.split_last() {
                    Some((last, [])) => format!("write {last}"),
                    Some((last, others)) => format!("write {} or {last}", others.join(", ")),
                    None => String::new(),
                }
            })
    }

    /// A size such as "16MiB", in bytes.
    pub(super) fn bytes(&self) -> Result<usize, String> {
        const UNITS: [(&str, usize); 4] = [
            ("GiB", 1 << 30),
            ("MiB", 1 << 20),
            ("KiB", 1 << 10),
            ("B", 1),
        ];
        let wrong = "write a size such as \"16MiB\", in B, KiB, MiB or GiB, from 1KiB to 1GiB";
        let text = self.text().map_err(|_| wrong.to_owned())?;
        let of = |&(unit, size): &(&str, usize)| {
            let count: usize = text.strip_suffix(unit)?.trim_end().parse().ok()?;
            count.checked_mul(size)
        };
        UNITS
            .iter()
            .find_map(of)
            .filter(|bytes| (1 << 10..=1 << 30).contains(bytes))
            .ok_or_else(|| wrong.to_owned())
    }
}

/// As TOML.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{}", toml::Value::String(text.clone())),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{}", toml::Value::Float(*number)),
            Self::Bool(yes) => write!(f, "{yes}"),
            Self::List(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str("]")
            }
            Self::Other => f.write_str("a table or date"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_taken_as_it_is_meant() {
        assert_eq!(Value::typed("40"), Value::Integer(40));
        assert_eq!(Value::typed("1h"), Value::Text("1h".to_owned()));
        assert_eq!(Value::typed("1/week"), Value::Text("1/week".to_owned()));
        assert_eq!(Value::typed("\"a\""), Value::Text("a".to_owned()));
        assert_eq!(Value::typed("[1, \"b\"]").to_string(), "[1, \"b\"]");
        assert_eq!(
            Value::typed("1979-05-27"),
            Value::Text("1979-05-27".to_owned())
        );
    }

    #[test]
    fn sizes_and_durations_need_a_unit() {
        assert_eq!(Value::typed("16MiB").bytes(), Ok(16 << 20));
        assert!(Value::typed("16").bytes().is_err());
        assert!(Value::typed("99999999999999GiB").bytes().is_err());
        assert_eq!(Value::typed("0s").duration("1s"), Ok(Duration::ZERO));
        assert!(Value::typed("60").duration("60s").is_err());
        assert!(Value::typed("-1s").duration("60s").is_err());
        assert!(Value::typed("0s").extent(1).is_err());
        assert_eq!(
            Value::typed("1h").extent(1),
            Ok(Extent::Time(3_600_000_000_000))
        );
    }

    #[test]
    fn a_range_is_two_numbers_the_lower_first() {
        let range = |text: &str| Value::typed(text).range();
        assert_eq!(range("[-5, 25.5]"), Ok([-5.0, 25.5]));
        assert_eq!(range("[-inf, 25]"), Ok([f64::NEG_INFINITY, 25.0]));
        let all = Ok([f64::NEG_INFINITY, f64::INFINITY]);
        assert_eq!((range("[]"), range("[-inf, +inf]")), (all.clone(), all));
        for (wrong, hint) in [
            ("[25, 5]", "the lower number first: [5.0, 25.0]"),
            ("[inf, 5]", "the lower number first: [5.0, inf]"),
            ("[5, 5]", "low is below high"),
            ("[inf, inf]", "low is below high"),
            ("[nan, 5]", "[0.0, 100.0]"),
            ("[5]", "[0.0, 100.0]"),
            ("[1, 2, 3]", "[0.0, 100.0]"),
            ("5", "[0.0, 100.0]"),
            ("[\"5\", 6]", "[0.0, 100.0]"),
        ] {
            assert!(
                range(wrong).is_err_and(|text| text.contains(hint)),
                "{wrong}: {:?}",
                range(wrong)
            );
        }
    }

    #[test]
    fn a_list_of_numbers_has_each_once() {
        let numbers = |text: &str| Value::typed(text).numbers(3);
        assert_eq!(numbers("[18, -2.5, 1e3]"), Ok(vec![18.0, -2.5, 1000.0]));
        assert_eq!(numbers("22"), Ok(vec![22.0]));
        assert_eq!(numbers("[]"), Ok(vec![]));
        for (wrong, hint) in [
            ("[1, 2, 3, 4]", "at most 3"),
            ("[18, 22, 18.0]", "18 stands there twice"),
            ("[0.0, -0.0]", "0 stands there twice"),
            ("[1, inf]", "a list of numbers"),
            ("[nan]", "a list of numbers"),
            ("[\"18\"]", "a list of numbers"),
            ("warm", "a list of numbers"),
            ("[[1]]", "a list of numbers"),
        ] {
            assert!(
                numbers(wrong).is_err_and(|text| text.contains(hint)),
                "{wrong}"
            );
        }
    }
}
