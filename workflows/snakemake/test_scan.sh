#!/usr/bin/env bash
# Scans a genome in 100 shards, two jobs at a time, one of which is killed; then once more, which must scan what is missing, leave
# alone what was done, and join what one scan would have written. Also: the workflows have no lint but one, and the profile for Slurm loads.
#
#   workflows/snakemake/test_scan.sh CKN
#
# CKN and Snakemake: as in test.sh, which installs the latter.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
real=$(realpath "$1")
environment=${CKN_SNAKEMAKE:-${XDG_CACHE_HOME:-$HOME/.cache}/ckn/snakemake}
snakemake=$environment/bin/snakemake
shards=100
killed=50
# So low that every shard has hits.
threshold=-4.5

"$environment/bin/python" -c 'import snakemake_executor_plugin_slurm' 2>/dev/null ||
    "$environment/bin/pip" install --quiet --disable-pip-version-check 'snakemake-executor-plugin-slurm==2.8.0'

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 - <<'PYTHON'
import random
random.seed(1)
letters = lambda number: "".join(random.choices("ACGT", k=number))
for name, motif in (("pos", "GTCACGTGAC"), ("neg", "")):
    with open(f"{name}.fa", "w") as out:
        for record in range(200):
            sequence = letters(100)
            at = random.randrange(90)
            out.write(f">{name}{record}\n{sequence[:at]}{motif}{sequence[at + len(motif):]}\n")
with open("genome.fa", "w") as out:
    for record in range(3):
        out.write(f">chr{record}\n{letters(50_000)}\n")
PYTHON
# Two layers embed every window on its own: a shard takes long enough to be killed.
"$real" train --pos pos.fa --neg neg.fa --filters 16,8 --width 10,3 --epochs 2 --out model.ckn --quiet >/dev/null
"$real" scan model.ckn genome.fa --threshold $threshold --format bedgraph --out whole.bed --quiet

# The program, but that the first job of one shard is killed while it scans.
cat > ckn <<CKN
#!/usr/bin/env bash
if [[ " \$* " == *" --shard $killed/$shards "* && ! -e "$folder/killed" ]]; then
    touch "$folder/killed"
    "$real" "\$@" &
    sleep 0.05
    kill -9 \$! || { echo 'the job ended before it was killed' >&2; exit 0; }
    wait \$!
    exit
fi
exec "$real" "\$@"
CKN
chmod +x ckn
settings=(model=model.ckn genome=genome.fa "threshold=$threshold" format=bedgraph "shards=$shards" out=hits.bed "ckn=$folder/ckn")
run() {
    "$snakemake" --snakefile "$here/scan.smk" --cores 2 --keep-going --quiet all --config "${settings[@]}" "$@"
}

if run > first.log 2>&1; then
    echo 'the workflow says that all went well, but a job was killed'
    exit 1
fi
scanned=$(find hits.bed.shards -name '*.hits' | wc -l)
((scanned == shards - 1)) || { cat first.log; echo "$scanned of $shards shards were scanned beside the one that was killed"; exit 1; }
test ! -e "hits.bed.shards/$killed.hits"
test ! -e hits.bed
stamps=$(stat -c '%n %y' hits.bed.shards/*.hits)
run > second.log 2>&1 || { cat second.log; echo 'the workflow did not finish'; exit 1; }
test "$stamps" = "$(stat -c '%n %y' hits.bed.shards/*.hits | grep -v "/$killed.hits ")"
cmp whole.bed hits.bed
echo "$shards shards, one killed, scanned again and joined: $(wc -l < hits.bed) lines, as one scan writes them"

# A shard that was cut is no part of anything.
truncate --size=-1 hits.bed.shards/7.hits
if "$real" join hits.bed.shards/*.hits > /dev/null 2> join.log || ! grep -q 'hits.bed.shards/7.hits is not the file' join.log; then
    cat join.log
    echo 'a shard that was cut was joined'
    exit 1
fi

# The one lint that stays asks for an environment, of which a program without one has no need.
printf 'name\tpos\nrow\tpos.fa\n' > manifest.tsv
for file in scan.smk Snakefile; do
    "$snakemake" --snakefile "$here/$file" --lint --config "${settings[@]}" manifest=manifest.tsv > lint.log 2>&1 || true
    grep -q '\* Specify a conda environment' lint.log || { cat lint.log; echo "$file was not linted"; exit 1; }
    if grep '^ *\* ' lint.log | grep -v 'Specify a conda environment'; then
        echo "$file has lint"
        exit 1
    fi
done
"$snakemake" --snakefile "$here/scan.smk" --profile "$here/slurm" --forceall --dry-run --config "${settings[@]}" > slurm.log 2>&1 ||
    { tail slurm.log; echo 'the profile for Slurm does not load'; exit 1; }
grep -q 'mem_mb=4000' slurm.log
echo 'no lint; the profile for Slurm loads'
