//! Numbers as a person reads them: few digits, a dash where there is none. And names that fit.

/// A duration in the largest unit that it is a whole number of.
pub(in crate::tools) fn duration(seconds: f64) -> String {
    let units = [(86_400.0, "d"), (3_600.0, "h"), (60.0, "m"), (1.0, "s")];
    let fits = |unit: &&(f64, &str)| {
        let count = seconds / unit.0;
        count >= 1.0 && (count - count.round()).abs() < 1e-6 * count
    };
    match units.iter().find(fits) {
        Some((unit, name)) => format!("{:.0}{name}", seconds / unit),
        None => format!("{}s", significant(seconds)),
    }
}

pub(in crate::tools) fn counted(count: u64, one: &str, several: &str) -> String {
    let name = if count == 1 { one } else { several };
    format!("{} {name}", grouped(count))
}

/// `11,900`.
pub(in crate::tools) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

pub(in crate::tools) fn percent(share: f64, digits: usize) -> String {
    or_dash(share, |share| format!("{:.digits$} %", 100.0 * share))
}

/// A ratio.
pub(in crate::tools) fn decimals(ratio: f64) -> String {
    or_dash(ratio, |ratio| {
        if ratio < 100.0 {
            format!("{ratio:.3}")
        } else {
            format!("{ratio:.0}")
        }
    })
}

/// A count that need not be whole.
pub(in crate::tools) fn rounded(count: f64) -> String {
    or_dash(count, |count| match count {
        ..1e-300 => "0".to_owned(),
        ..0.01 => "<0.01".to_owned(),
        ..1.0 => format!("{count:.2}"),
        ..100.0 => format!("{count:.1}"),
        _ => grouped(count as u64),
    })
}

/// Four digits.
pub(in crate::tools) fn significant(value: f64) -> String {
    or_dash(value, |value| {
        let magnitude = value.abs().log10().floor();
        if value.abs() > 0.0 && !(-4.0..7.0).contains(&magnitude) {
            return format!("{value:.3e}");
        }
        let digits = (3.0 - magnitude).clamp(0.0, 7.0) as usize;
        let digits = if value.abs() > 0.0 { digits } else { 0 };
        format!("{value:.digits$}")
    })
}

/// At most so many characters of a name: it loses its middle.
pub(in crate::tools) fn shortened(name: &str, most: usize) -> String {
    let chars: Vec<char> = name.chars().collect();
    if chars.len() <= most {
        return name.to_owned();
    }
    let half = (most / 2).saturating_sub(1);
    let ends = [&chars[..half], &chars[chars.len() - half..]];
    let [start, end] = ends.map(|part| part.iter().collect::<String>());
    format!("{start}..{end}")
}

fn or_dash(value: f64, show: impl Fn(f64) -> String) -> String {
    if value.is_nan() {
        "-".to_owned()
    } else {
        show(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let all = [0.0, 0.052_314, 12.345_6, 123_456.7, 1.234_56e9, 1e-7].map(significant);
        assert_eq!(
            all,
            ["0", "0.05231", "12.35", "123457", "1.235e9", "1.000e-7"]
        );
        assert_eq!(
            [0, 999, 11_900, 1_234_567].map(grouped),
            ["0", "999", "11,900", "1,234,567"]
        );
        let ratios = [0.9999, 250.4, f64::INFINITY, f64::NAN].map(decimals);
        assert_eq!(ratios, ["1.000", "250", "inf", "-"]);
        let durations = [604_800.0, 86_400.0, 5_400.0, 10.0, 0.25].map(duration);
        assert_eq!(durations, ["7d", "1d", "90m", "10s", "0.2500s"]);
    }

    #[test]
    fn a_long_name_keeps_both_ends() {
        let name = shortened(&format!("cpu,{} usage", "x".repeat(100)), 44);
        assert_eq!(name.chars().count(), 44);
        assert!(name.starts_with("cpu,") && name.ends_with(" usage"));
        assert_eq!(shortened("cpu usage", 44), "cpu usage");
        assert_eq!(shortened("cpu usage", 1), "..");
    }
}
