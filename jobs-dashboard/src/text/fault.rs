//! Pages that say why there is no page.

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
    busy: ("Çok fazla canlı sayfa", "Sayfalar yine çalışır ve yenilikleri on saniyede bir sorar."),
    internal: ("Bir şeyler ters gitti", "Ayrıntısı uygulamanın günlüğünde."),
    home: "Genel bakışa",
    again: "Yeniden dene",
};
