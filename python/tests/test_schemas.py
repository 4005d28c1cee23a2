"""What the command writes as JSON is as docs/schemas say, of every kind of model."""

import json
import struct

import jsonschema
import pytest

from conftest import ROOT

SCHEMAS = ROOT / "docs" / "schemas"


def validator(name):
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def metadata(path):
    """The metadata of a model's file."""
    content = path.read_bytes()
    length = struct.unpack_from("<Q", content)[0]
    return json.loads(json.loads(content[8:8 + length])["__metadata__"]["ckn"])


def record(model):
    return json.loads(model.with_name(model.name + ".run.json").read_text(encoding="utf-8"))


TWO_FILES = ["--pos", "bound.fa.gz", "--neg", "unbound.fa.gz"]
QUICK = ["--filters", "8", "--epochs", "2"]
TRAININGS = {
    "network": TWO_FILES + QUICK,
    "gaps": TWO_FILES + QUICK + ["--gap-decay", "0.3"],
    "similar": TWO_FILES + QUICK + ["--letter-similarity", "transitions:0.5"],
    "layers": TWO_FILES + ["--filters", "8,4", "--width", "8,3", "--epochs", "1", "--learn-sigma"],
    "not-moved": TWO_FILES + ["--filters", "8", "--epochs", "0"],
    "exact": TWO_FILES + ["--model", "exact"],
    "deepbind": TWO_FILES + ["--model", "deepbind", "--epochs", "1", "--calibrations", "2"],
    "average": TWO_FILES + ["--effort", "quick"],
    "tasks": ["--tasks", "tasks.tsv"] + QUICK,
    "classes": ["--tsv", "classes.tsv", "--loss", "multinomial"] + QUICK,
    "measurements": ["--tsv", "affinities.csv", "--loss", "squared"] + QUICK,
}


@pytest.mark.parametrize("kind", TRAININGS)
def test_a_training_on_sequences(command, specimens, tmp_path, kind):
    model = tmp_path / "model.ckn"
    ran = command("train", *TRAININGS[kind], "--out", model, "--quiet", cwd=specimens)
    assert ran.returncode == 0, ran.stderr
    validator("run").validate(record(model))
    validator("model").validate(metadata(model))
    validator("info").validate(json.loads(command("info", "--json", model).stdout))


def test_a_training_on_images(command, specimens, tmp_path):
    model = tmp_path / "model.ckn"
    words = ["--images", "train-images.gz", "--labels", "train-labels.gz", "--network", "lines.toml", "--patches", "2000"]
    ran = command("image", "train", *words, "--out", model, "--quiet", cwd=specimens)
    assert ran.returncode == 0, ran.stderr
    validator("image-run").validate(record(model))
    validator("model").validate(metadata(model))


@pytest.mark.parametrize("file", ["ets.model.txt", "weights.txt"])
def test_a_model_of_another_program(command, specimens, tmp_path, file):
    model = tmp_path / "model.ckn"
    assert command("import", specimens / file, "--out", model).returncode == 0
    validator("model").validate(metadata(model))
    validator("info").validate(json.loads(command("info", "--json", model).stdout))


def test_scans_and_their_shards(command, specimens, tmp_path):
    model, genome = tmp_path / "model.ckn", specimens / "genome.fa"
    assert command("train", *TRAININGS["network"], "--out", model, cwd=specimens).returncode == 0
    of_model = {"whole": [], "one": ["--shard", "1/2"], "two": ["--shard", "2/2"], "region": ["--region", "chr3:0-5000", "--format", "bedgraph"]}
    for name, words in of_model.items():
        assert command("scan", model, genome, *words, "--out", tmp_path / name).returncode == 0
        validator("scan-run").validate(record(tmp_path / name))
    assert command("join", tmp_path / "two", tmp_path / "one", "--out", tmp_path / "joined").returncode == 0
    validator("scan-run").validate(record(tmp_path / "joined"))
    assert (tmp_path / "joined").read_bytes() == (tmp_path / "whole").read_bytes()
    assert command("scan", "--motifs", specimens / "found.jaspar", genome, "--out", tmp_path / "sites").returncode == 0
    validator("motif-scan-run").validate(record(tmp_path / "sites"))
    assert not validator("scan-run").is_valid(record(tmp_path / "sites"))


def test_rows_of_a_sweep(command, specimens, tmp_path):
    cells = [("good", str(specimens / "bound.fa.gz"), str(specimens / "unbound.fa.gz")), ("bad", "nowhere.fa", "nowhere.fa")]
    rows = [("name", "pos", "neg", "model")] + [row + ("exact",) for row in cells]
    (tmp_path / "sweep.tsv").write_text("".join("\t".join(row) + "\n" for row in rows))
    command("sweep", tmp_path / "sweep.tsv", "--out", tmp_path / "results", "--quiet")
    for name, status in [("good", "done"), ("bad", "failed")]:
        row = json.loads((tmp_path / "results" / f"{name}.row.json").read_text(encoding="utf-8"))
        validator("row").validate(row)
        assert row["status"] == status


def test_what_is_no_record_is_none(command, specimens, tmp_path):
    model = tmp_path / "model.ckn"
    assert command("train", *TRAININGS["network"], "--out", model, cwd=specimens).returncode == 0
    good, card = record(model), metadata(model)
    changes = [
        lambda run: run.pop("seed"),
        lambda run: run.update(seed="1"),
        lambda run: run["network"]["layers"][0].update(width=-1),
        lambda run: run["network"].update(pooling="median"),
        lambda run: run["epochs"][0].pop("training_loss"),
    ]
    for change in changes:
        changed = json.loads(json.dumps(good))
        change(changed)
        assert not validator("run").is_valid(changed), changed
    for change in [{"network": None}, {"card": {**card["card"], "colour": "red"}}, {"machine": card["network"]}]:
        assert not validator("model").is_valid({**card, **change})
