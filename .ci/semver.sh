#!/usr/bin/env bash
# Compares what the published crates promise with the last release, by the rules of Semantic Versioning: `.ci/semver.sh [REVISION]`, a tag by
# default. Before the first release there is nothing to compare with, and this says so.
#
# CKN_SEMVER   folder of cargo-semver-checks; default: in the user's cache folder, filled from crates.io
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
version=0.51.0
kept=${CKN_SEMVER:-${XDG_CACHE_HOME:-$HOME/.cache}/ckn/semver}

baseline=${1:-$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null || true)}
if [[ -z $baseline ]]; then
    echo 'semver: no release yet: nothing to compare with'
    exit 0
fi
if [[ $("$kept/bin/cargo-semver-checks" --version 2>/dev/null) != "cargo-semver-checks $version" ]]; then
    cargo install --quiet cargo-semver-checks --version "$version" --locked --root "$kept" --target-dir "$kept/target" --force
    rm -rf "$kept/target"
fi
"$kept/bin/cargo-semver-checks" semver-checks --workspace --exclude ckn-cli --exclude ckn-examples --exclude ckn-fuzz --exclude xtask --baseline-rev "$baseline"
