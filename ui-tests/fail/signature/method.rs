use jobs::prelude::*;

struct Mail;

impl Mail {
    #[job]
    async fn send(&self, to: String) {
        drop(to);
    }
}

fn main() {}
