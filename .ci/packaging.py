#!/usr/bin/env python3
"""Checks what releases are made with, without making one: `.ci/packaging.py`. Needs PyYAML and Jinja2.

The workflow and the recipe of bioconda must be YAML, name files that are there and the version of the workspace, and every shell script,
those inside the workflow too, must be one. The list of what is compiled in must be that of the command as it is built.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib

import jinja2
import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WORKFLOW = ".github/workflows/release.yml"
RECIPE = "packaging/bioconda/meta.yaml"


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def no_shell(name, text):
    # What the workflow fills in is a word.
    run = subprocess.run(["bash", "-n"], input=re.sub(r"\$\{\{.*?\}\}", "word", text), capture_output=True, text=True)
    if run.returncode != 0:
        yield f"{name}: {run.stderr.strip()}"


def of_workflow():
    jobs = yaml.safe_load(read(WORKFLOW))["jobs"]
    for name, job in jobs.items():
        needs = job.get("needs", [])
        for need in [needs] if isinstance(needs, str) else needs:
            if need not in jobs:
                yield f"{WORKFLOW}: {name} needs {need}, which is no job"
        for step in job["steps"]:
            if ("run" in step) == ("uses" in step):
                yield f"{WORKFLOW}: a step of {name} must have one of `run` and `uses`: {step}"
            yield from no_shell(f"{WORKFLOW}: {name}", step.get("run", ""))
            for path in re.findall(r"(?<![\w./-])(?:packaging|python|crates|\.ci)/[\w./-]+", yaml.dump(step)):
                if not os.path.exists(os.path.join(ROOT, path)):
                    yield f"{WORKFLOW}: {name} names {path}, which is not there"


def of_recipe(version):
    functions = {"compiler": lambda language: f"{language}_compiler", "pin_subpackage": lambda name, **_: name}
    recipe = yaml.safe_load(jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(read(RECIPE)).render(functions))
    if recipe["package"]["version"] != version:
        yield f"{RECIPE}: is of {recipe['package']['version']}, the workspace of {version}"
    for file in recipe["about"]["license_file"]:
        if file != "THIRDPARTY.yml" and not os.path.exists(os.path.join(ROOT, file)):
            yield f"{RECIPE}: names {file}, which is not there"


def of_components():
    with tempfile.NamedTemporaryFile() as file:
        subprocess.run([os.path.join(ROOT, "packaging", "components.py"), file.name], check=True)
        names = {component["name"] for component in json.load(file)["components"]}
    for name in {"burn", "ckn-burn", "wgpu"} & names:
        yield f"packaging/components.py: lists {name}, which the command is built without"
    for name in {"ckn-core", "clap", "faer"} - names:
        yield f"packaging/components.py: does not list {name}, which the command is built with"


def main():
    workspace = tomllib.loads(read("Cargo.toml"))["workspace"]["package"]
    problems = [*of_workflow(), *of_recipe(workspace["version"]), *of_components()]
    for script in ["packaging/build.sh", "packaging/bioconda/build.sh"]:
        problems += no_shell(script, read(script))
    image = re.search(r"^FROM rust:([\d.]+)", read("packaging/Dockerfile"), re.M)
    if not image or image.group(1) != workspace["rust-version"]:
        problems.append(f"packaging/Dockerfile: builds with another Rust than {workspace['rust-version']}")
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"packaging: {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
