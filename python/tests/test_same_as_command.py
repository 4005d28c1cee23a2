"""Module and command give the same bytes: models, scores, contributions, effects, hits, motifs."""

import json

import numpy as np
import pytest

import ckn


def table(text):
    """The columns of a table that the command prints."""
    rows = [line.split("\t") for line in text.splitlines()]
    return {name: [row[place] for row in rows[1:]] for place, name in enumerate(rows[0])}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, []),
        ({"seed": 3, "filters": [16, 4], "width": (10, 2), "epochs": 3}, ["--seed", "3", "--filters", "16,4", "--width", "10,2", "--epochs", "3"]),
        ({"model": "exact", "threads": 1}, ["--model", "exact"]),
        ({"effort": "quick", "seed": 7}, ["--effort", "quick", "--seed", "7"]),
    ],
)
def test_a_model_of_files_is_the_file_of_the_command(command, specimens, tmp_path, options, words):
    files = specimens / "bound.fa.gz", specimens / "unbound.fa.gz"
    ran = command("train", "--pos", files[0], "--neg", files[1], "--out", tmp_path / "command.ckn", *words)
    assert ran.returncode == 0, ran.stderr
    ckn.train(*files, **options).save(tmp_path / "module.ckn")
    assert (tmp_path / "module.ckn").read_bytes() == (tmp_path / "command.ckn").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"seq": "peaks_AC.seq.gz", "mode": "top"}, ["--seq", "peaks_AC.seq.gz", "--mode", "top"]),
        ({"tsv": "classes.tsv"}, ["--tsv", "classes.tsv"]),
        ({"tsv": "affinities.csv", "loss": "squared"}, ["--tsv", "affinities.csv", "--loss", "squared"]),
        ({"tasks": "tasks.tsv"}, ["--tasks", "tasks.tsv"]),
        (
            {"task": {"HepG2": ["hepg2.fa.gz", "hepg2_neg.fa.gz"], "H1": "h1.fa.gz"}},
            ["--task", "HepG2=hepg2.fa.gz,hepg2_neg.fa.gz", "--task", "H1=h1.fa.gz"],
        ),
        ({"tsv": "peptides.tsv", "alphabet": "protein", "model": "network", "epochs": 2},
         ["--tsv", "peptides.tsv", "--alphabet", "protein", "--model", "network", "--epochs", "2"]),
    ],
)
def test_every_kind_of_input_is_an_argument(command, specimens, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(specimens)
    ran = command("train", *words, "--out", tmp_path / "command.ckn")
    assert ran.returncode == 0, ran.stderr
    assert ckn.train(**arguments).to_bytes() == (tmp_path / "command.ckn").read_bytes()


def test_sequences_in_memory_differ_from_files_in_the_hashes_of_the_data_alone(specimens, test_sequences):
    files = specimens / "bound.fa.gz", specimens / "unbound.fa.gz"
    of_files = ckn.train(*files, filters=16, epochs=5)
    bound, unbound = (ckn.read_sequences(file)[1] for file in files)
    labels = np.repeat([1, 0], [len(bound), len(unbound)])
    given = {
        "text": (bound, unbound),
        "bytes": ([one.encode() for one in bound], [one.encode() for one in unbound]),
        "array of bytes": tuple(np.array([list(one.encode()) for one in part], dtype=np.uint8) for part in (bound, unbound)),
        "NumPy's bytes": tuple(np.array(part, dtype="S") for part in (bound, unbound)),
        "NumPy's text": tuple(np.array(part) for part in (bound, unbound)),
        "a file and a list": (files[0], unbound),
        "a generator": ((one for one in bound), unbound),
    }
    models = {name: ckn.train(*parts, filters=16, epochs=5) for name, parts in given.items()}
    models["labels"] = ckn.train(bound + unbound, labels=labels, filters=16, epochs=5)
    expected = {**of_files.card, "data": {}}
    assert len(of_files.card["data"]) == 2
    for name, model in models.items():
        assert model.card == expected, name
        assert (model.predict(test_sequences[1]) == of_files.predict(test_sequences[1])).all(), name


def test_names_of_classes_and_tasks_in_memory_are_those_of_a_table(specimens):
    rows = table((specimens / "classes.tsv").read_text())
    of_file, of_list = ckn.train(tsv=specimens / "classes.tsv"), ckn.train(rows["sequence"], labels=rows["label"])
    assert of_list.outputs == of_file.outputs == ["enhancer", "other", "promoter"]
    assert (of_list.predict(rows["sequence"]) == of_file.predict(rows["sequence"])).all()

    rows = table((specimens / "tasks.tsv").read_text())
    labels = [[np.nan if cell == "NA" else float(cell) for cell in row] for row in zip(rows["label:ETS"], rows["label:EBOX"])]
    of_file = ckn.train(tasks=specimens / "tasks.tsv")
    of_list = ckn.train(rows["sequence"], labels=labels, task_names=["ETS", "EBOX"])
    assert of_list.outputs == of_file.outputs == ["ETS", "EBOX"]
    scores = of_file.predict(rows["sequence"])
    assert scores.shape == (300, 2) and (of_list.predict(rows["sequence"]) == scores).all()
    assert (of_list.predict(rows["sequence"], output="EBOX") == scores[:, 1]).all()


def test_positives_alone_are_told_from_the_same_shuffles(command, specimens, tmp_path):
    ran = command("train", "--pos", specimens / "bound.fa.gz", "--out", tmp_path / "command.ckn")
    assert ran.returncode == 0, ran.stderr
    assert ckn.train(specimens / "bound.fa.gz").to_bytes() == (tmp_path / "command.ckn").read_bytes()


def test_scores_are_those_of_the_command_to_the_bit(command, model, specimens, tmp_path, test_sequences):
    model.save(tmp_path / "model.ckn")
    ran = command("predict", tmp_path / "model.ckn", specimens / "test_bound.fa.gz")
    printed = np.array([float(score) for score in table(ran.stdout)["score"]])
    from_file = model.predict(specimens / "test_bound.fa.gz")
    from_list = ckn.Model.load(tmp_path / "model.ckn").predict(test_sequences[1][: len(printed)], threads=1)
    assert from_file.dtype == np.float64 and from_file.shape == (200,)
    assert (from_file == printed).all() and (from_list == printed).all()


@pytest.mark.parametrize("by", [None, "shapley", "gradient", "substitution", "occlusion"])
def test_contributions_are_those_of_the_command(command, model, specimens, tmp_path, by):
    model.save(tmp_path / "model.ckn")
    rule = ["--by", by] if by else []
    ran = command("attribute", tmp_path / "model.ckn", specimens / "candidates.fa", "--hypothetical", *rule)
    printed = table(ran.stdout)
    found = model.attribute(specimens / "candidates.fa", by=by, hypothetical=True)
    assert [one.name for one in found] == list(dict.fromkeys(printed["id"]))
    contributions = np.concatenate([one.contributions for one in found])
    number = next(name for name in printed if name == "contribution")
    assert np.allclose(contributions, np.array(printed[number], dtype=float), atol=1e-6, rtol=0)
    hypothetical = np.concatenate([one.hypothetical for one in found])
    assert hypothetical.shape == (4 * 101, 4)
    for letter, column in zip("ACGT", hypothetical.T):
        assert np.allclose(column, np.array(printed[f"hypothetical_{letter}"], dtype=float), atol=1e-6, rtol=0)
    for one in found:
        if one.baseline is not None:
            assert abs(one.baseline + one.contributions.sum() - one.score) < 1e-9


def test_effects_of_variants_are_those_of_the_command(command, model, specimens, tmp_path):
    model.save(tmp_path / "model.ckn")
    genome = specimens / "genome.fa"
    ran = command("variants", tmp_path / "model.ckn", "--vcf", specimens / "calls.vcf", "--genome", genome, "--null", "500")
    printed = table(ran.stdout)
    found = model.variants(vcf=specimens / "calls.vcf", genome=genome, null=500)
    assert list(found) == list(printed)
    for name in ["chrom", "id", "ref", "alt", "status"]:
        assert found[name] == printed[name]
    assert [str(pos) for pos in found["pos"]] == printed["pos"]
    for name in ["before", "after", "difference", "effect", "p_value"]:
        expected = np.array([np.nan if cell == "NA" else float(cell) for cell in printed[name]])
        tolerance = 1e-6 if name == "p_value" else 0
        assert np.allclose(found[name], expected, atol=tolerance, rtol=0, equal_nan=True), name


def test_effects_of_pairs_are_those_of_the_command(command, model, specimens, tmp_path):
    model.save(tmp_path / "model.ckn")
    before, after = specimens / "test_bound.fa.gz", specimens / "test_unbound.fa.gz"
    ran = command("variants", tmp_path / "model.ckn", "--ref", before, "--alt", after)
    printed, found = table(ran.stdout), model.variants(reference=before, alternative=ckn.read_sequences(after)[1])
    assert list(found) == list(printed) and found["id"] == printed["id"]
    assert (found["difference"] == np.array(printed["difference"], dtype=float)).all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, []),
        ({"fpr": 1e-3, "seed": 2}, ["--fpr", "1e-3", "--seed", "2"]),
        ({"threshold": -1.0, "region": "chr2:5000-30000", "length": 60}, ["--threshold=-1", "--region", "chr2:5000-30000", "--length", "60"]),
    ],
)
def test_hits_are_those_of_the_command(command, model, specimens, tmp_path, arguments, words):
    model.save(tmp_path / "model.ckn")
    ran = command("scan", tmp_path / "model.ckn", specimens / "genome.fa", *words)
    assert ran.returncode == 0, ran.stderr
    lines = [line.split("\t") for line in ran.stdout.splitlines()]
    found = model.scan(specimens / "genome.fa", **arguments)
    rows = zip(*(found[name] for name in ["chrom", "start", "end", "score", "strand", "peak_start", "peak_end"]))
    made = [[c, str(s), str(e), ".", f"{score:.4f}", strand, str(p), str(q)] for c, s, e, score, strand, p, q in rows]
    assert made == lines and len(lines) > 10
    assert found["threshold"] == arguments.get("threshold", found["threshold"])


def test_a_genome_may_be_a_list(model, test_sequences):
    found = model.scan(test_sequences[1][:20], length=50, threshold=-100)
    assert set(found["chrom"]) == {f"sequence_{number}" for number in range(1, 21)}
    assert (found["end"] - found["start"] == 101).all()


@pytest.mark.parametrize("with_model", [True, False])
def test_motifs_are_those_of_the_command(command, model, specimens, tmp_path, with_model):
    model.save(tmp_path / "model.ckn")
    files = specimens / "test_bound.fa.gz", specimens / "test_unbound.fa.gz"
    named = [tmp_path / "model.ckn"] if with_model else []
    ran = command("motifs", *named, "--pos", files[0], "--neg", files[1], "--out", tmp_path / "motifs")
    printed = table(ran.stdout)
    found = model.motifs(*files) if with_model else ckn.find_motifs(*files)
    assert [one.name for one in found] == printed["motif"] and len(found) > 0
    assert [one.consensus for one in found] == printed["consensus"]
    assert [f"{one.q_value:.3e}" for one in found] == printed["q_value"]
    assert [str(one.evidence["positives_with_hit"]) for one in found] == printed["positives_with_hit"]
    assert [one.found_in for one in found] == printed["found_in"]
    assert [one.direction for one in found] == printed["direction"]
    for one in found:
        assert one.matrix.shape == (len(one.consensus), 4) and np.allclose(one.matrix.sum(axis=1), 1)
        assert one._repr_svg_().startswith("<svg")


def test_motifs_of_a_model_alone_and_their_names(model, specimens):
    found = model.motifs(database=specimens / "known.jaspar")
    assert found and found[0].evidence is None and found[0].q_value is None
    assert len(found[0].match) == 3
    assert found[0].matches[0] == found[0].match and len(found[0].matches) <= 5


def test_the_command_has_its_exit_codes_and_its_help(command, tmp_path):
    assert command("--version").stdout.split() == ["ckn", ckn.__version__]
    assert "Convolutional kernel networks" in command("--help").stdout
    assert command("train").returncode == 2
    assert command("predict", tmp_path / "none.ckn", tmp_path / "none.fa").returncode == 3


def test_a_sweep_starts_its_rows_with_the_command_of_the_wheel(command, specimens, tmp_path):
    manifest = specimens / "sweep_of_wheel.tsv"
    manifest.write_text("name\tpos\tneg\tfilters\tepochs\none\tbound.fa.gz\tunbound.fa.gz\t8\t2\n")
    ran = command("sweep", manifest, "--out", tmp_path / "results")
    assert ran.returncode == 0, ran.stderr
    record = json.loads((tmp_path / "results" / "one.ckn.run.json").read_text())
    assert record["command"][1] == "train"
