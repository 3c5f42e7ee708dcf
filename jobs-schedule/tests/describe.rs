//! Descriptions of all forms, in both languages.

use jobs_schedule::{Cron, Language};

#[track_caller]
fn check(table: &[(&str, &str, &str)]) {
    for (text, english, turkish) in table {
        let cron = Cron::parse(text).expect(text);
        assert_eq!(cron.describe(Language::English), *english, "`{text}`");
        assert_eq!(cron.describe(Language::Turkish), *turkish, "`{text}`");
    }
}

#[test]
fn times_of_day() {
    check(&[
        ("* * * * *", "Every minute", "Her dakika"),
        ("*/5 * * * *", "Every 5 minutes", "Her 5 dakikada bir"),
        ("*/7 * * * *", "Every 7 minutes, starting anew each hour", "Her saat başından itibaren her 7 dakikada bir"),
        ("0 * * * *", "Every hour", "Her saat başı"),
        ("15 * * * *", "Every hour, at minute 15", "Her saatin 15. dakikasında"),
        ("0,15,30 * * * *", "At minutes 0, 15 and 30 of every hour", "Her saatin 0., 15. ve 30. dakikalarında"),
        (
            "5-10 * * * *",
            "Every minute from minute 5 through minute 10 of each hour",
            "Her saatin 5. dakikasından 10. dakikasına kadar her dakika",
        ),
        (
            "50-10 * * * *",
            "Every minute from minute 50 of each hour through minute 10 of the next",
            "Her saatin 50. dakikasından bir sonrakinin 10. dakikasına kadar her dakika",
        ),
        (
            "5/15 * * * *",
            "Every 15 minutes from minute 5 through minute 50 of each hour",
            "Her saatin 5. dakikasından 50. dakikasına kadar her 15 dakikada bir",
        ),
        (
            "10-40/10 * * * *",
            "Every 10 minutes from minute 10 through minute 40 of each hour",
            "Her saatin 10. dakikasından 40. dakikasına kadar her 10 dakikada bir",
        ),
        ("0 */2 * * *", "Every 2 hours", "Her 2 saatte bir"),
        ("30 */2 * * *", "Every 2 hours, at minute 30", "Her 2 saatte bir, 30. dakikada"),
        ("0 */5 * * *", "Every 5 hours, starting anew each day", "Her gün gece yarısından itibaren her 5 saatte bir"),
        ("0 9-17 * * *", "Every hour from 09:00 through 17:00", "09:00-17:00 arasında her saat başı"),
        ("30 9-17 * * *", "Every hour from 09:30 through 17:30", "09:30-17:30 arasında saatte bir"),
        ("0 22-2 * * *", "Every hour from 22:00 through 02:00", "22:00-02:00 arasında her saat başı"),
        ("0 9-17/2 * * *", "Every 2 hours from 09:00 through 17:00", "09:00-17:00 arasında 2 saatte bir"),
        ("*/5 9-17 * * *", "Every 5 minutes from 09:00 through 17:55", "09:00-17:55 arasında her 5 dakikada bir"),
        ("* 2 * * *", "Every minute from 02:00 through 02:59", "02:00-02:59 arasında her dakika"),
        ("*/10 2,4 * * *", "Every 10 minutes, during hours 2 and 4", "2 ve 4 saatleri içinde, her 10 dakikada bir"),
        ("10-20 2 * * *", "Every minute from 02:10 through 02:20", "02:10-02:20 arasında her dakika"),
        ("0,30 9-17 * * *", "At minutes 0 and 30, during hours 9-17", "9-17 saatleri içinde, 0. ve 30. dakikalarda"),
        ("0 0 * * *", "At 00:00 every day", "Her gün saat 00:00'da"),
        ("0 8 * * *", "At 08:00 every day", "Her gün saat 08:00'de"),
        ("30 8,12,18 * * *", "At 08:30, 12:30 and 18:30 every day", "Her gün saat 08:30, 12:30 ve 18:30'da"),
        ("0 0-5,8,20 * * *", "At minute 0, during hours 0-5, 8 and 20", "0-5, 8 ve 20 saatleri içinde, 0. dakikada"),
        ("* * * * * *", "Every second", "Her saniye"),
        ("*/10 * * * * *", "Every 10 seconds", "Her 10 saniyede bir"),
        (
            "*/7 * * * * *",
            "Every 7 seconds, starting anew each minute",
            "Her dakika başından itibaren her 7 saniyede bir",
        ),
        ("30 * * * * *", "Every minute, at second 30", "Her dakika, 30. saniyede"),
        ("30 15 * * * *", "Every hour, at minute 15 and second 30", "Her saatin 15. dakikasının 30. saniyesinde"),
        ("15 30 8 * * *", "At 08:30:15 every day", "Her gün saat 08:30:15'te"),
        (
            "*/10 5 2 * * *",
            "Every 10 seconds from 02:05:00 through 02:05:50",
            "02:05:00-02:05:50 arasında her 10 saniyede bir",
        ),
        ("* * 9-17 * * *", "Every second from 09:00:00 through 17:59:59", "09:00:00-17:59:59 arasında her saniye"),
        ("0,30 * * * * *", "At seconds 0 and 30 of every minute", "Her dakikanın 0. ve 30. saniyelerinde"),
        (
            "0,30 1,2 * * * *",
            "At seconds 0 and 30, at minutes 1 and 2 of every hour",
            "Her saatin 1. ve 2. dakikalarında, 0. ve 30. saniyelerde",
        ),
        ("5 */5 * * * *", "Every 5 minutes, at second 5", "Her 5 dakikada bir, 5. saniyede"),
        (
            "10-20 * * * * *",
            "Every second from second 10 through second 20 of each minute",
            "Her dakikanın 10. saniyesinden 20. saniyesine kadar her saniye",
        ),
        (
            "0,20 */5 9,12 * * *",
            "At seconds 0 and 20, in every 5th minute, during hours 9 and 12",
            "9 ve 12 saatleri içinde, her 5 dakikada bir, 0. ve 20. saniyelerde",
        ),
        ("0 3 * * *", "At 03:00 every day", "Her gün saat 03:00'te"),
        ("0 20 * * *", "At 20:00 every day", "Her gün saat 20:00'de"),
        ("0 23 * * *", "At 23:00 every day", "Her gün saat 23:00'te"),
        ("40 10 * * *", "At 10:40 every day", "Her gün saat 10:40'ta"),
        ("0 0/3 * * *", "Every 3 hours", "Her 3 saatte bir"),
        (
            "0,30 */5 * * * *",
            "At seconds 0 and 30, in every 5th minute of every hour",
            "Her 5 dakikada bir, 0. ve 30. saniyelerde",
        ),
        (
            "0,30 */5 1,9 * * *",
            "At seconds 0 and 30, in every 5th minute, during hours 1 and 9",
            "1 ve 9 saatleri içinde, her 5 dakikada bir, 0. ve 30. saniyelerde",
        ),
        (
            "*/10 1-5,9 */2 * * *",
            "Every 10 seconds, at minutes 1-5 and 9, in every 2nd hour",
            "Her 2. saatte, 1-5. ve 9. dakikalarda, her 10 saniyede bir",
        ),
        (
            "0 */7,3 * * *",
            "At minute 0, during hours 0, 3, 7, 14 and 21",
            "0, 3, 7, 14 ve 21 saatleri içinde, 0. dakikada",
        ),
        (
            "30 30-29/7 * * * *",
            "Every 7 minutes from minute 30 of each hour through minute 26 of the next, at second 30",
            "Her saatin 30. dakikasından bir sonrakinin 26. dakikasına kadar her 7 dakikada bir, 30. saniyede",
        ),
    ]);
}

#[test]
fn days_of_the_month() {
    check(&[
        ("0 0 L * *", "At 00:00 on the last day of the month", "Her ayın son günü saat 00:00'da"),
        (
            "0 0 L-3 * *",
            "At 00:00 on the 3rd day before the last day of the month",
            "Her ayın son gününden 3 gün önce saat 00:00'da",
        ),
        (
            "0 0 L-1 * *",
            "At 00:00 on the day before the last day of the month",
            "Her ayın son gününden 1 gün önce saat 00:00'da",
        ),
        ("0 0 LW * *", "At 00:00 on the last weekday of the month", "Her ayın son hafta içi günü saat 00:00'da"),
        (
            "0 0 15W * *",
            "At 00:00 on the weekday nearest day 15 of the month",
            "Her ayın 15. gününe en yakın hafta içi günü saat 00:00'da",
        ),
        ("0 0 1,15 * *", "At 00:00 on days 1 and 15 of the month", "Her ayın 1. ve 15. günleri saat 00:00'da"),
        ("0 0 1-7 * *", "At 00:00 on days 1 through 7 of the month", "Her ayın 1-7. günleri saat 00:00'da"),
        (
            "0 0 */2 * *",
            "At 00:00 on every 2nd day of the month",
            "Her ayın 1. gününden itibaren 2 günde bir saat 00:00'da",
        ),
        (
            "0 0 */3 * *",
            "At 00:00 on every 3rd day of the month",
            "Her ayın 1. gününden itibaren 3 günde bir saat 00:00'da",
        ),
        (
            "0 0 5-25/5 * *",
            "At 00:00 on every 5th day from day 5 through day 25 of the month",
            "Her ayın 5. gününden 25. gününe kadar 5 günde bir saat 00:00'da",
        ),
        (
            "0 0 1,10-12,L * *",
            "At 00:00 on days 1 and 10 through 12 and the last day of the month",
            "Her ayın 1. ve 10-12. günleri ve son günü saat 00:00'da",
        ),
    ]);
}

#[test]
fn weekdays() {
    check(&[
        ("0 0 * * MON", "At 00:00 on Monday", "Her pazartesi saat 00:00'da"),
        ("0 0 * * MON-FRI", "At 00:00, Monday through Friday", "Hafta içi her gün saat 00:00'da"),
        (
            "0 0 * * 1,3,5",
            "At 00:00 on Monday, Wednesday and Friday",
            "Pazartesi, çarşamba ve cuma günleri saat 00:00'da",
        ),
        ("0 0 * * SAT,SUN", "At 00:00 on Saturday and Sunday", "Hafta sonu günleri saat 00:00'da"),
        ("0 0 * * TUE-THU", "At 00:00, Tuesday through Thursday", "Salı-perşembe günleri saat 00:00'da"),
        ("0 0 * * FRI-MON", "At 00:00, Friday through Monday", "Cuma-pazartesi günleri saat 00:00'da"),
        (
            "0 0 * * */2",
            "At 00:00 on Tuesday, Thursday, Saturday and Sunday",
            "Salı, perşembe, cumartesi ve pazar günleri saat 00:00'da",
        ),
        ("0 0 * * 5L", "At 00:00 on the last Friday of the month", "Her ayın son cuma günü saat 00:00'da"),
        ("0 0 * * FRI#2", "At 00:00 on the second Friday of the month", "Her ayın ikinci cuma günü saat 00:00'da"),
        (
            "0 0 * * 1#1,1#3",
            "At 00:00 on the first Monday and the third Monday of the month",
            "Her ayın birinci pazartesi ve üçüncü pazartesi günleri saat 00:00'da",
        ),
        (
            "0 0 * * MON,FRIL",
            "At 00:00 on Monday and the last Friday of the month",
            "Her pazartesi ve her ayın son cuma günü saat 00:00'da",
        ),
        (
            "*/5 8-18 * * MON-FRI",
            "Every 5 minutes from 08:00 through 18:55, Monday through Friday",
            "Hafta içi her gün, 08:00-18:55 arasında her 5 dakikada bir",
        ),
        ("0 8 ? * MON#1", "At 08:00 on the first Monday of the month", "Her ayın birinci pazartesi günü saat 08:00'de"),
    ]);
}

#[test]
fn both_day_fields() {
    check(&[
        (
            "0 0 13 * 5",
            "At 00:00 on day 13 of the month and also on every Friday",
            "Her ayın 13. günü ve ayrıca her cuma saat 00:00'da",
        ),
        (
            "0 0 13 * +5",
            "At 00:00 on day 13 of the month if it is a Friday",
            "Her ayın 13. günü, yalnızca cuma günüyse, saat 00:00'da",
        ),
        (
            "0 0 13 * +MON,FRI",
            "At 00:00 on day 13 of the month if it is a Monday or Friday",
            "Her ayın 13. günü, yalnızca pazartesi veya cuma günüyse, saat 00:00'da",
        ),
        (
            "0 0 */2 * 1",
            "At 00:00 on every 2nd day of the month if it is a Monday",
            "Her ayın 1. gününden itibaren 2 günde bir, yalnızca pazartesi günüyse, saat 00:00'da",
        ),
        (
            "0 0 1 * FRI#1",
            "At 00:00 on day 1 of the month and also on the first Friday of the month",
            "Her ayın 1. günü ve ayrıca her ayın birinci cuma günü saat 00:00'da",
        ),
        ("0 0 1-31 * 1", "At 00:00 every day", "Her gün saat 00:00'da"),
    ]);
}

#[test]
fn months_and_words() {
    check(&[
        (
            "0 0 13 6 5L",
            "At 00:00 on day 13 of June and also on the last Friday of June",
            "Haziran ayının 13. günü ve ayrıca haziran ayının son cuma günü saat 00:00'da",
        ),
        ("0 0 1 1 *", "At 00:00 on day 1 of January", "Ocak ayının 1. günü saat 00:00'da"),
        ("0 0 1 1,7 *", "At 00:00 on day 1 of January and July", "Ocak ve temmuz aylarının 1. günü saat 00:00'da"),
        (
            "0 0 * NOV-FEB *",
            "At 00:00 every day from November through February",
            "Kasım-şubat aylarında her gün saat 00:00'da",
        ),
        ("0 0 * JUN MON", "At 00:00 on Monday in June", "Haziran ayında her pazartesi saat 00:00'da"),
        (
            "*/15 * * 6-8 *",
            "Every 15 minutes, from June through August",
            "Haziran-ağustos aylarında, her 15 dakikada bir",
        ),
        (
            "0 0 1 */3 *",
            "At 00:00 on day 1 of January, April, July and October",
            "Ocak, nisan, temmuz ve ekim aylarının 1. günü saat 00:00'da",
        ),
        ("0 12 29 2 *", "At 12:00 on day 29 of February", "Şubat ayının 29. günü saat 12:00'de"),
        ("0 0 L 2 *", "At 00:00 on the last day of February", "Şubat ayının son günü saat 00:00'da"),
        ("@daily", "At 00:00 every day", "Her gün saat 00:00'da"),
        ("@hourly", "Every hour", "Her saat başı"),
        ("@every_second", "Every second", "Her saniye"),
        (
            "0 0 * 2 FRI,5#5",
            "At 00:00 on Friday and the fifth Friday of the month in February",
            "Şubat ayında her cuma ve şubat ayının beşinci cuma günü saat 00:00'da",
        ),
        (
            "0 0 * MAR-OCT MON-FRI",
            "At 00:00, Monday through Friday from March through October",
            "Mart-ekim aylarında hafta içi her gün saat 00:00'da",
        ),
    ]);
}
