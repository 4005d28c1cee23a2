#!/usr/bin/env bash
# Runs the workflow for real: two jobs at a time, one of which is killed; then once more, which must finish the rest and leave
# alone what was done.
#
#   workflows/snakemake/test.sh CKN
#
# CKN: the program. Snakemake comes from PyPI, into a virtual environment in CKN_SNAKEMAKE (default: the user's cache folder).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ckn=$(realpath "$1")
environment=${CKN_SNAKEMAKE:-${XDG_CACHE_HOME:-$HOME/.cache}/ckn/snakemake}

if ! "$environment/bin/snakemake" --version >/dev/null 2>&1; then
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet --disable-pip-version-check 'snakemake==9.27.1'
fi
echo "snakemake $("$environment/bin/snakemake" --version)"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 - <<'PYTHON'
import random
random.seed(1)
for name, motif in (("pos", "GTCACGTGAC"), ("neg", None)):
    with open(f"{name}.fa", "w") as out:
        for record in range(400):
            letters = [random.choice("ACGT") for _ in range(101)]
            if motif:
                at = random.randrange(91)
                letters[at:at + 10] = motif
            out.write(f">{name}{record}\n{''.join(letters)}\n")
PYTHON
{
    printf 'name\tpos\tneg\tfilters\tepochs\ttest-pos\ttest-neg\n'
    printf 'quick\tpos.fa\tneg.fa\t8\t5\tpos.fa\tneg.fa\n'
    # Long enough to be killed.
    printf 'slow\tpos.fa\tneg.fa\t128\t400\tpos.fa\tneg.fa\n'
    printf 'other\tpos.fa\tneg.fa\t16\t10\tpos.fa\tneg.fa\n'
    printf 'last\tpos.fa\tneg.fa\t16\t5\tpos.fa\tneg.fa\n'
} > manifest.tsv
run() {
    "$environment/bin/snakemake" --snakefile "$here/Snakefile" --cores 2 --keep-going --quiet all \
        --config manifest=manifest.tsv out=results ckn="$ckn" "$@"
}

run > first.log 2>&1 &
workflow=$!
# The training itself and not only what waits for it.
until pgrep -f "train .*results/slow.ckn" > slow.pid; do
    kill -0 "$workflow" 2>/dev/null || { cat first.log; echo 'the workflow ended before its slow row began'; exit 1; }
    sleep 0.1
done
sleep 1
xargs kill -9 < slow.pid
if wait "$workflow"; then
    echo 'the workflow says that all went well, but a row was killed'
    exit 1
fi
for name in quick other last; do
    test -e "results/$name.row.json" || { cat first.log; echo "$name did not run beside the row that was killed"; exit 1; }
done
test ! -e results/results.tsv
stamps=$(stat -c %y results/quick.ckn results/other.ckn results/last.ckn)

sed -i 's/\t128\t400\t/\t16\t5\t/' manifest.tsv
run > second.log 2>&1 || { cat second.log; echo 'the workflow did not finish'; exit 1; }
cat results/results.tsv
test "$(cut -f 2 results/results.tsv | grep -c '^done$')" = 4
test "$stamps" = "$(stat -c %y results/quick.ckn results/other.ckn results/last.ckn)"

# Other cells are another experiment, and no other row's.
sed -i 's/^last\(.*\)\t16\t5\t/last\1\t16\t6\t/' manifest.tsv
stamps=$(stat -c %y results/quick.ckn results/other.ckn results/slow.ckn)
before=$(stat -c %y results/last.ckn)
run > third.log 2>&1 || { cat third.log; echo 'the workflow did not run the row that changed'; exit 1; }
test "$before" != "$(stat -c %y results/last.ckn)"
test "$stamps" = "$(stat -c %y results/quick.ckn results/other.ckn results/slow.ckn)"
test "$(cut -f 2 results/results.tsv | grep -c '^done$')" = 4
echo 'killed, resumed, finished, changed: what was done was left alone'
