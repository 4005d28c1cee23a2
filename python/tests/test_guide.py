"""The examples of the guide and of the README run as they stand, and print what the pages show, numbers aside."""

import contextlib
import importlib.util
import io
import shutil

import pytest

from conftest import ROOT


def guide():
    """What checks the commands of the guide: how it finds blocks, and which differences it lets pass."""
    spec = importlib.util.spec_from_file_location("guide", ROOT / ".ci" / "guide.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["docs/python.md", "python/README.md"])
def test_the_examples_of_a_page_run_in_order(page, specimens, tmp_path, monkeypatch):
    folder = shutil.copytree(specimens, tmp_path / "page")
    monkeypatch.chdir(folder)
    checks, names, printed, ran = guide(), {}, None, 0
    for kind, body in checks.FENCE.findall((ROOT / page).read_text(encoding="utf-8")):
        if kind.strip() == "python":
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                exec(compile(body, page, "exec"), names)
            printed, ran = output.getvalue(), ran + 1
        elif kind.strip() == "text output" and printed is not None:
            assert checks.masked(body) == checks.masked(printed), body
        else:
            printed = None
    assert ran > 0
