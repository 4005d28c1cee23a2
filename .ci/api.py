#!/usr/bin/env python3
"""Compares what each library crate offers with what it offered: `.ci/api.py FOLDER`, of `cargo doc --workspace --no-deps`.

`crates/*/api.txt` holds every public item, its declaration, its methods and the traits that it implements, as rustdoc shows them. A change
that others may notice then stands in the pull request that makes it. Pages of other versions of rustdoc look different, and are not
compared.

--write   writes the files
"""

import argparse
import difflib
import html
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# The command is no library: its interface is that of this repository's own programs.
CRATES = ["ckn", "ckn-bio", "ckn-burn", "ckn-core", "ckn-interpret", "ckn-model", "ckn-train", "ckn-vision"]
HEADER = re.compile(r'<h[34] class="code-header">(.*?)</h[34]>', re.S)
# Of derived `PartialEq`: nothing that one could use.
UNTOLD = re.compile(r"impl(<.*>)? StructuralPartialEq ")


def read(*parts):
    with open(os.path.join(*parts), encoding="utf-8") as file:
        return file.read()


def text(markup):
    """What a reader sees: without the buttons that hide fields, and where a declaration was wrapped."""
    markup = re.sub(r"<summary.*?</summary>", "", markup, flags=re.S)
    markup = re.sub(r"</?div[^>]*>|<br ?/?>", "\n", markup)
    lines = html.unescape(re.sub(r"<[^>]+>", "", markup)).replace("\u00a0", " ").splitlines()
    return [line.rstrip() for line in lines if line.strip()]


def part(page, name):
    """The list of a section, to the next heading of its level."""
    start = page.find(f'<div id="{name}"')
    if start < 0:
        return ""
    end = page.find("<h2 ", start)
    return page[start:end if end > 0 else len(page)]


def item(folder, path):
    page = read(folder, path)
    declaration = re.search(r'<pre class="rust item-decl"><code>(.*?)</code></pre>', page, re.S)
    if declaration:
        yield from text(declaration.group(1))
    for header in HEADER.findall(part(page, "implementations-list")):
        yield " ".join(" ".join(text(header)).split())
    traits = {" ".join(" ".join(text(header)).split()) for header in HEADER.findall(part(page, "trait-implementations-list"))}
    yield from sorted(line for line in traits if line.startswith(("impl", "unsafe impl")) and not UNTOLD.match(line))


def modules(folder, path=()):
    """Modules from the root on, with what they pass on of others."""
    page = read(folder, *path, "index.html")
    yield path, sorted(" ".join(text(line)) for line in re.findall(r"<code>(pub use .*?)</code>", page, re.S))
    for name in sorted(set(re.findall(r'<a class="mod" href="(\w+)/index\.html"', page))):
        yield from modules(folder, (*path, name))


def listing(folder, name):
    for path, passed_on in modules(folder):
        yield f"mod {'::'.join((name, *path))}"
        yield from (f"    {line}" for line in passed_on)
    # Of an earlier run, pages of items may be left that are there no more: this list is always new.
    for path in sorted(set(re.findall(r'href="((?:\w+/)*[a-z]+\.\w+\.html)"', read(folder, "all.html")))):
        *inside, page = path.split("/")
        kind, item_name, _ = page.split(".")
        yield f"{kind} {'::'.join((name, *inside, item_name))}"
        yield from (f"    {line}" for line in item(folder, path))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    rustdoc = subprocess.run(["rustdoc", "--version"], check=True, capture_output=True, text=True).stdout
    version = "rustdoc " + ".".join(rustdoc.split()[1].split(".")[:2])
    changed = 0
    for crate in CRATES:
        kept = os.path.join("crates", crate, "api.txt")
        name = crate.replace("-", "_")
        new = "\n".join([version, *listing(os.path.join(given.folder, name), name)]) + "\n"
        if given.write:
            with open(os.path.join(ROOT, kept), "w", encoding="utf-8") as file:
                file.write(new)
            continue
        old = read(ROOT, kept)
        if old.split("\n", 1)[0] != version:
            print(f"api: not compared: {kept} is of {old.splitlines()[0]}, and this is {version}")
            return
        if old != new:
            changed += 1
            lines = difflib.unified_diff(old.splitlines(), new.splitlines(), kept, "now", lineterm="", n=2)
            print("\n".join(lines), file=sys.stderr)
    if changed:
        sys.exit("api: what crates offer has changed: see whether it may, say so in the changelog, and write it with --write")
    print(f"api: {len(CRATES)} crates {'written' if given.write else 'offer what they offered'}")


if __name__ == "__main__":
    main()
