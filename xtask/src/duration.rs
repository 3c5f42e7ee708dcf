//! How a duration is written in a report.

use std::time::Duration;

/// `0.4s`, `12.3s`, `3m 07s`.
pub(crate) fn short(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 59.95 {
        format!("{seconds:.1}s")
    } else {
        let whole = seconds.round() as u64;
        format!("{}m {:02}s", whole / 60, whole % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_short() {
        for (millis, expected) in
            [(40, "0.0s"), (12_340, "12.3s"), (59_940, "59.9s"), (59_960, "1m 00s"), (187_000, "3m 07s")]
        {
            assert_eq!(short(Duration::from_millis(millis)), expected);
        }
    }
}
