"""Models as objects: copies, pickles, cards, pictures; and the annotations of the module."""

import ast
import copy
import inspect
import pickle
from pathlib import Path

import ckn


def test_models_are_copied_and_pickled_with_all_their_bits(model):
    for other in [pickle.loads(pickle.dumps(model)), copy.deepcopy(model), ckn.Model.from_bytes(model.to_bytes())]:
        assert other == model and other.to_bytes() == model.to_bytes()
    assert model != ckn.train(["ACGTACGTTGCA" * 3] * 30, filters=2, epochs=1, seed=1)


def test_a_model_says_what_it_is(model):
    assert repr(model) == "<ckn.Model: CKN of dna>"
    assert (model.kind, model.alphabet, model.letters, model.outputs, model.classes) == ("CKN", "dna", "ACGT", [], [])
    assert model.shortest_sequence == 12
    assert model.card["seed"] == 0 and "validation_auroc" in model.card["measured"]
    page = model._repr_html_()
    assert page.startswith("<table>") and "validation_auroc" in page


def test_names_are_no_markup(specimens):
    _, bound = ckn.read_sequences(specimens / "bound.fa.gz")
    _, unbound = ckn.read_sequences(specimens / "unbound.fa.gz")
    names = ["<script>"] * len(bound) + ["a&b"] * len(unbound)
    page = ckn.train(bound + unbound, labels=names, filters=2, epochs=1)._repr_html_()
    assert "<script>" not in page and "&lt;script&gt;" in page and "a&amp;b" in page


def signatures():
    """Name, function of the module and arguments by the annotations, of every public function and method."""
    tree = ast.parse(Path(ckn.__file__).with_name("__init__.pyi").read_text())
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, getattr(ckn, node.name), node
        elif isinstance(node, ast.ClassDef) and node.name in ckn.__all__:
            for method in node.body:
                if isinstance(method, ast.FunctionDef):
                    name = f"{node.name}.{method.name}"
                    yield name, inspect.getattr_static(getattr(ckn, node.name), method.name), method


def test_annotations_have_the_arguments_of_the_module():
    seen = 0
    for name, function, node in signatures():
        if any(isinstance(one, ast.Name) and one.id == "property" for one in node.decorator_list):
            assert inspect.isdatadescriptor(function), name
            continue
        function = getattr(function, "__func__", function)
        named = [one.arg for one in node.args.args + node.args.kwonlyargs]
        named += [one.arg for one in [node.args.kwarg] if one]
        assert list(inspect.signature(function).parameters) == named, name
        seen += 1
    assert seen > 20


def test_everything_public_is_described():
    for name in ckn.__all__:
        if name != "__version__":
            assert (getattr(ckn, name).__doc__ or "").strip(), name
    for name, function, _ in signatures():
        if not name.endswith("__") and "_repr_" not in name:
            assert (inspect.getdoc(function) or "").strip(), name
