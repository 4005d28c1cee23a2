#!/usr/bin/env bash
# Checks that the library and the command compile for other machines than this one: `.ci/targets.sh`. (The browser's machine is that of
# `.ci/web.sh`, which builds for it.) A target whose standard library or C compiler cannot be had is named, and not checked.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Target, C compiler, and the Debian package that has it.
targets='aarch64-unknown-linux-gnu aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu
x86_64-pc-windows-gnu x86_64-w64-mingw32-gcc gcc-mingw-w64-x86-64'

checked=0
while read -r target compiler package; do
    if ! { rustup target list --installed | grep -qx "$target" || rustup target add "$target" >/dev/null 2>&1; }; then
        echo "$target: not checked: its standard library is not there, and rustup cannot fetch it"
        continue
    fi
    if ! command -v "$compiler" >/dev/null && [[ $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package"; } >/dev/null 2>&1 || true
    fi
    if ! command -v "$compiler" >/dev/null; then
        echo "$target: not checked: there is no $compiler (Debian: $package)"
        continue
    fi
    cargo check --quiet -p ckn -p ckn-cli --locked --target "$target"
    echo "$target: compiles"
    checked=$((checked + 1))
done <<< "$targets"
echo "targets: $checked checked"
