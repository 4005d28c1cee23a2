#!/usr/bin/env python3
"""Writes what is compiled into the command, as CycloneDX 1.5: `packaging/components.py ckn.cdx.json`.

Read from `cargo tree`, which knows the features that the command is built with. Tools that read the metadata of the workspace find those of
all its crates together, and list the tensor library and drivers of graphics cards in a program that has neither.

--target TRIPLE   the machine that the program is for; default: this one
"""

import argparse
import json
import os
import re
import subprocess
import tomllib

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LINE = re.compile(r"(?P<name>\S+) v(?P<version>\S+)(?: \([^)]*\))*\t(?P<licence>[^\t]*?)(?: \(\*\))?")


def tree(target):
    words = ["cargo", "tree", "--locked", "--package", "ckn-cli", "--edges", "normal", "--prefix", "none", "--format", "{p}\t{l}"]
    words += ["--target", target] if target else []
    lines = subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    found = {}
    for line in filter(None, lines):
        match = LINE.fullmatch(line)
        if not match:
            raise SystemExit(f"components: `cargo tree` writes {line!r}, which is not understood")
        found[match["name"], match["version"]] = match["licence"]
    return found


def document(target):
    with open(os.path.join(ROOT, "Cargo.lock"), "rb") as file:
        locked = {(one["name"], one["version"]): one.get("checksum") for one in tomllib.load(file)["package"]}
    components = []
    for (name, version), licence in sorted(tree(target).items()):
        reference = f"pkg:cargo/{name}@{version}"
        component = {"type": "library", "bom-ref": reference, "name": name, "version": version, "purl": reference}
        if licence:
            # Cargo's older way of writing OR.
            component["licenses"] = [{"expression": re.sub(r"\s*/\s*", " OR ", licence)}]
        # The crates of this repository have none: they are what the release is.
        if locked[name, version]:
            component["hashes"] = [{"alg": "SHA-256", "content": locked[name, version]}]
        components.append(component)
    program = next(one for one in components if one["name"] == "ckn-cli")
    others = [one for one in components if one is not program]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {**program, "type": "application"}},
        "components": others,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--target")
    given = parser.parse_args()
    made = document(given.target)
    with open(given.file, "w", encoding="utf-8") as file:
        json.dump(made, file, indent=2)
        file.write("\n")
    print(f"components: {len(made['components'])}")


if __name__ == "__main__":
    main()
