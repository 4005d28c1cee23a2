#!/usr/bin/env python3
"""Packs every crate that is published, as crates.io gets it, and looks into the packages: `.ci/packages.py`.

Each must hold its source, its README and both licences, and nothing else (no tests, no golden numbers), be small, and say of itself what
crates.io shows; crates of the workspace must be asked for by version. Packages lie in target/package afterwards.

--verify   also builds each from its package alone, in the order in which they are published; this builds every dependency anew, as
           users have it, which takes some ten minutes: it is a step of a release, not of continuous integration
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tarfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# crates.io takes 10 MiB.
MOST_BYTES = 512 << 10
MADE_BY_CARGO = {"Cargo.toml", "Cargo.toml.orig", "Cargo.lock", ".cargo_vcs_info.json"}
NEEDED = MADE_BY_CARGO - {".cargo_vcs_info.json"} | {"README.md", "LICENSE-MIT", "LICENSE-APACHE", "src/lib.rs"}
ALLOWED = re.compile(r"src/.+\.rs|templates/report(?:\.css|(?:/\w+)?\.html)")
# What crates.io takes at most of each.
MOST_WORDS = 5


def cargo(*words):
    return subprocess.run(["cargo", *words], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def of_manifest(package):
    """What is missing in a manifest."""
    for field in ["description", "documentation", "license", "readme", "repository", "rust_version"]:
        if not package[field]:
            yield f"{package['name']}: its manifest has no {field}"
    for field in ["keywords", "categories"]:
        if not 1 <= len(package[field]) <= MOST_WORDS:
            yield f"{package['name']}: its manifest has {len(package[field])} {field}, of 1 to {MOST_WORDS}"
    for dependency in package["dependencies"]:
        if dependency.get("path") and dependency["req"] == "*":
            yield f"{package['name']}: asks for {dependency['name']} by its path alone: write its version, too"


def of_package(name, path):
    """What is wrong in a package."""
    size = os.path.getsize(path)
    if size > MOST_BYTES:
        yield f"{name}: its package has {size} bytes, {MOST_BYTES} at most"
    with tarfile.open(path) as archive:
        files = {member.name.partition("/")[2]: member for member in archive.getmembers()}
        for file in sorted(NEEDED - set(files)):
            yield f"{name}: its package has no {file}"
        for file, member in sorted(files.items()):
            if not (file in NEEDED | MADE_BY_CARGO or ALLOWED.fullmatch(file)):
                yield f"{name}: its package holds {file}: see `include` in its Cargo.toml"
            elif not member.isfile() or member.size == 0:
                yield f"{name}: {file} is no file, or an empty one, in its package"
    print(f"{name}: {len(files)} files, {size} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--verify", action="store_true")
    given = parser.parse_args()
    metadata = json.loads(cargo("metadata", "--no-deps", "--locked", "--format-version", "1"))
    # An empty list is `publish = false`.
    published = [package for package in metadata["packages"] if package["publish"] != []]
    others = [word for package in metadata["packages"] if package["publish"] == [] for word in ("--exclude", package["name"])]
    # A working copy with changes can be packed as well: nothing is uploaded.
    how = [] if given.verify else ["--no-verify"]
    cargo("package", "--quiet", "--workspace", *others, *how, "--locked", "--allow-dirty")
    problems = []
    for package in published:
        problems += of_manifest(package)
        packed = f"{package['name']}-{package['version']}.crate"
        problems += of_package(package["name"], os.path.join(metadata["target_directory"], "package", packed))
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"packages: {len(published)}, problems: {len(problems)}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
