//! Every refusal: its message, and the part of the text it points at.

use jobs_schedule::Cron;

#[track_caller]
fn check(text: &str, guilty: &str, message: &str) {
    let error = Cron::parse(text).expect_err(text);
    assert_eq!(error.to_string(), message, "`{text}`");
    assert_eq!(&text[error.range()], guilty, "`{text}`: {:?}", error.range());
}

#[test]
fn shape_of_the_expression() {
    check("", "", "the expression is empty; write five fields, such as `0 8 * * MON-FRI`");
    check("  ", "  ", "the expression is empty; write five fields, such as `0 8 * * MON-FRI`");
    check("0", "0", "1 field is too few; write 5: minute hour day month weekday");
    check(" 0 0 L * ", "0 0 L *", "4 fields are too few; write 5: minute hour day month weekday");
    check(
        "0 0 0 1 1 * 2026",
        "2026",
        "7 fields are too many; write 5 (minute hour day month weekday) or 6 with seconds first, there is no year",
    );
    check(
        "0 0 0 1 1 * 2026 x ",
        "2026 x",
        "8 fields are too many; write 5 (minute hour day month weekday) or 6 with seconds first, there is no year",
    );
    let strange = |c| format!("`{c}` has no meaning here; write numbers, names and `* , - / ? # +` only");
    check("0 0 * * MON; DROP", ";", &strange(";"));
    check("0 0 * * Çar", "Ç", &strange("Ç"));
    check("0\u{a0}0 * * *", "\u{a0}", &strange("\\u{a0}"));
    check("0 0 * * 5.5", ".", &strange("."));
    check("0 0 * * %", "%", &strange("%"));
}

#[test]
fn words() {
    let words = "@yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, @every_minute, @every_second";
    check("@dayly", "@dayly", &format!("`@dayly` is not a known word; write one of {words}"));
    check(" @ ", "@", &format!("`@` is not a known word; write one of {words}"));
    check("@daily 5", "@daily 5", &format!("`@daily 5` is not a known word; write one of {words}"));
    check("@reboot", "@reboot", "`@reboot` is not a time; enqueue the job where the program starts");
    check(
        "@every 5m",
        "@every 5m",
        "`@every` would count from the start of the process; write a step, such as `*/5 * * * *`",
    );
}

#[test]
fn values() {
    check("60 * * * *", "60", "minute 60 is out of range; write a number from 0 to 59");
    check("* 24 * * *", "24", "hour 24 is out of range; write a number from 0 to 23");
    check("* * 0 * *", "0", "day of month 0 is out of range; write a number from 1 to 31");
    check("* * 32 * *", "32", "day of month 32 is out of range; write a number from 1 to 31");
    check("* * * 13 *", "13", "month 13 is out of range; write a number from 1 to 12");
    check("* * * 0 *", "0", "month 0 is out of range; write a number from 1 to 12");
    check("* * * * 8", "8", "weekday 8 is out of range; write a number from 0 to 7");
    check("60 * * * * *", "60", "second 60 is out of range; write a number from 0 to 59");
    check("0 0 1,40 * *", "40", "day of month 40 is out of range; write a number from 1 to 31");
    check("0 9-25 * * *", "25", "hour 25 is out of range; write a number from 0 to 23");
    check("99999999999 * * * *", "99999999999", "minute 99999999999 is out of range; write a number from 0 to 59");
    check("300 * * * *", "300", "minute 300 is out of range; write a number from 0 to 59");
    check("MON * * * *", "MON", "`MON` is not a minute; write a number from 0 to 59, `*`, a list, a range or a step");
    check("+5 * * * *", "+5", "`+5` is not a minute; write a number from 0 to 59, `*`, a list, a range or a step");
}

#[test]
fn names() {
    let weekday = |text| format!("`{text}` is not a weekday; write a number from 0 to 7, or a name such as MON");
    let month = |text| format!("`{text}` is not a month; write a number from 1 to 12, or a name such as JAN");
    check("0 0 * * MONTUE", "MONTUE", &weekday("MONTUE"));
    check("0 0 * * SUNMON", "SUNMON", &weekday("SUNMON"));
    check("0 0 * * MONDAYS", "MONDAYS", &weekday("MONDAYS"));
    check("0 0 * * JAN", "JAN", &weekday("JAN"));
    check("0 0 1 JANJAN *", "JANJAN", &month("JANJAN"));
    check("0 0 1 MON *", "MON", &month("MON"));
    check("0 0 1 1JAN *", "1JAN", &month("1JAN"));
    check(
        "0 0 1JAN * *",
        "1JAN",
        "`1JAN` is not a day of month; write a number from 1 to 31, or `L`, `L-3`, `LW`, `15W`",
    );
    check("0 0 * * FRI-", "FRI-", "`FRI-` is not a range; write a first and a last weekday");
    check("0 0 * * MON-XYZ", "XYZ", &weekday("XYZ"));
}

#[test]
fn lists_ranges_and_steps() {
    let empty = |field| format!("the {field} list has an empty item; remove the comma or write a value");
    check(", * * * *", ",", &empty("minute"));
    check("1,,2 * * * *", ",", &empty("minute"));
    check("0 0 1, * *", ",", &empty("day of month"));
    check("0 0 * * ,MON", ",", &empty("weekday"));
    check("0 *,5 * * *", "*", "`*` already means every hour; write it alone, or leave it out of the list");
    check("0 0 1,? * *", "?", "`?` already means every day of month; write it alone, or leave it out of the list");
    check("1-5-9 * * * *", "1-5-9", "`1-5-9` is not a range; write a first and a last minute");
    check("-5 * * * *", "-5", "`-5` is not a range; write a first and a last minute");
    check("*-5 * * * *", "*", "`*` is not a minute; write a number from 0 to 59, `*`, a list, a range or a step");
    check("*/0 * * * *", "0", "a step of 0 stands still; write 1 or more");
    check("*/61 * * * *", "61", "step 61 reaches only the first minute; write a smaller step, or `0` alone");
    check("*/60 * * * *", "60", "step 60 reaches only the first minute; write a smaller step, or `0` alone");
    check("0 */24 * * *", "24", "step 24 reaches only the first hour; write a smaller step, or `0` alone");
    check("5-10/6 * * * *", "6", "step 6 reaches only the first minute; write a smaller step, or `5` alone");
    check("50/15 * * * *", "15", "step 15 reaches only the first minute; write a smaller step, or `50` alone");
    check("0 22-2/5 * * *", "5", "step 5 reaches only the first hour; write a smaller step, or `22` alone");
    check("*/x * * * *", "*/x", "`x` is not a step; write a number after `/`, such as `*/5`");
    check("*/ * * * *", "*/", "`` is not a step; write a number after `/`, such as `*/5`");
    check("*/5/5 * * * *", "*/5/5", "`5/5` is not a step; write a number after `/`, such as `*/5`");
    check("/5 * * * *", "/", "the minute is missing; write a number from 0 to 59, `*`, a list, a range or a step");
    check("** * * * *", "**", "`**` is not a minute; write a number from 0 to 59, `*`, a list, a range or a step");
    check("? * * * *", "?", "`?` is for the two day fields; write `*` for every minute");
    check("0 0 ?/2 * *", "?", "`?` takes no step; write `*`");
}

#[test]
fn days_of_the_month() {
    check("0 0 L-0 * *", "L-0", "`L-0` is the last day itself; write `L`");
    let before = "`L-` takes a number from 1 to 30; write `L-3` for three days before the last";
    check("0 0 L-31 * *", "L-31", before);
    check("0 0 L- * *", "L-", before);
    check("0 0 L-3W * *", "L-3W", before);
    check("0 0 32W * *", "32", "day of month 32 is out of range; write a number from 1 to 31");
    check("0 0 W * *", "W", "`W` needs a day before it; write `15W` or `LW`");
    check("0 0 5-10W * *", "5-10W", "`W` goes with one day; write `15W` or `LW`");
    check("0 0 5L * *", "5L", "`5L` is a last weekday; write it in the weekday field");
    check("0 0 FRI#2 * *", "FRI#2", "`#` counts weekdays; write it in the weekday field, such as `* * FRI#2`");
    check("0 L * * *", "L", "`L` is not an hour; write a number from 0 to 23, `*`, a list, a range or a step");
}

#[test]
fn weekdays() {
    let last = "`L` alone belongs in the day-of-month field; for a last weekday write which, such as `5L` or `FRIL`";
    check("* * * * L", "L", last);
    check("0 0 * * L-3", "L-3", last);
    check("0 0 * * LW", "LW", last);
    let nth = "`#` takes a number from 1 to 5; write `FRI#2` for the second Friday of the month";
    check("0 0 * * 5#0", "5#0", nth);
    check("0 0 * * 5#6", "5#6", nth);
    check("0 0 * * FRI#", "FRI#", nth);
    check("0 0 * * #2", "#", "the weekday is missing; write a number from 0 to 7, or a name such as MON");
    check("0 0 * * 8#1", "8", "weekday 8 is out of range; write a number from 0 to 7");
    check("0 0 * * 1-5#2", "1-5", "`1-5` is not a weekday; write a number from 0 to 7, or a name such as MON");
    let plus = "`+` joins the day of month with a weekday; write one after it, such as `+FRI`";
    check("0 0 13 * +", "+", plus);
    check("0 0 13 * +*", "+*", plus);
    check("0 0 13 * 1,+5", "+5", "`+5` is not a weekday; write a number from 0 to 7, or a name such as MON");
}

#[test]
fn what_never_fires() {
    let never = |months, days| {
        format!(
            "no month of `{months}` ever has the day `{days}`; write another day, or `L` for the last day of the month"
        )
    };
    check("0 0 30 2 *", "30 2", &never("2", "30"));
    check("0 0 31 2 *", "31 2", &never("2", "31"));
    check(" 0 0 31 4,6,9,11 *", "31 4,6,9,11", &never("4,6,9,11", "31"));
    check("0 0 0 L-29 FEB ?", "L-29 FEB", &never("FEB", "L-29"));
    check("0 0 31W JUN *", "31W JUN", &never("JUN", "31W"));
    check(
        "0 0 1-7 * +FRIL",
        "1-7 * +FRIL",
        "the days `1-7` and the weekdays `FRIL` never meet in the months `*`; widen one of them",
    );
    check(
        "0 0 15 * +MON#1",
        "15 * +MON#1",
        "the days `15` and the weekdays `MON#1` never meet in the months `*`; widen one of them",
    );
}

#[test]
fn rare_but_real() {
    for text in ["0 0 29 2 *", "0 0 29 2 +MON", "0 0 * 2 5#5", "0 0 31 2 1", "0 0 L-30 * *", "0 0 29W 2 *"] {
        assert!(Cron::parse(text).is_ok(), "{text}");
    }
}
