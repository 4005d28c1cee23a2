#!/usr/bin/env bash
# Lints the Python module, builds its wheel, installs that in an environment made for it, and runs the tests there.
#
#   .ci/python.sh
#
# CARGO_TARGET_DIR   build folder, which may be that of the workspace; default: python/target
# CKN_PYTHON         folder of maturin and of the packages that the tests need; default: in the user's cache folder, filled from PyPI
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
most_bytes=$((30 << 20))
builders=('maturin==1.16.0')
testers=('numpy==2.4.6' 'pytest==9.2.0' 'scikit-learn==1.9.1' 'pandas==3.1.1' 'jsonschema==4.26.0')

fail() {
    printf 'python: %s\n' "$*" >&2
    exit 1
}

cargo fmt --manifest-path python/Cargo.toml --check
cargo clippy --manifest-path python/Cargo.toml --locked -- -D warnings

python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    fail 'the tests need Python 3.11 or newer with venv (apt-get install python3 python3-venv)'
export PIP_DISABLE_PIP_VERSION_CHECK=1
kept=${CKN_PYTHON:-${XDG_CACHE_HOME:-$HOME/.cache}/ckn/python}
packages=$(python3 --version; printf '%s\n' "${builders[@]}" "${testers[@]}")
# Made anew where it holds others, or was left half made.
if [[ $(cat "$kept/packages" 2>/dev/null) != "$packages" ]]; then
    rm -rf "$kept/build" "$kept/wheels"
    python3 -m venv "$kept/build"
    "$kept/build/bin/pip" install --quiet "${builders[@]}" || fail "no ${builders[*]} from PyPI: is it reached?"
    "$kept/build/bin/pip" download --quiet --only-binary :all: --dest "$kept/wheels" "${testers[@]}" ||
        fail "no ${testers[*]} from PyPI: is it reached?"
    printf '%s\n' "$packages" > "$kept/packages"
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$kept/build/bin/maturin" build --quiet --release --locked --manifest-path python/Cargo.toml --out "$folder"
wheel=$(compgen -G "$folder/ckn-*.whl")
size=$(stat -c %s "$wheel")
echo "$(basename "$wheel"): $size bytes"
((size <= most_bytes)) || fail "the wheel has more than $most_bytes bytes"

# As its users have it: in an environment that nothing was installed in before, and without a package index.
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet --no-index --find-links "$kept/wheels" "$wheel" "${testers[@]}"
"$folder/environment/bin/pytest" -q -p no:cacheprovider python/tests
