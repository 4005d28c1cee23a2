#!/usr/bin/env python3
"""Writes the files that the commands of the guide read: `python3 docs/specimens.py specimens`.

Everything is simulated from one seed: nothing is downloaded, and nothing here is data of an experiment. "ETS" is a site of
9 letters (ACCGGAAGT) of which each letter is another with probability 0.08, "E-box" one of 8 (GTCACGTG).
"""

import gzip
import io
import os
import random
import struct
import sys

ETS = "ACCGGAAGT"
EBOX = "GTCACGTG"
COMPLEMENT = str.maketrans("ACGT", "TGCA")
LENGTH = 101


def letters(stream, length, alphabet="ACGT"):
    return "".join(alphabet[int(stream.random() * len(alphabet))] for _ in range(length))


def below(stream, bound):
    return int(stream.random() * bound)


def turned(sequence):
    return sequence.translate(COMPLEMENT)[::-1]


def occurrence(stream, site, either_strand=True):
    """A site, each letter of which may be another, on either strand or as it is."""
    made = "".join(letter if stream.random() > 0.08 else letters(stream, 1) for letter in site)
    return made if not either_strand or stream.random() < 0.5 else turned(made)


def planted(stream, sequence, sites):
    """The sequence with each site somewhere in its middle third; sites do not overlap, if there are two."""
    third = len(sequence) // 3
    for number, site in enumerate(sites):
        room = third // len(sites) - len(site)
        start = third + number * (third // len(sites)) + below(stream, max(room, 1))
        sequence = sequence[:start] + occurrence(stream, site) + sequence[start + len(site):]
    return sequence


def several(stream, count, *sites):
    return [planted(stream, letters(stream, LENGTH), sites) for _ in range(count)]


def in_pairs(stream, count, first, second, gap):
    """Sequences that hold both sites: with so many letters in between, or anywhere where that is None."""
    made = []
    for _ in range(count):
        between = letters(stream, below(stream, 60) if gap is None else gap)
        pair = occurrence(stream, first, False) + between + occurrence(stream, second, False)
        pair = pair if stream.random() < 0.5 else turned(pair)
        start = below(stream, LENGTH - len(pair))
        made.append(letters(stream, start) + pair + letters(stream, LENGTH - start - len(pair)))
    return made


def fasta(name, sequences):
    return "".join(f">{name}_{number}\n{sequence}\n" for number, sequence in enumerate(sequences, 1))


def table(rows, separator="\t"):
    return "".join(separator.join(str(cell) for cell in row) + "\n" for row in rows)


def main(folder):
    os.makedirs(folder, exist_ok=True)

    def put(name, content):
        content = content if isinstance(content, bytes) else content.encode()
        if name.endswith(".gz"):
            packed = io.BytesIO()
            with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as file:
                file.write(content)
            content = packed.getvalue()
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)

    stream = random.Random(2019)
    bound, unbound = several(stream, 300, ETS), several(stream, 300)
    test_bound, test_unbound = several(stream, 200, ETS), several(stream, 200)
    put("bound.fa.gz", fasta("bound", bound))
    put("unbound.fa.gz", fasta("unbound", unbound))
    put("test_bound.fa.gz", fasta("test_bound", test_bound))
    put("test_unbound.fa.gz", fasta("test_unbound", test_unbound))
    put("candidates.fa", fasta("candidate", several(stream, 2, ETS) + several(stream, 2)))

    pairs = random.Random(2020)
    put("together.fa", fasta("together", in_pairs(pairs, 300, "AGATAAGG", "CATTCCAG", 12)))
    put("apart.fa", fasta("apart", in_pairs(pairs, 300, "AGATAAGG", "CATTCCAG", None)))

    head = [("FoldID", "EventID", "seq", "Bound")]
    peaks = several(stream, 400, ETS)
    put("peaks_AC.seq.gz", table(head + [("A", f"seq_{n:05}_peak", s, 1) for n, s in enumerate(peaks, 1)]))
    test = [(s, 1) for s in test_bound[:100]] + [(s, 0) for s in test_unbound[:100]]
    put("peaks_B.seq.gz", table(head + [("B", f"test_{n:05}", s, b) for n, (s, b) in enumerate(test, 1)]))

    for cell, site in [("hepg2", ETS), ("h1", EBOX)]:
        put(f"{cell}.fa.gz", fasta(cell, several(stream, 150, site)))
        put(f"{cell}_neg.fa.gz", fasta(f"{cell}_neg", several(stream, 150)))
    rows = [("sequence", "label:ETS", "label:EBOX")]
    for _ in range(100):
        one, other, neither = several(stream, 1, ETS) + several(stream, 1, EBOX) + several(stream, 1)
        rows += [(one, 1, "NA"), (other, 0, 1), (neither, 0, 0)]
    put("tasks.tsv", table(rows))
    rows = [("id", "sequence", "label")]
    for number in range(100):
        rows.append((f"p{number}", planted(stream, letters(stream, LENGTH), [ETS, EBOX]), "promoter"))
        rows.append((f"e{number}", planted(stream, letters(stream, LENGTH), [ETS]), "enhancer"))
        rows.append((f"o{number}", letters(stream, LENGTH), "other"))
    put("classes.tsv", table(rows))
    rows = [("sequence", "label")]
    for number in range(300):
        sites = [ETS] * (number % 3)
        noise = sum(stream.random() for _ in range(12)) - 6
        rows.append((planted(stream, letters(stream, LENGTH), sites) if sites else letters(stream, LENGTH),
                     f"{number % 3 + 0.3 * noise:.3f}"))
    put("affinities.csv", table(rows, ","))
    rows = [("id", "sequence", "label", "group")]
    for number in range(120):
        rows.append((f"b{number}", bound[number], 1, f"family_{number % 6}"))
        rows.append((f"u{number}", unbound[number], 0, f"family_{number % 6}"))
    put("families.tsv", table(rows))
    rows = [("sequence", "label")]
    for _ in range(150):
        one, other = (letters(stream, 14, "ACDEFGHIKLMNPQRSTVWY") for _ in range(2))
        place = below(stream, 10)
        rows += [(one[:place] + "RGDW" + one[place + 4:], 1), (other, 0)]
    put("peptides.tsv", table(rows))

    genome, intervals, calls, snps = "", [], [], []
    for name, length in [("chr1", 180_000), ("chr2", 120_000), ("chr3", 60_000)]:
        sequence = letters(stream, length)
        for start in range(2_000, length - 2_000, 900):
            start += below(stream, 300)
            sequence = sequence[:start] + planted(stream, sequence[start:start + LENGTH], [ETS]) + sequence[start + LENGTH:]
            peak = f"peak_{len(intervals) + 1}"
            intervals.append((name, start - 50, start + 151, peak, 100, ".", 5, -1, -1, 100))
            if name == "chr3":
                place = start + 30 + below(stream, 40)
                reference = sequence[place]
                alternative = "ACGT"[("ACGT".index(reference) + 1 + below(stream, 3)) % 4]
                calls.append((name, place + 1, f"rs{len(calls) + 1}", reference, alternative, ".", "PASS", "."))
                snps.append((name, place + 1, reference, alternative, f"rs{len(snps) + 1}"))
        genome += f">{name}\n" + "".join(sequence[at:at + 60] + "\n" for at in range(0, length, 60))
    calls += [("chr3", 1_001, "deletion", sequence[1_000:1_003], sequence[1_000], ".", "PASS", "."),
              ("chr3", 1_201, "symbolic", sequence[1_200], "<DEL>", ".", "PASS", "."),
              ("chr3", 1_301, "wrong", "A" if sequence[1_300] != "A" else "C", "G", ".", "PASS", "."),
              ("chr9", 5, "nowhere", "A", "C", ".", "PASS", ".")]
    put("genome.fa", genome)
    put("peaks.narrowPeak", table(intervals))
    meta = "##fileformat=VCFv4.5\n#" + table([("CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")])
    put("calls.vcf", meta + table(calls))
    put("snps.tsv", table([("chrom", "pos", "ref", "alt", "id")] + snps))

    words = {"ETS": ETS, "E-box": EBOX, "GATA": "AGATAAG", "SP": "GGGGCGGGG", "CREB": "TGACGTCA", "AP1": "TGACTCA",
             "NFY": "CCAAT", "TATA": "TATAAAA", "SRF": "CCATATTAGG", "RUNX": "TGTGGT", "STAT": "TTCCCGGAA",
             "NRF1": "GCGCATGCGC"}
    made = []
    for name, word in words.items():
        columns = []
        for letter in word:
            high = 85 - 10 * below(stream, 3)
            columns.append([high if one == letter else (100 - high) // 3 for one in "ACGT"])
        rows = [f"{'ACGT'[at]} [ " + " ".join(f"{column[at]:2}" for column in columns) + " ]\n" for at in range(4)]
        made.append(f">{name}\n" + "".join(rows))
    put("known.jaspar", "".join(made))
    put("found.jaspar", ">found\nA [  3  1  2 26  1  0  2  1 14 ]\nC [ 20  1  1  1  0 27  1 15  4 ]\n"
                        "G [  2  1  1  0  1  0  1  9  5 ]\nT [  3 25 24  1 26  1 24  3  5 ]\n")

    head = ("svm_type c_svc\nkernel_type gkm_esttrunc\nL 8\nk 5\nd 3\nnr_class 2\ntotal_sv 40\nrho 0.05\nlabel 1 -1\n"
            "nr_sv 20 20\nSV\n")
    put("ets.model.txt", head + table([(0.5, s) for s in bound[:20]] + [(-0.5, s) for s in unbound[:20]], " "))
    put("weights.txt", "CCGGAA\t2\nCGGAAG\t1.5\nACCGGA\t1\nGGAAGT\t1\nTTTTTT\t-0.25\n")

    put("experiments.tsv", table([("name", "pos", "neg", "model", "filters", "test-pos", "test-neg"),
                                  ("eight", "bound.fa.gz", "unbound.fa.gz", "network", 8, "test_bound.fa.gz",
                                   "test_unbound.fa.gz"),
                                  ("exact", "bound.fa.gz", "unbound.fa.gz", "exact", "", "test_bound.fa.gz",
                                   "test_unbound.fa.gz")]))
    put("aurocs.tsv", table([("set", "ckn", "other")] + [
        (f"set_{n}", f"{0.80 + n * 7 % 19 / 100:.2f}", f"{0.78 + n * 5 % 17 / 100:.2f}") for n in range(12)]))

    # Images of 16 x 16 pixels: lines that lie (class 0), stand (1) or lean (2).
    for part, count in [("train", 240), ("test", 90)]:
        pixels, labels = bytearray(), bytearray()
        for number in range(count):
            kind, place = number % 3, 3 + below(stream, 10)
            for y in range(16):
                for x in range(16):
                    on = [y == place, x == place, (x + y) % 16 == place][kind]
                    pixels.append(min(255, below(stream, 60) + (180 if on else 0)))
            labels.append(kind)
        put(f"{part}-images.gz", struct.pack(">IIII", 2051, count, 16, 16) + bytes(pixels))
        put(f"{part}-labels.gz", struct.pack(">II", 2049, count) + bytes(labels))
    put("lines.toml", '[[branch]]\ninput = "pixels"\n[[branch.layer]]\npatch = 5\nfilters = 16\ncentred = true\n'
                      'encoding = { nystrom = { kernel = { type = "exponential", sigma = 0.6 } } }\npooling = { by = 2.0 }\n')


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("say where: python3 docs/specimens.py specimens")
    main(sys.argv[1])
