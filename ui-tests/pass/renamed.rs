//! The crate has another name here.

extern crate jobs as j;

mod inner {
    #[j::job(crate = "j")]
    pub async fn work(x: u8, list: &[String]) -> Result<u8, String> {
        Ok(x + u8::try_from(list.len()).unwrap_or(0))
    }
}

#[j::recurring("@daily")]
#[j::job(crate = "j")]
async fn daily() {}

fn main() {
    let _ = inner::work::new(1, vec![]);
    let _ = daily::new();
}
