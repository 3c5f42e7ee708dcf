//! From a URL to the options of a connection.

use std::str::FromStr;

use sqlx::{ConnectOptions, mysql::MySqlConnectOptions};

use crate::{
    error::{Error, Result},
    storage::without_password,
};

const SCHEMES: [&str; 2] = ["mysql://", "mariadb://"];

/// Reads `mysql://user:password@host:3306/database` or the same with `mariadb://`, each with what the driver knows.
pub(super) fn parse(url: &str) -> Result<MySqlConnectOptions> {
    let unreadable = |why: String| {
        let url = without_password(url);
        Error::config(format!(
            "the database URL `{url}` cannot be read: {why}; write `mysql://user:password@host:3306/database`"
        ))
    };
    if !SCHEMES.iter().any(|scheme| url.starts_with(scheme)) {
        return Err(unreadable("it does not begin with `mysql://` or `mariadb://`".to_owned()));
    }
    let options = MySqlConnectOptions::from_str(url).map_err(|error| unreadable(error.to_string()))?;
    if options.get_database().is_none_or(str::is_empty) {
        return Err(unreadable("it names no database".to_owned()));
    }
    Ok(options.disable_statement_logging())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_usual_forms() {
        for url in ["mysql://root@localhost/shop", "mariadb://u:p@db:3307/shop?ssl-mode=REQUIRED"] {
            let options = parse(url).expect("a URL that the documentation shows");
            assert_eq!(options.get_database(), Some("shop"), "{url}");
        }
    }

    #[test]
    fn refuses_what_names_no_database_and_shows_no_password() {
        for url in ["mysql://u:secret@h", "mysql://u:secret@h/", "mysql:u:secret@h", "mysql://u:secret@h:port/db"] {
            let error = parse(url).expect_err("it cannot be read").to_string();
            assert!(!error.contains("secret"), "{error}");
            assert!(error.contains("mysql://user:password@host:3306/database"), "{error}");
        }
    }
}
