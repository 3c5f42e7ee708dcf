use jobs::prelude::*;

trait Mail {
    #[job]
    async fn send();
}

fn main() {}
