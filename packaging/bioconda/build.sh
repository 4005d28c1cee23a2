#!/usr/bin/env bash
# Run by conda-build, which sets PREFIX, in the unpacked source.
set -euo pipefail
# The licences of everything that is compiled in, which conda's packages carry.
cargo-bundle-licenses --format yaml --output THIRDPARTY.yml
cargo install --no-track --locked --root "$PREFIX" --path crates/ckn-cli
mkdir -p "$PREFIX/share/bash-completion/completions" "$PREFIX/share/zsh/site-functions" "$PREFIX/share/fish/vendor_completions.d"
"$PREFIX/bin/ckn" completions bash > "$PREFIX/share/bash-completion/completions/ckn"
"$PREFIX/bin/ckn" completions zsh > "$PREFIX/share/zsh/site-functions/_ckn"
"$PREFIX/bin/ckn" completions fish > "$PREFIX/share/fish/vendor_completions.d/ckn.fish"
