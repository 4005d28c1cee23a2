# Scans a genome in shards, each a job, and joins them: on this machine, a cluster or a cloud, as Snakemake's profile says.
#
#   snakemake --snakefile workflows/snakemake/scan.smk --cores 8 --keep-going \
#       --config model=model.ckn genome=genome.fa shards=100 threshold=3 out=hits.bed
#
# Further settings: format (bed or bedgraph, `bed`), folder (of the shards, OUT.shards), ckn (the program, `ckn`), threads (of each
# job, 1). `samtools faidx` beforehand, or a 2bit file, saves every job from reading all of the genome.

out = config.get("out", "hits.bed")
folder = config.get("folder", f"{out}.shards")
shards = int(config.get("shards", 100))


localrules:
    hits,


rule hits:
    input:
        expand("{folder}/{number}.hits", folder=folder, number=range(1, shards + 1)),
    output:
        hits=out,
        record=f"{out}.run.json",
    log:
        f"{out}.log",
    params:
        ckn=config.get("ckn", "ckn"),
    shell:
        # Refuses what is missing, there twice, cut, or of another scan.
        "{params.ckn:q} join {input:q} --out {output.hits:q} --force 2> {log:q}"


rule shard:
    input:
        model=config["model"],
        genome=config["genome"],
    output:
        hits=f"{folder}/{{number}}.hits",
        record=f"{folder}/{{number}}.hits.run.json",
    log:
        f"{folder}/{{number}}.log",
    params:
        ckn=config.get("ckn", "ckn"),
        # A change of these is another scan.
        options=["--threshold", str(config["threshold"]), "--format", config.get("format", "bed")],
        shards=shards,
    threads: int(config.get("threads", 1))
    shell:
        "{params.ckn:q} scan {input.model:q} {input.genome:q} {params.options:q} --shard {wildcards.number}/{params.shards}"
        " --out {output.hits:q} --threads {threads} --force --quiet 2> {log:q}"
