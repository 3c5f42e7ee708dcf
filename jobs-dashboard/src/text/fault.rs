//! Pages that say why there is no page.

use jobs_runtime::storage::SchemaVersion;

use crate::policy::{Refusal, Role};

/// Words of faults: a title and a sentence each.
pub(crate) struct Fault {
    pub(crate) challenged: (&'static str, &'static str),
    pub(crate) refused: (&'static str, fn(Refusal) -> &'static str),
    pub(crate) how: &'static str,
    pub(crate) forbidden_title: &'static str,
    pub(crate) forbidden: fn(Role, Option<&str>) -> String,
    pub(crate) foreign: (&'static str, &'static str),
    pub(crate) missing_page: (&'static str, &'static str),
    pub(crate) missing_thing: &'static str,
    pub(crate) method: (&'static str, &'static str),
    pub(crate) bad: &'static str,
    pub(crate) conflict: &'static str,
    pub(crate) untaken: &'static str,
    pub(crate) media_type: (&'static str, &'static str),
    pub(crate) too_large: (&'static str, &'static str),
    pub(crate) down: (&'static str, &'static str),
    pub(crate) slow: (&'static str, &'static str),
    pub(crate) crowded: (&'static str, &'static str),
    pub(crate) full: (&'static str, &'static str),
    pub(crate) read_only: (&'static str, &'static str),
    pub(crate) tables: &'static str,
    pub(crate) tables_unknown: &'static str,
    pub(crate) tables_of: fn(SchemaVersion) -> String,
    pub(crate) busy: (&'static str, &'static str),
    pub(crate) internal: (&'static str, &'static str),
    pub(crate) home: &'static str,
    pub(crate) again: &'static str,
}

pub(super) const ENGLISH: Fault = Fault {
    challenged: ("Please sign in", "This dashboard asks who you are."),
    refused: ("No access", |refusal| match refusal {
        Refusal::NoPolicy => "This dashboard has no policy yet, so that it is closed to everybody.",
        Refusal::Forwarded => {
            "Only visitors at the same machine are let in, and this request came through a proxy, which makes everybody look near."
        }
        Refusal::UnknownPeer => {
            "Only visitors at the same machine are let in, and the server does not tell where this request came from. With axum, serve \
             the application with into_make_service_with_connect_info::<SocketAddr>()."
        }
        Refusal::Remote => "Only visitors at the same machine are let in.",
        Refusal::Host => "Only visitors at the same machine are let in, by the name localhost or a loopback address.",
        Refusal::NoRole => "The policy of this dashboard gives you no role.",
    }),
    how: "The owner of the application sets a policy in three lines:",
    forbidden_title: "Not allowed",
    forbidden: |needs, queue| match queue {
        Some(queue) => {
            format!("This takes the role \u{201c}{}\u{201d} on the queue \u{201c}{queue}\u{201d}.", role(needs))
        }
        None => format!("This takes the role \u{201c}{}\u{201d}.", role(needs)),
    },
    foreign: (
        "Refused",
        "The request came from a page of another site. If you did press a button here, a proxy changes the headers Host or Origin.",
    ),
    missing_page: ("Not found", "There is no page with this address."),
    missing_thing: "Not found",
    method: ("Not like this", "This address is there, but not for this method."),
    bad: "That cannot be meant",
    conflict: "It has changed meanwhile",
    untaken: "Not in this state",
    media_type: ("Not JSON", "What is sent here is JSON, with the header content-type: application/json."),
    too_large: ("Too large", "What you sent is larger than a form may be."),
    down: (
        "The database does not answer",
        "Pages come back as soon as it does. Jobs that are stored are safe, and servers keep trying.",
    ),
    slow: (
        "This takes too long",
        "The database was asked for longer than a page may ask. Narrow it: fewer days, one queue, one kind, or another word.",
    ),
    crowded: (
        "Too many requests",
        "More is asked of this dashboard than it may take from the workers. Try again in a moment.",
    ),
    full: (
        "The disk is full",
        "The database can store nothing until it has room again. What is stored is safe, and pages that only show go on.",
    ),
    read_only: (
        "The database cannot be written",
        "It may be read only: a standby, a file without the right to write, or a user without rights. Pages that only show go on.",
    ),
    tables: "The tables do not fit this program",
    tables_unknown: "A table is missing, or is not as this program needs it. What is wrong is written in the log of the application.",
    tables_of: |SchemaVersion { found, needed }| match found {
        None => format!(
            "The database has no tables of jobs, and this program needs version {needed}. Look whether it is the right database; if so, \
             restore it, or run the migrations: start a program of this version with migrations allowed."
        ),
        Some(found) if found < needed => format!(
            "The tables are of version {found}, and this program needs version {needed}. Run the migrations: start a program of this version \
             with migrations allowed."
        ),
        Some(found) if found > needed => format!(
            "The tables are of version {found}, and this program knows versions up to {needed}. Deploy the newer program."
        ),
        Some(found) => format!(
            "They are of version {found}, as this program needs, but one of them is missing or has been changed. Which it is, is written in \
             the log of the application. Restore the database from a backup."
        ),
    },
    busy: ("Too many live pages", "Pages work all the same, and ask for what is new every ten seconds."),
    internal: ("Something went wrong", "It is written in the log of the application."),
    home: "To the overview",
    again: "Try again",
};

fn role(role: Role) -> &'static str {
    (super::frame::ENGLISH.role)(role)
}

pub(super) const TURKISH: Fault = Fault {
    challenged: ("Lütfen oturum açın", "Bu panel kim olduğunuzu soruyor."),
    refused: ("Erişim yok", |refusal| match refusal {
        Refusal::NoPolicy => "Bu panelin henüz bir erişim kuralı yok, bu yüzden herkese kapalı.",
        Refusal::Forwarded => {
            "Yalnızca aynı makinedeki ziyaretçiler girebilir; bu istek ise herkesi yakında gösteren bir vekil sunucudan geldi."
        }
        Refusal::UnknownPeer => {
            "Yalnızca aynı makinedeki ziyaretçiler girebilir ve sunucu bu isteğin nereden geldiğini söylemiyor. axum ile uygulamayı \
             into_make_service_with_connect_info::<SocketAddr>() ile sunun."
        }
        Refusal::Remote => "Yalnızca aynı makinedeki ziyaretçiler girebilir.",
        Refusal::Host => {
            "Yalnızca aynı makinedeki ziyaretçiler, localhost adıyla ya da bir geri döngü adresiyle girebilir."
        }
        Refusal::NoRole => "Bu panelin kuralı size bir rol vermiyor.",
    }),
    how: "Uygulamanın sahibi kuralı üç satırda koyar:",
    forbidden_title: "İzin yok",
    forbidden: |needs, queue| {
        let needs = (super::frame::TURKISH.role)(needs);
        match queue {
            Some(queue) => {
                format!("Bunun için \u{201c}{queue}\u{201d} kuyruğunda \u{201c}{needs}\u{201d} rolü gerekir.")
            }
            None => format!("Bunun için \u{201c}{needs}\u{201d} rolü gerekir."),
        }
    },
    foreign: (
        "Reddedildi",
        "İstek başka bir sitenin sayfasından geldi. Buradaki bir düğmeye bastıysanız, bir vekil sunucu Host ya da Origin başlığını değiştiriyor.",
    ),
    missing_page: ("Bulunamadı", "Bu adreste bir sayfa yok."),
    missing_thing: "Bulunamadı",
    method: ("Böyle değil", "Bu adres var, ama bu yöntemle değil."),
    bad: "Geçersiz istek",
    conflict: "Bu arada değişti",
    untaken: "Bu durumda olmaz",
    media_type: ("JSON değil", "Buraya content-type: application/json başlığıyla JSON gönderilir."),
    too_large: ("Çok büyük", "Gönderdiğiniz, bir formun olabileceğinden büyük."),
    down: (
        "Veritabanı yanıt vermiyor",
        "Yanıt verir vermez sayfalar geri gelir. Saklanan işler güvende, sunucular denemeyi sürdürüyor.",
    ),
    slow: (
        "Bu çok uzun sürüyor",
        "Veritabanına bir sayfanın sorabileceğinden uzun soruldu. Daraltın: daha az gün, tek kuyruk, tek tür ya da başka bir sözcük.",
    ),
    crowded: (
        "Çok fazla istek",
        "Bu panelden, işçilerden alabileceğinden fazlası isteniyor. Birazdan yeniden deneyin.",
    ),
    full: (
        "Disk dolu",
        "Veritabanı yer açılana dek hiçbir şey saklayamaz. Saklananlar güvende; yalnızca gösteren sayfalar çalışmayı sürdürür.",
    ),
    read_only: (
        "Veritabanına yazılamıyor",
        "Salt okunur olabilir: yedek bir sunucu, yazma izni olmayan bir dosya ya da yetkisi olmayan bir kullanıcı. Yalnızca gösteren \
         sayfalar çalışmayı sürdürür.",
    ),
    tables: "Tablolar bu programa uymuyor",
    tables_unknown: "Bir tablo eksik ya da bu programın gerektirdiği gibi değil. Ayrıntısı uygulamanın günlüğünde.",
    tables_of: |SchemaVersion { found, needed }| match found {
        None => format!(
            "Veritabanında jobs tabloları yok; bu program {needed} sürümünü gerektiriyor. Doğru veritabanı olup olmadığına bakın; öyleyse \
             yedekten geri yükleyin ya da göçleri çalıştırın: bu sürümdeki bir programı göçlere izin vererek başlatın."
        ),
        Some(found) if found < needed => format!(
            "Tablolar {found} sürümünde; bu program {needed} sürümünü gerektiriyor. Göçleri çalıştırın: bu sürümdeki bir programı göçlere \
             izin vererek başlatın."
        ),
        Some(found) if found > needed => format!(
            "Tablolar {found} sürümünde; bu program en çok {needed} sürümünü tanıyor. Daha yeni programı dağıtın."
        ),
        Some(found) => format!(
            "Tablolar bu programın gerektirdiği gibi {found} sürümünde, ama biri eksik ya da değiştirilmiş. Hangisi olduğu uygulamanın \
             günlüğünde. Veritabanını yedekten geri yükleyin."
        ),
    },
    busy: ("Çok fazla canlı sayfa", "Sayfalar yine çalışır ve yenilikleri on saniyede bir sorar."),
    internal: ("Bir şeyler ters gitti", "Ayrıntısı uygulamanın günlüğünde."),
    home: "Genel bakışa",
    again: "Yeniden dene",
};
