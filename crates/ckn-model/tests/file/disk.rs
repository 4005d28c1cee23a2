//! Saving and loading: whole or not at all, and never through what is not a file.

use std::fs;
use std::path::Path;

use ckn_model::{Error, Model};

use crate::support::{card, config, model, model_of};

/// Names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_is_saved_is_loaded_and_saved_again_with_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("first.ckn"), folder.path().join("second.ckn"));
    model().save(&first, false).unwrap();
    let loaded = Model::load(&first).unwrap();
    assert_eq!(loaded, model());
    loaded.save(&second, false).unwrap();
    assert_eq!(fs::read(&first).unwrap(), fs::read(&second).unwrap());
    assert_eq!(names(folder.path()), ["first.ckn", "second.ckn"]);
}

#[test]
fn an_existing_file_is_replaced_only_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.ckn");
    fs::write(&path, "precious").unwrap();
    let error = model().save(&path, false).unwrap_err();
    assert!(matches!(error, Error::Exists { .. }) && error.to_string().contains("model.ckn exists already"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"precious");
    model().save(&path, true).unwrap();
    assert_eq!(Model::load(&path).unwrap(), model());
    assert_eq!(names(folder.path()), ["model.ckn"]);
}

#[test]
fn a_failed_write_leaves_the_folder_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let inside = |name: &str| folder.path().join(name);
    fs::create_dir(inside("folder")).unwrap();
    fs::write(inside("file"), "precious").unwrap();
    let before = names(folder.path());
    for (path, reason) in [
        (inside("folder"), "is a folder"),
        (inside("folder/.."), "is a folder"),
        (inside("missing/model.ckn"), "does not exist"),
        (inside("file/model.ckn"), "file/model.ckn"),
        (inside(&"x".repeat(300)), "xxx"),
        // Fails only when the temporary file, complete by then, is to take the name.
        (inside("model.ckn/"), "model.ckn"),
    ] {
        for overwrite in [false, true] {
            let error = model().save(&path, overwrite).unwrap_err();
            assert!(matches!(error, Error::File { .. }), "{path:?}: {error}");
            assert!(error.to_string().contains(reason), "{path:?}: {error}");
            assert!(error.to_string().contains(&*path.to_string_lossy()), "{error}");
            assert_eq!(names(folder.path()), before);
        }
    }
    let mut card = card("ACGT");
    card.alphabet.clear();
    assert!(model_of(config(), card, 1).save(&inside("file"), true).is_err());
    assert_eq!(fs::read(inside("file")).unwrap(), b"precious");
    assert_eq!(names(folder.path()), before);
}

#[test]
fn a_path_that_is_not_a_file_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let error = Model::load(folder.path()).unwrap_err();
    assert!(matches!(error, Error::File { .. }) && error.to_string().contains("is a folder"), "{error}");
    let error = Model::load(&folder.path().join("missing.ckn")).unwrap_err();
    assert!(matches!(error, Error::File { .. }) && error.to_string().contains("missing.ckn"), "{error}");
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Command;

    use super::*;

    #[test]
    fn a_pipe_is_neither_waited_for_nor_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        // Without the command there is nothing to test.
        if !Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()) {
            return;
        }
        for error in [Model::load(&pipe).unwrap_err(), model().save(&pipe, true).unwrap_err()] {
            assert!(error.to_string().contains("is not a regular file"), "{error}");
        }
        assert_eq!(names(folder.path()), ["pipe"]);
    }

    #[test]
    fn a_folder_without_the_right_to_write_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.ckn");
        fs::write(&path, "precious").unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
        // The superuser may write everywhere.
        if fs::write(folder.path().join("probe"), "").is_err() {
            let error = model().save(&path, true).unwrap_err();
            assert!(matches!(error, Error::File { .. }) && error.to_string().contains("model.ckn"), "{error}");
        }
        assert_eq!(fs::read(&path).unwrap(), b"precious");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn a_link_that_leads_nowhere_counts_as_existing() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        symlink("nowhere", &link).unwrap();
        assert!(matches!(model().save(&link, false), Err(Error::Exists { .. })));
        model().save(&link, true).unwrap();
        assert_eq!(Model::load(&link).unwrap(), model());
    }

    #[test]
    fn a_model_has_the_permissions_of_any_new_file() {
        let folder = tempfile::tempdir().unwrap();
        let (path, plain) = (folder.path().join("model.ckn"), folder.path().join("plain"));
        model().save(&path, false).unwrap();
        fs::write(&plain, "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&path), mode(&plain));
    }
}
