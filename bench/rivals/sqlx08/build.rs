//! Takes the migrations of those rivals that expect their users to copy them from where Cargo has put the rivals' sources.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

fn main() {
    println!("cargo::rerun-if-changed=Cargo.lock");
    let metadata = Command::new(env::var("CARGO").expect("Cargo says where it is"))
        .args(["metadata", "--format-version=1", "--locked", "--offline", "--filter-platform"])
        .arg(env::var("TARGET").expect("Cargo says what it builds for"))
        .output()
        .expect("Cargo starts");
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata = String::from_utf8(metadata.stdout).expect("JSON is UTF-8");
    let out = PathBuf::from(env::var("OUT_DIR").expect("Cargo says where to"));
    for (rival, folder) in
        [("sqlxmq", "migrations"), ("fang", "postgres_migrations/migrations"), ("fang", "mysql_migrations/migrations")]
    {
        let sources = sources(&metadata, rival).join(folder);
        let engine = folder.split('_').next().expect("there is a first part");
        fs::write(out.join(format!("{rival}_{engine}.sql")), up(&sources)).expect("the folder can be written to");
    }
}

/// The folder of a package.
fn sources(metadata: &str, package: &str) -> PathBuf {
    let mut paths = metadata.split("\"manifest_path\":\"").skip(1).filter_map(|rest| rest.split('"').next());
    let path = paths.find(|path| {
        let folder = Path::new(path).parent().and_then(Path::file_name).and_then(|name| name.to_str());
        folder.and_then(|folder| folder.rsplit_once('-')).is_some_and(|(name, _)| name == package)
    });
    let path = path.unwrap_or_else(|| panic!("{package} is not among the dependencies"));
    Path::new(path).parent().expect("a file is in a folder").to_owned()
}

/// All steps up, in their order.
fn up(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    paths.sort();
    let mut all = String::new();
    for path in paths {
        let file = if path.is_dir() { path.join("up.sql") } else { path };
        if file.to_string_lossy().ends_with("up.sql") {
            all += &fs::read_to_string(file).expect("a step is text");
            all += "\n";
        }
    }
    all
}
