//! The vocabulary of the attributes, declared once: each word with an example of its use.

/// A word that an attribute takes.
#[derive(Debug)]
pub(crate) struct Word {
    pub(crate) name: &'static str,
    /// What its value is, for the sentence "`name` takes ..".
    pub(crate) takes: &'static str,
    pub(crate) example: &'static str,
}

const fn word(name: &'static str, takes: &'static str, example: &'static str) -> Word {
    Word { name, takes, example }
}

/// An attribute and its words.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    pub(crate) attribute: &'static str,
    pub(crate) words: &'static [Word],
    /// Words that a later version will take.
    pub(crate) reserved: &'static [&'static str],
}

pub(crate) const JOB: Vocabulary = Vocabulary {
    attribute: "job",
    words: &[
        word("name", "a text", "name = \"mail.welcome\""),
        word("alias", "texts", "alias(\"old.name\", \"older.name\")"),
        word("queue", "a text", "queue = \"mail\""),
        word("priority", "a whole number, \"high\", \"normal\" or \"low\"", "priority = \"high\""),
        word("attempts", "a whole number from 1 to 65535", "attempts = 5"),
        word(
            "backoff",
            "\"constant(10s)\", \"linear(10s, 1h)\", \"exponential(5s, 6h)\" or the path of a function",
            "backoff = \"exponential(5s, 6h)\"",
        ),
        word("timeout", "a duration", "timeout = \"30s\""),
        word("expires", "a duration", "expires = \"10m\""),
        word("retry_if", "the path of a `fn(&E) -> bool`", "retry_if = MailError::is_transient"),
        word("fatal", "the path of a `fn(&E) -> bool`", "fatal = MailError::is_fatal"),
        word("on_exhausted", "\"fail\" or \"delete\"", "on_exhausted = \"delete\""),
        word("retain", "a duration", "retain = \"7d\""),
        word("summary", "a text with the names of parameters in braces", "summary = \"Welcome {name}\""),
        word("secret", "names of parameters", "secret(password)"),
        word("codec", "\"bincode\" or \"json\"", "codec = \"json\""),
        word("version", "a whole number from 1 to 65535", "version = 2"),
        word("upgrade", "the path of a function", "upgrade = from_version_1"),
        word("crate", "a path as a text", "crate = \"my_jobs\""),
    ],
    reserved: &["unique", "limit", "kinds"],
};

pub(crate) const RECURRING: Vocabulary = Vocabulary {
    attribute: "recurring",
    words: &[
        word("tz", "a time zone", "tz = \"Europe/Istanbul\""),
        word("misfire", "\"once\", \"skip\" or \"all\"", "misfire = \"once\""),
        word("cap", "a whole number above 0", "cap = 10"),
        word("overlap", "\"allow\" or \"skip\"", "overlap = \"skip\""),
        word("id", "a text", "id = \"report.monthly\""),
        word("args", "values for the parameters, in order", "args(42, \"weekly\")"),
    ],
    reserved: &[],
};
