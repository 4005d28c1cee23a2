#!/usr/bin/env bash
# Builds the guide as a book, without a warning: `.ci/book.sh FOLDER`.
#
# CKN_MDBOOK   folder of mdbook; default: in the user's cache folder, filled from crates.io. Where that is not reached, the book is not
#              built, and this says so
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
version=0.5.4
kept=${CKN_MDBOOK:-${XDG_CACHE_HOME:-$HOME/.cache}/ckn/mdbook}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

if [[ $("$kept/bin/mdbook" --version 2>/dev/null) != "mdbook v$version" ]]; then
    # In a build folder of its own: that of the workspace keeps its crates, and their features.
    if ! cargo install mdbook --version "$version" --locked --root "$kept" --target-dir "$kept/target" --force > "$log" 2>&1; then
        if grep -qiE 'could not (resolve|connect)|failed to (download|connect|query|fetch)|network|timed? ?out' "$log"; then
            echo "book: not built: mdbook $version is not there, and crates.io is not reached"
            exit 0
        fi
        tail -n 20 "$log" >&2
        exit 1
    fi
    rm -rf "$kept/target"
fi
mdbook=$kept/bin/mdbook
"$mdbook" build --dest-dir "$(realpath -m "$1")" > "$log" 2>&1 || { cat "$log" >&2; exit 1; }
if grep -E 'WARN|ERROR' "$log" >&2; then
    echo 'book: built, but with what stands above' >&2
    exit 1
fi
# A page that is listed becomes a file.
missing=0
for page in $(grep -oE '\]\([a-z0-9-]+\.md\)' docs/SUMMARY.md | tr -d '])(' | sed 's/\.md$/.html/'); do
    [[ -s $1/$page ]] || { echo "book: $page was not built" >&2; missing=1; }
done
((missing == 0)) || exit 1
echo "book: $(find "$1" -name '*.html' | wc -l) pages, no warning"
