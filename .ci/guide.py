#!/usr/bin/env python3
"""Checks the README and the guide against the program: `.ci/guide.py target/release/ckn`.

Always: relative links and their anchors, the length of the README, that every page is in the table of contents, that every option in a
code block is one that `ckn COMMAND --help` knows, that lines of Rust stand in the source, where they are compiled, and that
docs/outputs.md has a sentence for every column whose name the source of the command has.

--run     also runs every command of the guide on the specimens, each page in a fresh folder, compares what is printed with what the
          page shows (numbers and letters of sequences aside, which may differ between kinds of processors), and looks up every
          column of every table in docs/outputs.md, too
--write   the same, but puts what is printed into the pages

In the pages a block `sh` is run; `sh sketch` is not, since it names files that the specimens do not have. A block `text output`
shows all that the block before it printed, messages included; `text` alone is not compared. Blocks `python` are run by
python/tests/test_guide.py.
"""

import argparse
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
REPOSITORY = "https://github.com/ckn-rs/ckn/"
MOST_LINES = 200
SECONDS = 300
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.M | re.S)
COLUMN = re.compile(r"[a-z][a-z0-9_]*(?:[:_][\w. -]+)?")
# Columns whose names depend on the data.
PATTERNS = [(r"^score:.+", "score:NAME"), (r"^auroc:.+", "auroc:CLASS"), (r"^hypothetical_.$", "hypothetical_LETTER"),
            (r"^f\d+$", "f1"), (r"^score_.+", "score_CLASS"), (r"^label:.+", "label:NAME")]


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def pages():
    """The README, the guide, the READMEs of crates and what else links, relative to the root."""
    found = [name for name in os.listdir(ROOT) if name.endswith(".md")]
    found += [f"docs/{name}" for name in os.listdir(os.path.join(ROOT, "docs")) if name.endswith(".md")]
    found += [f"crates/{crate}/README.md" for crate in os.listdir(os.path.join(ROOT, "crates"))] + ["python/README.md"]
    return sorted(name for name in found if os.path.exists(os.path.join(ROOT, name)))


def slug(heading):
    """The anchor of a heading, as GitHub and mdBook make it."""
    heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").strip().lower()
    return re.sub(r"[^\w\- ]", "", heading).replace(" ", "-")


def dead_links(name):
    text = FENCE.sub("", read(name))
    for target in re.findall(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^)\s]+)\)", text):
        own = re.match(re.escape(REPOSITORY) + r"(?:blob|tree)/main/(.*)", target)
        if own:
            path, base = own.group(1), ""
        elif re.match(r"[a-z]+:", target):
            continue
        else:
            path, base = target, os.path.dirname(name)
        path, _, anchor = path.partition("#")
        path = os.path.normpath(os.path.join(base, path)) if path else name
        if not os.path.exists(os.path.join(ROOT, path)):
            yield f"{name}: dead link {target}"
        elif name.startswith("docs/") and not own and not path.startswith("docs/"):
            yield f"{name}: {target} leads out of the book: write {REPOSITORY}blob/main/{path}"
        elif anchor and path.endswith(".md"):
            headings = re.findall(r"^#+ (.*)$", FENCE.sub("", read(path)), re.M)
            if anchor not in map(slug, headings):
                yield f"{name}: {target}: {path} has no such heading"


def not_in_contents():
    listed = re.findall(r"\]\(([^)]+)\)", read("docs/SUMMARY.md"))
    for name in pages():
        if name.startswith("docs/") and name != "docs/SUMMARY.md" and os.path.basename(name) not in listed:
            yield f"{name}: not in docs/SUMMARY.md"


class Help:
    """The options that commands know."""

    def __init__(self, binary):
        self.binary, self.known = binary, {}

    def options(self, command):
        if command not in self.known:
            run = subprocess.run([self.binary, *command, "--help"], capture_output=True, text=True)
            options = set(re.findall(r"^ +(?:-\w, )?(--[a-z0-9-]+)", run.stdout, re.M))
            options |= set(re.findall(r"^ +(-\w)\b", run.stdout, re.M)) | set(re.findall(r"alias(?:es)?: (--[a-z-]+)", run.stdout))
            self.known[command] = options if run.returncode == 0 else None
        return self.known[command]

    def all(self):
        names = re.findall(r"^  ([a-z]+) ", subprocess.run([self.binary, "--help"], capture_output=True, text=True).stdout, re.M)
        images = [("image", name) for name in ["train", "evaluate", "predict", "features", "filters"]]
        return set().union(*(self.options(command) or set() for command in [(name,) for name in names] + images))

    def unknown(self, text):
        """Options of the commands in a text that they do not know."""
        text = re.sub(r"(^|\s)#.*", r"\1", text.replace("\\\n", " "), flags=re.M)
        for part in re.split(r"\n|&&|\|\|?|;|\$\(", text):
            words = part.split()
            if "ckn" not in words:
                continue
            words = words[words.index("ckn") + 1:]
            if not words or not re.fullmatch(r"[a-z]+", words[0]):
                continue
            command = tuple(words[:2]) if words[0] == "image" and len(words) > 1 else (words[0],)
            known = self.options(command)
            if known is None:
                yield f"`ckn {' '.join(command)}` is no command"
                continue
            for word in words:
                option = word.split("=")[0].rstrip(".,)")
                if re.fullmatch(r"--?[a-z][a-z0-9-]*", option) and option not in known:
                    yield f"`ckn {' '.join(command)}` has no option {option}"


def unknown_options(name, program):
    text = read(name)
    for kind, body in FENCE.findall(text):
        if kind.split()[:1] == ["sh"]:
            yield from (f"{name}: {problem}" for problem in program.unknown(body))
    for span in re.findall(r"`([^`\n]+)`", FENCE.sub("", text)):
        if span.startswith("ckn "):
            yield from (f"{name}: {problem}" for problem in program.unknown(span))


def rust_lines():
    """Lines of the source, of its documentation too."""
    lines = set()
    for top in ["crates", "examples"]:
        for path, _, files in os.walk(os.path.join(ROOT, top)):
            for file in files:
                if file.endswith(".rs"):
                    with open(os.path.join(path, file), encoding="utf-8") as source:
                        lines.update(re.sub(r"^\s*//[/!] ?", "", line).strip().rstrip("{;").strip() for line in source)
    return lines


def unknown_rust(name, known):
    """Lines of examples that are not in the source, where they are compiled: in a program, a doctest or the library itself."""
    for kind, body in FENCE.findall(read(name)):
        if kind == "rust":
            for line in body.splitlines():
                if re.sub(r"^//! ", "", line.strip()).rstrip("{;").strip() not in known:
                    yield f"{name}: no source has the line `{line.strip()}`"


def masked(text):
    """What must be the same on every machine: words, but no numbers, and no letters of sequences."""
    text = re.sub(r"\b[ACGT]+\b", "@", text)
    return re.sub(r"[-+]?\d[\d,]*(\.\d+)?(e[-+]?\d+)?", "#", text).rstrip().splitlines()


class Runner:
    """Runs the commands of pages."""

    def __init__(self, binary, write):
        self.write, self.columns = write, set()
        self.folder = tempfile.TemporaryDirectory()
        programs = os.path.join(self.folder.name, "programs")
        os.mkdir(programs)
        os.symlink(os.path.abspath(binary), os.path.join(programs, "ckn"))
        self.environment = dict(os.environ, PATH=programs + os.pathsep + os.environ["PATH"], LC_ALL="C.UTF-8")
        self.specimens = os.path.join(self.folder.name, "specimens")
        subprocess.run([sys.executable, os.path.join(ROOT, "docs", "specimens.py"), self.specimens], check=True)

    def page(self, name):
        """Problems of a page."""
        text, at, printed, problems, made = read(name), 0, None, [], []
        if not re.search(r"^```sh$", text, re.M):
            return []
        folder = os.path.join(self.folder.name, "page")
        shutil.copytree(self.specimens, folder)
        for block in FENCE.finditer(text):
            kind, body = block.group(1).strip(), block.group(2)
            made.append(text[at:block.start()])
            at = block.end()
            if kind == "sh":
                run = subprocess.run(["bash", "-euc", body], cwd=folder, env=self.environment, stdin=subprocess.DEVNULL,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS)
                printed = run.stdout
                if run.returncode != 0:
                    problems.append(f"{name}: exit code {run.returncode} of\n{body}{printed}")
                self.look(printed)
            elif kind == "text output" and printed is not None:
                if masked(body) != masked(printed) and not self.write:
                    lines = difflib.unified_diff(masked(body), masked(printed), "shown", "printed", lineterm="", n=1)
                    problems.append(f"{name}: the output shown is not the one printed, numbers aside:\n" + "\n".join(lines))
                made.append(f"```text output\n{printed.rstrip()}\n```")
                continue
            made.append(block.group(0))
        for path, _, files in os.walk(folder):
            for file in files:
                if file.endswith(".tsv") and not os.path.exists(os.path.join(self.specimens, file)):
                    with open(os.path.join(path, file), encoding="utf-8") as table:
                        self.look(table.readline())
        shutil.rmtree(folder)
        new = "".join(made) + text[at:]
        if self.write and new != text:
            with open(os.path.join(ROOT, name), "w", encoding="utf-8") as file:
                file.write(new)
        return problems

    def look(self, printed):
        """Takes the names of columns from what was printed: lines of cells that are all names."""
        width = 0
        for line in printed.splitlines():
            cells, last = line.split("\t"), width
            width = len(cells)
            # Below a header of two columns, words are values.
            if width > 1 and not width == last == 2 and all(COLUMN.fullmatch(cell) for cell in cells):
                self.columns.update(cells)


def source_columns():
    """Columns of the headers in the source of the command: literals with tabs."""
    for path, _, files in os.walk(os.path.join(ROOT, "crates", "ckn-cli", "src")):
        for file in files:
            with open(os.path.join(path, file), encoding="utf-8") as source:
                for literal in re.findall(r'"((?:[^"\\\n]|\\.)*)"', source.read()):
                    cells = literal.removesuffix("\\n").split("\\t")
                    yield from (cell for cell in cells if len(cells) > 1 and re.fullmatch(r"[a-z][a-z0-9_]+", cell))


def without_sentence(columns):
    described = set(re.findall(r"`([^`\n]+)`", read("docs/outputs.md")))
    for column in sorted(set(columns)):
        name = next((name for pattern, name in PATTERNS if re.match(pattern, column)), column)
        if name not in described:
            yield f"docs/outputs.md says nothing of the column `{column}`"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--run", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--page", action="append", help="run only this page; say it again for others")
    given = parser.parse_args()
    program, problems = Help(given.binary), []
    if given.run or given.write:
        runner = Runner(given.binary, given.write)
        listed = ["docs/" + name for name in re.findall(r"\]\(([^)]+)\)", read("docs/SUMMARY.md"))]
        for name in [name for name in listed if not given.page or os.path.basename(name) in given.page]:
            problems += runner.page(name)
        problems += without_sentence(runner.columns)
        print(f"columns looked up: {len(runner.columns)}")
    known_lines = rust_lines()
    for name in pages():
        problems += dead_links(name)
        problems += unknown_options(name, program)
        problems += unknown_rust(name, known_lines)
    problems += not_in_contents()
    problems += without_sentence(source_columns())
    known = program.all()
    for name in ["README.md"] + [name for name in pages() if name.startswith("docs/")]:
        for option in re.findall(r"`(--[a-z0-9-]+)", FENCE.sub("", read(name))):
            if option not in known and option != "--features":  # of cargo
                problems.append(f"{name}: no command has an option {option}")
    lines = len(read("README.md").splitlines())
    if lines > MOST_LINES:
        problems.append(f"README.md has {lines} lines, {MOST_LINES} at most: move something into docs/")
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"pages: {len(pages())}, problems: {len(problems)}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
