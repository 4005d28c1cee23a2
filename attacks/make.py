"""Writes the files of this folder, from what is whole in ../fuzz/corpus. Python 3 and nothing else.

    python3 attacks/make.py
"""

import gzip
import json
import pathlib
import struct
import zlib

HERE = pathlib.Path(__file__).parent
CORPUS = HERE.parent / "fuzz" / "corpus"


def write(name, content):
    (HERE / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def packed(content):
    """Compressed, the same in every run."""
    return gzip.compress(content if isinstance(content, bytes) else content.encode(), 9, mtime=0)


def bomb(head, line, size=66 << 20):
    return packed(head.encode() + line.encode() * (size // len(line)))


def block(content):
    """A block of BGZF."""
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = raw.compress(content) + raw.flush()
    size = 12 + 6 + len(data) + 8
    head = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + struct.pack("<H", size - 1)
    return head + data + struct.pack("<II", zlib.crc32(content), len(content))


def forged(model, change):
    """A model whose header says something else."""
    length = struct.unpack("<Q", model[:8])[0]
    header = change(json.loads(model[8 : 8 + length]))
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + model[8 + length :]


def within(path, value):
    """A change of one number inside the JSON texts of a header's metadata."""

    def change(header):
        metadata = header["__metadata__"]
        for key, text in metadata.items():
            if not text.startswith("{"):
                continue
            top = json.loads(text)
            inner = top
            for step in path[:-1]:
                inner = inner.get(step) if isinstance(inner, dict) else inner[step] if isinstance(inner, list) and len(inner) > step else None
                if inner is None:
                    break
            if isinstance(inner, dict) and path[-1] in inner:
                inner[path[-1]] = value
                metadata[key] = json.dumps(top)
                return header
        raise SystemExit(f"no {path}")

    return change


def idx(kind, sizes, data=b""):
    return bytes([0, 0, kind, len(sizes)]) + b"".join(struct.pack(">I", size) for size in sizes) + data


def png(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def twobit(records, sequences):
    """A packed genome of given index entries (name, place) and bytes."""
    index = b"".join(bytes([len(name)]) + name + struct.pack("<I", place) for name, place in records)
    return struct.pack("<IIII", 0x1A412743, 0, len(records), 0) + index + sequences


FASTA = ">a\nACGTTGCAACGGTTAACCAGTACGATTAGCAG\n>b\nTTGCAACGGTTAACCAGTACGATTAGCAGACG\n"
SEQUENCE = "ACGTTGCAACGGTTAACCAGTACGATTAGCAGTACGATGACATAGCAGT"

write("cut.fa.gz", packed(FASTA * 40)[:-20])
write("checksum.fa.gz", packed(FASTA)[:-8] + b"\0\0\0\0" + packed(FASTA)[-4:])
write("tail.fa.gz", packed(FASTA) + b"and more")
write("no_end.fa.gz", block(FASTA.encode()))
write("long.fa.gz", bomb(">a\n", SEQUENCE + "\n"))
write("many.fa.gz", bomb("", ">a\nACGTTGCAACG\n"))
write("long.fq.gz", bomb("@a\n", SEQUENCE))
write("many.tsv.gz", bomb("sequence\tlabel\n", "ACGTTGCAACG\t1\n"))
write("many.bed.gz", bomb("", "chr1\t1\t2\n"))
write("many.vcf.gz", bomb("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n", "chr1\t5\t.\tA\tC\n"))
write("zip.fa.gz", b"PK\x03\x04" + b"\0" * 60)
write("picture.fa", png(3, 3))
write("nul.fa", b">a\nACGT\0ACGTACGTACGT\n")
write("wide.fa", "\ufeff>a\nACGTACGTACGT\n".encode("utf-16"))
write("escape.fa", b">\x1b]0;owned\x07\x1b[2J\nACGTACGTACGTACG!\n")

write("cut.2bit", twobit([(b"a", 40)], b""))
write("magic.2bit", b"\x00\x00\x00\x01" + b"\0" * 40)
write("count.2bit", struct.pack("<IIII", 0x1A412743, 0, 0xFFFFFFFF, 0))
write("size.2bit", twobit([(b"a", 22)], struct.pack("<IIII", 0xFFFFFFFF, 0, 0, 0)))
shared = [(b"r%05d" % number, 16 + 11 * 2000) for number in range(2000)]
write("shared.2bit", twobit(shared, struct.pack("<IIII", 4000, 0, 0, 0) + b"\x1b" * 1000))

network = (CORPUS / "model" / "net.ckn").read_bytes()
write("cut.model", network[: len(network) // 2])
write("length.model", struct.pack("<Q", 2**63) + network[8:])
write("text.model", forged(network, lambda header: b"\xff\xfe" * 40))
write("empty.model", forged(network, lambda header: {}))
write("filters.model", forged(network, within(["network", "layers", 0, "filters"], 65536)))
write("width.model", forged(network, within(["network", "layers", 0, "width"], 2**40)))
write("sigma.model", forged(network, within(["network", "layers", 0, "kernel", "sigma"], 1e300)))
write("letters.model", forged(network, within(["network", "letters"], 0)))


def offsets(header):
    name = next(name for name in header if name != "__metadata__")
    header[name]["data_offsets"] = [0, 2**60]
    return header


write("order.model", forged(network, within(["card", "letters"], "TGCA")))
write("offsets.model", forged(network, offsets))

write("magic.idx", b"\x01\x02\x03\x04" + b"\0" * 12)
write("overflow.idx", idx(8, [2**31, 2**31, 2**31]))
write("cut.idx", idx(8, [10, 28, 28], b"\0" * 100))
write("axes.idx", bytes([0, 0, 8, 255]) + b"\0" * 20)

gkm = (CORPUS / "gkm-model" / "linear.txt").read_text()
write("cut.gkm.txt", gkm[: len(gkm) // 2].rsplit("\n", 1)[0] + "\nnan nan")
lines = gkm.splitlines(keepends=True)


def replaced(start, line):
    return "".join(line + "\n" if old.startswith(start) else old for old in lines)


write("kernel.gkm.txt", replaced("kernel_type", "kernel_type 9"))
write("wide.gkm.txt", replaced("L ", "L 13"))
write("count.gkm.txt", replaced("total_sv", "total_sv 4000000000"))

write("empty.fa", "")
write("headless.fa", "ACGTACGTACGTACGT\n")
write("hollow.fa", ">a\n>b\nACGTACGTACGT\n")
write("digits.fa", ">a\nACGT1234ACGTACGT\n")
write("twice.fa", ">a\nACGTACGTACGT\n>a\nACGTACGTACGA\n")
write("formula.fa", ">=cmd|'/C_calc'!A1\nACGTACGTACGTACGT\n")
write("blank.fa.gz", packed("\n" * (8 << 20)))
write("cut.fq", "@a\nACGTACGTACGT\n+\n")
write("quality.fq", "@a\nACGTACGTACGT\n+\nIII\n")
write("plus.fq", "@a\nACGTACGTACGT\nIIIIIIIIIIII\n")
write("no_sequence.tsv", "name\tlabel\na\t1\n")
write("ragged.tsv", "sequence\tlabel\nACGTACGTACGT\t1\nACGTACGTACGT\n")
write("not_a_number.tsv", "sequence\tlabel\nACGTACGTACGT\tNaN\nACGTACGTACGA\t1\n")
write("too_large.tsv", "sequence\tlabel\nACGTACGTACGT\t1e400\nACGTACGTACGA\t1\n")
write("same_columns.tsv", "sequence\tlabel\tlabel\nACGTACGTACGT\t1\t0\n")
write("backwards.bed", "a\t20\t10\n")
write("negative.bed", "a\t-5\t10\n")
write("beyond.bed", "a\t10\t4000\n")
write("wraps.bed", "a\t18446744073709551610\t18446744073709551620\n")
write("elsewhere.bed", "chrUnknown\t1\t10\n")
write("columns.vcf", "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\na\t5\n")
write("wraps.vcf", "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\na\t18446744073709551620\t.\tA\tC\n")
write("sum.meme", "MEME version 4\n\nALPHABET= ACGT\n\nMOTIF m\nletter-probability matrix: alength= 4 w= 1\n0.9 0.9 0.9 0.9\n")
write("width.meme", "MEME version 4\n\nALPHABET= ACGT\n\nMOTIF m\nletter-probability matrix: alength= 4 w= 4000000000\n0.25 0.25 0.25 0.25\n")
write("ragged.jaspar", ">m\nA [ 1 2 3 ]\nC [ 1 2 ]\nG [ 1 2 3 ]\nT [ 1 2 3 ]\n")
write("cut.transfac", "ID m\nP0 A C G T\n01 1 2\n")
write("numbers.homer", ">ACGT\tm\t5.0\nNaN\tNaN\tNaN\tNaN\n")
write("report.tsv", "name\treport\tpos\tneg\nm2\tvictim\tpos.fa\tneg.fa\n")
write("nul.tsv", b"name\tpos\tneg\nm2\tp\0s.fa\tneg.fa\n")
write("outside.tsv", "name\tpos\tneg\n../m2\tpos.fa\tneg.fa\n")

# Whole images, for networks that are not.
write("whole.idx", idx(8, [4, 28, 28], bytes(range(256)) * 12 + b"\0" * 64))
write("labels.idx", idx(8, [4], bytes([0, 1, 0, 1])))
LAYER = """[[branch]]
input = "pixels"
[[branch.layer]]
patch = 5
encoding = { nystrom = { kernel = { type = "exponential", sigma = 0.6 } } }
pooling = { by = 2.0 }
"""
write("filters.toml", LAYER + "filters = 65536\n")
write("unknown.toml", LAYER + "filters = 50\ndepth = 3\n")
