#!/usr/bin/env bash
# Builds the command `ckn` for other machines than this one, and shows that it runs where nothing else is: `packaging/build.sh FOLDER`.
#
# On Linux with the GNU C library the program holds all of it and loads nothing: one file for every distribution, and no need of
# musl. Elsewhere the program is what `cargo build` makes. The target is named, so that the flags are
# not those of what runs during the build.
#
# CARGO_TARGET_DIR   build folder; default: target
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
(($# == 1)) || { echo 'usage: packaging/build.sh FOLDER' >&2; exit 2; }
mkdir -p "$1"
out=$(cd "$1" && pwd)

target=$(rustc -vV | sed -n 's/^host: //p')
flags=
case $target in *-linux-gnu) flags='-C target-feature=+crt-static' ;; esac
export CARGO_PROFILE_RELEASE_STRIP=symbols
RUSTFLAGS=$flags cargo build --release --locked -p ckn-cli --target "$target"
suffix=
case $target in *-windows-*) suffix=.exe ;; esac
cp "${CARGO_TARGET_DIR:-target}/$target/release/ckn$suffix" "$out/"
program=$out/ckn$suffix

fail() {
    printf 'build: %s\n' "$*" >&2
    exit 1
}

"$program" --version
if [[ -n $flags ]]; then
    # It says so on standard error, and in the language of the machine, with another code than 0.
    LC_ALL=C ldd "$program" 2>&1 | grep -qE 'statically linked|not a dynamic executable' || fail "$program loads libraries"
    echo "$program: $(stat -c %s "$program") bytes, loads no library"
fi
# The demo where there is no other file, if this user may change the root; else in an empty folder.
empty=$(mktemp -d)
trap 'rm -rf "$empty"' EXIT
if [[ -n $flags && $(id -u) -eq 0 ]] && command -v chroot >/dev/null; then
    cp "$program" "$empty/ckn"
    chroot "$empty" /ckn demo --quiet
else
    (cd "$empty" && env -i "$program" demo --quiet)
fi
[[ -s $empty/ckn_demo/report.html ]] || fail 'the demo left no report'
echo 'the demo ran where there was no other file'
