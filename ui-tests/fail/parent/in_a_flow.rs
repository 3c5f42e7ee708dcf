use jobs::prelude::*;

#[job]
async fn name() -> Result<String, std::io::Error> {
    Ok("Ada".to_owned())
}

#[job]
async fn count() -> Result<u64, std::io::Error> {
    Ok(7)
}

#[job]
async fn one(#[parent] count: u64) {
    drop(count);
}

#[job]
async fn several(#[parents] counts: Vec<u64>) {
    drop(counts);
}

fn main() {
    drop(name::new().then(one::new()));
    drop(join((count::new(), count::new())).then(one::new()));
    drop(join((count::new(), name::new())).then(several::new()));
    drop(count::new().then_on_failure(one::new()));
}
