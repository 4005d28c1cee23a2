"""Whatever is given, what comes back is an exception of the module, and the interpreter goes on."""

import os
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest

import ckn

SEQUENCES = ["ACGTACGTACGTACGTACGT", "TTGACCATGACCATGACCAT"] * 10
LABELS = [0, 1] * 10


@pytest.mark.parametrize(
    ("sequences", "says"),
    [
        ([], "no sequences"),
        (np.zeros((0, 5), dtype=np.uint8), "no sequences"),
        (np.array([], dtype="S5"), "no sequences"),
        ([""], "no letters"),
        (["ACGT", ""], "record 2 has no letters"),
        (["ACGTÅ"], "which is not dna"),
        (["ACGT\x00"], "which is not dna"),
        (["ACG-T"], "gap"),
        (["ACGT🧬"], "which is not dna"),
        ([1, 2], "of type int"),
        ([None], "of type NoneType"),
        (["ACGT", ["ACGT"]], "record 2 is of type list"),
        (5, "int is no set of sequences"),
        (object(), "no set of sequences"),
        (b"ACGT", "bytes are one sequence"),
        (np.zeros((3, 4)), "float64"),
        (np.zeros((3, 4), dtype=np.int32), "int32"),
        (np.zeros(3, dtype=np.uint8), "[3]"),
        (np.zeros((3, 4, 4), dtype=np.uint8), "[3, 4, 4]"),
        (np.zeros((3, 4), dtype=np.uint8), "codes of letters, 65 for A"),
        ({"one": "ACGT"}, "give its values"),
        ("ACGTACGT", "sequences are given as a list of text"),
        ("no/such/file.fa", "cannot open"),
    ],
)
def test_sequences_that_are_none_are_refused(model, sequences, says):
    for ask in [model.predict, model.attribute, lambda given: ckn.train(given, filters=4, epochs=1)]:
        with pytest.raises(ckn.InputError, match="(?i)" + says.replace("[", r"\[")) as caught:
            ask(sequences)
        assert isinstance(caught.value, (ckn.Error, ValueError))


def test_lone_surrogates_are_refused(model):
    with pytest.raises(UnicodeEncodeError):
        model.predict(["ACGT\ud800"])


def test_the_text_names_the_record_and_the_remedy(model):
    with pytest.raises(ckn.InputError, match=r"sequence_3.*record 3.*letter 4 is `X`"):
        model.predict([SEQUENCES[0], SEQUENCES[1], "ACGX" + SEQUENCES[0]])
    with pytest.raises(ckn.InputError, match="has 4 letters.*needs 12"):
        model.predict([SEQUENCES[0], "ACGT"])


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        ([0, 1] * 9 + [0, np.nan], "NaN"),
        ([0, 1] * 9 + [0, np.inf], "inf"),
        ([0, 1, 2], "20|3"),
        ([], "0"),
        ([0] * 20, "(?s)class|positives"),
        ([1, 0] + ["a"] * 18, "training needs at least 2|mixed"),
        ([None] * 20, "neither all numbers"),
        ([1 + 2j] * 20, "complex"),
        (np.zeros((20, 2)), "task_names"),
        (["same"] * 20, "the label of every sequence is `same`"),
        ([7] * 20, "labels of two classes are 0 and 1"),
        ([1] * 20, "every label is 1"),
        ([{}] * 20, "neither all numbers"),
        ([[0], [1, 2]] * 10, "no array|neither all numbers"),
    ],
)
def test_labels_that_are_none_are_refused(labels, says):
    with pytest.raises(ckn.InputError, match=says):
        ckn.train(SEQUENCES, labels=labels, model="network", filters=4, epochs=1)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"nonsense": 1}, "unexpected argument '--nonsense'"),
        ({"effort": "huge"}, "invalid value 'huge'"),
        ({"model": "exact", "filters": 3}, "--filters belongs to networks"),
        ({"budget": 5, "filters": 3}, "--budget"),
        ({"threads": 0}, "between 1 and 1024"),
        ({"alphabet": "xna"}, "no alphabet"),
        ({"quiet": True}, "progress"),
        ({"progress": 3}, "progress is True"),
        ({"seed": -1}, "seed"),
        ({"out": "model.ckn"}, "unexpected argument '--out'"),
        ({"pos": "bound.fa"}, "given twice"),
        ({"negatives": SEQUENCES}, "drop one of both"),
        ({"filters": [object()]}, "invalid value"),
    ],
)
def test_arguments_without_effect_are_refused(arguments, says):
    with pytest.raises(ckn.SettingError, match=says):
        ckn.train(SEQUENCES, labels=LABELS, **arguments)


def test_arguments_that_do_not_fit_each_other_are_refused(model, specimens):
    for call, says in [
        (lambda: ckn.train(), "no sequences"),
        (lambda: ckn.train(labels=LABELS), "no sequences"),
        (lambda: ckn.train(SEQUENCES, task_names=["one"]), "give labels"),
        (lambda: model.variants(), "give vcf or tsv"),
        (lambda: model.variants(vcf="a.vcf", reference=SEQUENCES), "give vcf or tsv"),
        (lambda: model.variants(reference=SEQUENCES, alternative=SEQUENCES, window=5), "window"),
        (lambda: model.scan(specimens / "genome.fa", threshold=1, fpr=1e-3), "one of both"),
        (lambda: model.scan(specimens / "genome.fa", threshold=np.nan), "not a number"),
        (lambda: model.scan(specimens / "genome.fa", fpr=2), "between 1e-6 and 0.5"),
        (lambda: model.scan(specimens / "genome.fa", region="chr1:9-3"), "START below END"),
        (lambda: model.scan(specimens / "genome.fa", strands="left"), "both or forward|by itself"),
        (lambda: model.motifs(max_q=0.1), "without positives"),
        (lambda: model.motifs(SEQUENCES, max_q=2), "at most 1"),
        (lambda: model.attribute(SEQUENCES, by="magic"), "choose one of"),
        (lambda: model.predict(SEQUENCES, output="none"), "no output none"),
    ]:
        with pytest.raises(ckn.SettingError, match=says):
            call()


def test_files_that_are_none_are_refused(model, specimens, tmp_path):
    path = tmp_path / "model.ckn"
    model.save(path)
    with pytest.raises(ckn.SettingError, match="exists already"):
        model.save(path)
    model.save(path, overwrite=True)
    damaged = bytearray(path.read_bytes())
    damaged[100] ^= 0xFF
    for call in [
        lambda: ckn.Model.from_bytes(bytes(damaged)),
        lambda: ckn.Model.from_bytes(b""),
        lambda: ckn.Model.load(tmp_path),
        lambda: ckn.Model.load(specimens / "candidates.fa"),
        lambda: ckn.read_sequences(path),
        lambda: model.motifs(database=specimens / "candidates.fa"),
    ]:
        with pytest.raises(ckn.InputError):
            call()


def test_a_million_short_sequences(model):
    letters = np.frombuffer(b"ACGT", dtype=np.uint8)[np.random.default_rng(0).integers(0, 4, (1_000_000, 12))]
    scores = model.predict(letters)
    assert scores.shape == (1_000_000,) and np.isfinite(scores).all()
    texts = letters[:1000].view("S12")[:, 0]
    assert (model.predict(texts) == scores[:1000]).all()
    with pytest.raises(ckn.InputError, match="the network needs 12"):
        model.predict(["ACGT"] * 1_000_000)


def test_a_million_short_sequences_are_trained_on_or_refused():
    letters = np.frombuffer(b"ACGT", dtype=np.uint8)[np.random.default_rng(1).integers(0, 4, (1_000_000, 10))]
    labels = letters[:, 3] == ord("A")
    with pytest.raises(ckn.InputError, match="letters.*needs 12"):
        ckn.train(letters, labels=labels, model="network")
    model = ckn.train(letters, labels=labels, filters=4, width=6, epochs=1)
    assert np.isfinite(model.predict(letters[:10])).all()
    with pytest.raises(ckn.InputError, match="every sequence stands in both classes"):
        ckn.train(letters[:, :3], labels=np.arange(1_000_000) % 2)


def test_doubts_about_the_data_are_warnings():
    with pytest.warns(ckn.DataWarning, match="fewer than 20 of a class"):
        ckn.train(SEQUENCES, labels=LABELS, filters=4, epochs=1, width=6)


def test_a_training_without_time_has_the_first_model_that_there_is(specimens):
    assert ckn.train(specimens / "bound.fa.gz", specimens / "unbound.fa.gz", budget=0).kind


def test_progress_is_heard_and_may_stop_the_training(specimens):
    files, lines = (specimens / "bound.fa.gz", specimens / "unbound.fa.gz"), []
    loud = ckn.train(*files, filters=4, epochs=2, progress=lines.append)
    assert any("sequences to fit on" in line for line in lines)
    assert loud == ckn.train(*files, filters=4, epochs=2)

    def stop(line):
        raise KeyError(line)

    with pytest.raises(KeyError):
        ckn.train(*files, filters=64, epochs=10_000, progress=stop)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores cannot be chosen on this system")
def test_who_hears_a_training_may_ask_models_on_one_core_too(specimens):
    ran = alone(
        """
        import os
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        import ckn
        files = "bound.fa.gz", "unbound.fa.gz"
        model, heard = ckn.train(*files, filters=4, epochs=1), []
        ckn.train(*files, filters=4, epochs=1, progress=lambda line: heard.append(len(model.predict("candidates.fa"))))
        print(set(heard))
        """,
        cwd=specimens,
    )
    assert ran.stdout == "{4}\n", ran.stderr


def alone(program, **settings):
    """Runs a program in an interpreter of its own."""
    program = textwrap.dedent(program)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, **settings)


def test_progress_goes_to_standard_error(specimens):
    ran = alone("import ckn; ckn.train('bound.fa.gz', filters=4, epochs=1, progress=True)", cwd=specimens)
    assert ran.returncode == 0 and "ckn: engine slices" in ran.stderr and ran.stdout == ""


def test_control_c_ends_a_training_with_the_best_so_far(specimens):
    ran = alone(
        """
        import ckn, os, signal, threading, warnings
        # What runs in the background of a shell ignores SIGINT.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        threading.Timer(3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model = ckn.train("bound.fa.gz", "unbound.fa.gz", filters=64, epochs=100_000)
        print(type(model).__name__, [str(one.message) for one in caught])
        """,
        cwd=specimens,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("Model") and "interrupted" in ran.stdout


def test_control_c_twice_raises_at_once(specimens):
    ran = alone(
        """
        import ckn, os, signal, threading
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for seconds in (2, 2.2):
            threading.Timer(seconds, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        try:
            ckn.train("bound.fa.gz", "unbound.fa.gz", progress=lambda line: __import__("time").sleep(30), filters=8)
        except KeyboardInterrupt:
            print("raised", flush=True)
            os._exit(0)
        """,
        cwd=specimens,
    )
    assert ran.stdout == "raised\n", ran.stderr


def test_other_threads_of_the_interpreter_go_on(specimens):
    ran = alone(
        """
        import ckn, threading
        done, count = threading.Event(), 0
        def work():
            ckn.train("bound.fa.gz", "unbound.fa.gz", filters=32, epochs=20)
            done.set()
        threading.Thread(target=work).start()
        while not done.wait(0.001):
            count += 1
        print(count)
        """,
        cwd=specimens,
    )
    assert ran.returncode == 0 and int(ran.stdout) > 50, ran.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_fork_has_threads_of_its_own(specimens):
    ran = alone(
        """
        import ckn, multiprocessing
        model = ckn.train("bound.fa.gz", "unbound.fa.gz", filters=4, epochs=1)
        with multiprocessing.get_context("fork").Pool(2) as pool:
            scores = pool.map(model.predict, ["candidates.fa"] * 2)
        print((scores[0] == model.predict("candidates.fa")).all())
        """,
        cwd=specimens,
    )
    assert ran.stdout == "True\n", ran.stderr


def test_sixteen_threads_ask_one_model(model):
    from concurrent.futures import ThreadPoolExecutor

    start, expected = time.monotonic(), model.predict(SEQUENCES)
    with ThreadPoolExecutor(16) as pool:
        for scores in pool.map(lambda _: model.predict(SEQUENCES), range(200)):
            assert (scores == expected).all()
    assert time.monotonic() - start < 60


def test_a_panic_is_an_exception_and_the_interpreter_goes_on(model):
    for _ in range(3):
        with pytest.raises(ckn.InternalError, match="internal error: number 7: please report it"):
            ckn._ckn.broken_computation("number 7")
    assert len(model.predict(SEQUENCES)) == len(SEQUENCES)
