//! What stands around every page.

use crate::policy::Role;

/// Words of the layout.
pub(crate) struct Frame {
    pub(crate) skip: &'static str,
    pub(crate) menu: &'static str,
    pub(crate) overview: &'static str,
    pub(crate) recurring: &'static str,
    pub(crate) servers: &'static str,
    pub(crate) environment: &'static str,
    pub(crate) language: &'static str,
    pub(crate) theme: &'static str,
    pub(crate) light: &'static str,
    pub(crate) dark: &'static str,
    pub(crate) system: &'static str,
    pub(crate) live: &'static str,
    pub(crate) live_on: &'static str,
    pub(crate) live_off: &'static str,
    pub(crate) live_lost: &'static str,
    pub(crate) read_only: &'static str,
    pub(crate) signed_in: fn(who: &str) -> String,
    pub(crate) role: fn(Role) -> &'static str,
}

pub(super) const ENGLISH: Frame = Frame {
    skip: "Skip to the content",
    menu: "Pages",
    overview: "Overview",
    recurring: "Recurring",
    servers: "Servers",
    environment: "Environment",
    language: "Language",
    theme: "Theme",
    light: "Light",
    dark: "Dark",
    system: "System",
    live: "Live updates",
    live_on: "Live",
    live_off: "Paused",
    live_lost: "No connection",
    read_only: "You may look, and not act.",
    signed_in: |who| format!("Signed in as {who}"),
    role: |role| match role {
        Role::None => "no role",
        Role::Read => "read",
        Role::Operate => "operate",
        Role::Admin => "admin",
    },
};

pub(super) const TURKISH: Frame = Frame {
    skip: "İçeriğe geç",
    menu: "Sayfalar",
    overview: "Genel bakış",
    recurring: "Yinelenenler",
    servers: "Sunucular",
    environment: "Ortam",
    language: "Dil",
    theme: "Tema",
    light: "Açık",
    dark: "Koyu",
    system: "Sistem",
    live: "Canlı güncelleme",
    live_on: "Canlı",
    live_off: "Durduruldu",
    live_lost: "Bağlantı yok",
    read_only: "Bakabilirsiniz, işlem yapamazsınız.",
    signed_in: |who| format!("Oturum: {who}"),
    role: |role| match role {
        Role::None => "rol yok",
        Role::Read => "okuma",
        Role::Operate => "işletme",
        Role::Admin => "yönetim",
    },
};
