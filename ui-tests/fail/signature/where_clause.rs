use jobs::prelude::*;

#[job]
async fn work()
where
    u8: Copy,
{
}

fn main() {}
