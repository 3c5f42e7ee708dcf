//! A crate that depends on `jobs` under another name.
#![forbid(unsafe_code)]
#![deny(warnings)]

/// A job of this crate.
#[work::recurring("0 3 * * *", args("nightly"))]
#[work::job(crate = "work", summary = "{reason}")]
pub async fn tidy(ctx: &work::JobContext, reason: &str) -> Result<usize, String> {
    drop(ctx.clone());
    Ok(reason.len())
}

#[cfg(test)]
mod tests {
    use work::Job;

    #[test]
    fn the_job_is_registered_under_its_path() {
        let found = work::__private::inventory::iter::<&work::__private::Descriptor>
            .into_iter()
            .find(|descriptor| descriptor.kind == "ui_renamed::tidy")
            .expect("the job is linked into its own tests");
        assert!(std::ptr::eq(*found, super::tidy::DESCRIPTOR));
        assert_eq!(found.params, ["reason"]);
        assert_eq!(found.recurring[0].id, "ui_renamed::tidy");
    }
}
