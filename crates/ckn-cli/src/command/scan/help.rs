//! What `ckn scan --help` says after the options.

pub const AFTER: &str = "\
Scores every window as long as the training sequences, at stride 1, on both strands; a window scores as `ckn predict` \
scores its letters, and the better strand counts (a model trained with --strands mean: the mean; exact machines of both strands \
and models of --auto have one score for both). Windows of which more than half of the letters are unknown (N) are left out. \
One-layer networks of --border valid, exact machines on words of up to 12 letters of DNA or RNA, and ensembles of these slide; \
others score every window on its own, which takes thousands of times longer.

Coordinates are 0-based and half-open. No format has a header, so that files can be joined:
  bed       chrom, start, end, ., score, strand, thickStart, thickEnd: hits that overlap are one line, from the first to
            the last of them; score (any number, 4 decimals), strand and thick part are those of the best window
  bedgraph  chrom, start, end, score: every hit at the middle of its window; equal neighbours are one line

The outputs of --shard 1/N to N/N, in that order, are together exactly the output without --shard, and so are those of \
--region over all records; `ckn join` joins shards, and refuses those that are not of one scan. --fpr finds the score that a share F of windows exceed in dinucleotide-shuffled pieces drawn from \
the whole genome, whatever the region or shard. --region, --shard and --fpr need a file, which is read once more beforehand \
unless its lengths are known: from a 2bit file, or from GENOME.fai (samtools faidx), which is used if it is there.

With --motifs there is no model: every motif of the file is looked for at every position, as FIMO does, and each hit is one \
line: chrom, start, end, motif, score, strand, p_value, name, letters. The score is the log-odds in bits against the \
background, 4 decimals; p_value is the exact probability that random letters of the background score as much, not corrected \
for the number of positions; name is the motif's second name, or a dot; letters are those of the strand, as the motif reads \
them. Lines are sorted by start, end, the order of the motifs, and strand. Positions over N and other mixtures have no score.

Examples:
  ckn scan model.ckn genome.fa --fpr 1e-5 --out hits.bed
  ckn scan model.ckn hg38.2bit --threshold 3 --region chr21 --format bedgraph --out chr21.bedgraph
  for i in 1 2 3 4; do ckn scan model.ckn genome.fa.gz --threshold 3 --shard $i/4 --out hits.$i.bed; done
  ckn scan --motifs JASPAR.meme genome.fa --p-value 1e-5 --out sites.bed";
