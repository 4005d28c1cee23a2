"""The page in Chromium: `pytest web/tests`.

CKN_PAGE       the page, one file
CKN_PROGRAM    the command `ckn`, whose numbers the page must show
CKN_SPECIMENS  folder that docs/specimens.py wrote
CKN_CHROMIUM   the browser; default: chromium
"""

import csv
import gzip
import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

PAGE = Path(os.environ["CKN_PAGE"]).resolve()
PROGRAM = os.environ["CKN_PROGRAM"]
SPECIMENS = Path(os.environ["CKN_SPECIMENS"]).resolve()
EXAMPLE = Path(__file__).resolve().parent.parent / "example"
WIDTHS = [1280, 400]


def run(*words):
    return subprocess.run([PROGRAM, *map(str, words)], check=True, capture_output=True, text=True).stdout


def table(*words):
    return list(csv.DictReader(run(*words).splitlines(), delimiter="\t"))


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A model of each kind that the guide trains."""
    folder = tmp_path_factory.mktemp("models")
    two = ["--pos", SPECIMENS / "bound.fa.gz", "--neg", SPECIMENS / "unbound.fa.gz"]
    settings = {
        "mean": [*two, "--model", "network", "--pooling", "mean", "--filters", "16"],
        "two layers": [*two, "--filters", "8,4", "--width", "8,4", "--epochs", "3"],
        "machine": [*two, "--model", "exact"],
        "baseline": [*two, "--model", "baseline"],
        "search": [*two, "--auto", "--budget", "6"],
        "classes": ["--tsv", SPECIMENS / "classes.tsv"],
        "tasks": ["--tasks", SPECIMENS / "tasks.tsv", "--model", "network"],
        "measured": ["--tsv", SPECIMENS / "affinities.csv"],
        "protein": ["--tsv", SPECIMENS / "peptides.tsv", "--alphabet", "protein"],
    }
    made = {}
    for name, words in settings.items():
        made[name] = folder / f"{name.replace(' ', '_')}.ckn"
        run("train", *words, "--out", made[name], "--quiet")
    return made


@pytest.fixture(scope="session")
def browser():
    program = os.environ.get("CKN_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])


@pytest.fixture(params=WIDTHS)
def page(browser, request):
    """The page, opened from the file system without a network; it says nothing on the console and asks for nothing."""
    context = browser.new_context(viewport={"width": request.param, "height": 900}, offline=True, accept_downloads=True)
    opened, said, asked = context.new_page(), [], []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    opened.goto(PAGE.as_uri())
    opened.wait_for_selector("body[data-ready]", state="attached")
    yield opened
    assert not said
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == [PAGE.as_uri()]
    # Only what scrolls for itself is wider than the window.
    assert opened.evaluate("document.documentElement.scrollWidth") <= request.param
    context.close()


def give(page, field, *files):
    taken = int(page.get_attribute("body", "data-taken"))
    page.set_input_files(field, list(files))
    page.wait_for_selector(f"body[data-taken='{taken + 1}']", state="attached")


def saved(page, button):
    with page.expect_download() as download:
        page.click(button)
    with open(download.value.path(), newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def shown_score(page):
    return float(page.get_attribute("#score-facts", "data-score"))


def same(first, second, tolerance=1e-9):
    return abs(float(first) - float(second)) <= tolerance * max(1.0, abs(float(second)))


# Deeper layers multiply in single precision, whose rounding depends on the processor.
TOLERANCE = {"two layers": 1e-4}


def explained(page):
    page.wait_for_selector("#contributions svg")
    return saved(page, "#save-contributions")


def test_the_example_has_the_numbers_of_the_command(page):
    page.click("#example")
    page.wait_for_selector("#score-table tbody tr")
    model, sequences = EXAMPLE / "model.ckn", EXAMPLE / "sequences.fa"
    scores = table("predict", model, sequences)
    rows = saved(page, "#save-scores")
    assert [row["id"] for row in rows] == [row["id"] for row in scores] and len(rows) == 20
    assert all(same(row["score"], other["score"]) for row, other in zip(rows, scores))
    contributions = [row for row in table("attribute", model, sequences) if row["id"] == scores[0]["id"]]
    mutants = [row for row in table("mutagenesis", model, sequences) if row["id"] == scores[0]["id"]]
    rows = explained(page)
    assert len(rows) == len(contributions) == 101
    assert all(same(row["contribution"], other["contribution"]) for row, other in zip(rows, contributions))
    assert len(mutants) == 303
    assert all(same(rows[int(row["position"])]["score:" + row["alt"]], row["after"]) for row in mutants)
    # The least that a person sees: the site, above the line, and the substitution that hurts most, made by its button.
    strongest = min(mutants, key=lambda row: float(row["difference"]))
    page.click("#strongest summary")
    page.get_by_label(f"Make the substitution {strongest['ref']}{int(strongest['position']) + 1}{strongest['alt']}").click()
    assert same(shown_score(page), strongest["after"])
    page.click("#back")
    assert same(shown_score(page), scores[0]["score"])


@pytest.mark.parametrize("name", ["mean", "two layers", "machine", "baseline", "search", "measured"])
def test_every_kind_of_model(page, models, name, tmp_path):
    sequences = SPECIMENS / "test_bound.fa.gz"
    tolerance = TOLERANCE.get(name, 1e-9)
    give(page, "#model-file", models[name])
    give(page, "#sequence-file", sequences)
    scores = table("predict", models[name], sequences)
    assert all(same(row["score"], other["score"], tolerance) for row, other in zip(saved(page, "#save-scores"), scores))
    rows = explained(page)
    first = tmp_path / "first.fa"
    first.write_text("\n".join(gzip.open(sequences, "rt").read().split("\n")[:2]) + "\n")
    contributions = table("attribute", models[name], first)
    assert all(same(row["contribution"], other["contribution"], tolerance) for row, other in zip(rows, contributions))
    assert len(rows) == len(contributions)
    for row in table("mutagenesis", models[name], first):
        assert same(rows[int(row["position"])]["score:" + row["alt"]], row["after"], tolerance)
    # What is typed has the score of the same letters in a file.
    stream = random.Random(name)
    letters = list(page.input_value("#letters"))
    for place in stream.sample(range(len(letters)), 5):
        letters[place] = stream.choice("ACGTN")
    page.fill("#letters", "".join(letters).lower())
    first.write_text(f">typed\n{''.join(letters)}\n")
    assert same(shown_score(page), table("predict", models[name], first)[0]["score"], tolerance)


@pytest.mark.parametrize("name", ["classes", "tasks"])
def test_several_outputs(page, models, name):
    sequences = SPECIMENS / "candidates.fa"
    # Both at once, in the wrong order: as a person drops them.
    give(page, "#sequence-file", sequences)
    assert "waits for a model" in page.text_content("#status")
    give(page, "#model-file", models[name])
    scores = table("predict", models[name], sequences)
    rows = saved(page, "#save-scores")
    columns = [column for column in scores[0] if column.startswith("score:")]
    assert len(columns) >= 2 and list(rows[0]) == ["id", *columns]
    assert all(same(row[column], other[column]) for row, other in zip(rows, scores) for column in columns)
    page.select_option("#output", "1")
    assert same(shown_score(page), scores[0][columns[1]])
    page.wait_for_timeout(200)
    contributions = table("attribute", models[name], sequences, "--output", columns[1].removeprefix("score:"))
    rows = explained(page)
    assert all(same(row["contribution"], other["contribution"]) for row, other in zip(rows, contributions))
    if name == "classes":
        best = max(columns, key=lambda column: float(scores[0][column])).removeprefix("score:")
        assert page.text_content("#score-table tbody tr td:last-child") == best


def test_short_peptides_are_lengthened_as_by_the_command(page, models, tmp_path):
    peptides = tmp_path / "peptides.fa"
    peptides.write_text(">short\nKW\n>long\nGIGKFLHSAKKFGKAFVGEIMNS\n")
    give(page, "#model-file", models["protein"])
    give(page, "#sequence-file", peptides)
    scores = table("predict", models["protein"], peptides)
    assert all(same(row["score"], other["score"]) for row, other in zip(saved(page, "#save-scores"), scores))
    assert len(explained(page)) == 2


def test_what_is_wrong_is_said(page, models, tmp_path):
    page.click("#example")
    page.wait_for_selector("#score-table tbody tr")
    before = shown_score(page)
    page.fill("#letters", page.input_value("#letters")[:50] + "*")
    assert "position 51" in page.text_content("#letters-error")
    page.fill("#letters", "ACG")
    assert "looks at" in page.text_content("#letters-error")
    page.click("#back")
    assert shown_score(page) == before and page.is_hidden("#letters-error")
    cut = tmp_path / "cut.ckn"
    cut.write_bytes(models["mean"].read_bytes()[:900])
    give(page, "#model-file", cut)
    assert "cut.ckn" in page.text_content("#error")
    # The model before is still there.
    assert shown_score(page) == before
    broken = tmp_path / "broken.fa"
    broken.write_text(">a\nACGTACGTACGTACGTACGT\n>b\nACGT1ACGTACGTACGTACG\n")
    give(page, "#sequence-file", broken)
    message = page.text_content("#error")
    assert "broken.fa" in message and "4" in message and page.is_hidden("#scores")
    hostile = tmp_path / "hostile.fa"
    hostile.write_text("".join(f">{name}\nACGTACGTACGTACGTACGTACGT\n" for name in ["<img/src=x/onerror=alert(1)>", "</script><script>alert(2)</script>", "\u202eabc"]))
    give(page, "#sequence-file", hostile)
    assert page.locator("#score-table img").count() == 0 and page.locator("#score-table tbody tr").count() == 3
    give(page, "#model-file", models["protein"])
    assert page.is_visible("#facts")


def test_everything_is_reached_by_the_keyboard(page):
    page.click("#example")
    page.wait_for_selector("#contributions svg")
    reached = set()
    page.focus("#model-file")
    for _ in range(60):
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.className"))
        page.keyboard.press("Tab")
    wanted = {"sequence-file", "example", "filter", "order", "save-scores", "name", "letters", "back", "contributions", "effects", "save-contributions"}
    assert wanted <= reached
    unnamed = page.evaluate("""[...document.querySelectorAll('input, select, textarea, button')]
        .filter((field) => !field.labels?.length && !field.textContent.trim()).map((field) => field.id)""")
    assert unnamed == []


def test_the_page_is_small():
    assert PAGE.stat().st_size < 3_000_000
    assert json.dumps(PAGE.read_text()).find("https://") < 0
