#!/usr/bin/env bash
# Lints the browser page, builds it as one file, and tests that in Chromium: `.ci/web.sh PROGRAM PAGE`, where PROGRAM is the command `ckn`
# whose numbers the page must show, and PAGE the file that is written.
#
# CKN_WEB        folder of the build, of wasm-bindgen and of the packages that the tests need; default: in the user's cache folder, filled from
#                crates.io and PyPI
# CKN_CHROMIUM   the browser; default: chromium, installed from Debian's packages where this user may. Without one the page is built and not
#                tested, and this says so
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
(($# == 2)) || { echo 'usage: .ci/web.sh PROGRAM PAGE' >&2; exit 2; }
program=$(realpath "$1")
page=$(realpath -m "$2")
kept=${CKN_WEB:-${XDG_CACHE_HOME:-$HOME/.cache}/ckn/web}
testers=('playwright==1.65.2' 'pytest==9.2.0')
target=wasm32-unknown-unknown

fail() {
    printf 'web: %s\n' "$*" >&2
    exit 1
}

cargo fmt --manifest-path web/Cargo.toml --check
if ! { rustup target list --installed | grep -qx "$target" || rustup target add "$target" >/dev/null 2>&1; }; then
    echo "web: not built: the standard library of $target is not there, and rustup cannot fetch it"
    exit 0
fi
export CARGO_TARGET_DIR=$kept/target
cargo clippy --manifest-path web/Cargo.toml --locked --release --target "$target" -- -D warnings
cargo build --quiet --manifest-path web/Cargo.toml --locked --release --target "$target"

version=$(sed -n 's/^wasm-bindgen = "=\(.*\)"$/\1/p' web/Cargo.toml)
if [[ $("$kept/bin/wasm-bindgen" --version 2>/dev/null) != "wasm-bindgen $version" ]]; then
    cargo install --quiet wasm-bindgen-cli --version "$version" --locked --root "$kept" --force || fail "no wasm-bindgen $version from crates.io"
fi
built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
"$kept/bin/wasm-bindgen" --target no-modules --no-typescript --out-dir "$built" "$CARGO_TARGET_DIR/$target/release/ckn_web.wasm"
python3 web/bundle.py "$built" "$page"

browser=${CKN_CHROMIUM:-$(command -v chromium || command -v chromium-browser || true)}
if [[ -z $browser && $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >/dev/null 2>&1 || true
    browser=$(command -v chromium || true)
fi
[[ -n $browser ]] || { echo 'web: built and not tested: there is no Chromium'; exit 0; }
packages=$(python3 --version; printf '%s\n' "${testers[@]}")
if [[ $(cat "$kept/packages" 2>/dev/null) != "$packages" ]]; then
    python3 -m venv --clear "$kept/tests"
    "$kept/tests/bin/pip" install --quiet --disable-pip-version-check "${testers[@]}" || fail "no ${testers[*]} from PyPI: is it reached?"
    printf '%s\n' "$packages" > "$kept/packages"
fi
python3 docs/specimens.py "$built/specimens" >/dev/null
CKN_PAGE=$page CKN_PROGRAM=$program CKN_SPECIMENS=$built/specimens CKN_CHROMIUM=$browser "$kept/tests/bin/pytest" -q -p no:cacheprovider web/tests
