#!/usr/bin/env python3
"""Makes a release of what is committed, as the workflow does, and publishes nothing: `packaging/rehearse.py FOLDER [--without JOB,…]`.

Runs the steps of .github/workflows/release.yml in a clone that has the tag: the row of the matrices that is of this machine, and of the
steps that are actions of others those that carry files from job to job. Then the recipe of bioconda, as the release writes it, is built
from the archive of the tag, and its tests are run with what it installed. FOLDER gets what jobs hand on, uploaded/, what the
release would have, out/, and prefix/ of the recipe. Needs PyYAML, Jinja2, cargo-bundle-licenses and, for the job `wheels`, maturin.

CARGO_TARGET_DIR   build folder; default: one of the clone's own, so that everything is built anew
"""

import argparse
import glob
import hashlib
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

import jinja2
import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WORKFLOW = ".github/workflows/release.yml"
REPOSITORY = "ckn-rs/ckn"
MACHINES = {"Linux": "linux", "Darwin": "macos"}


class Rehearsal:
    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        self.source = os.path.join(self.folder, "source")
        self.uploaded = os.path.join(self.folder, "uploaded")
        if os.path.exists(self.folder):
            shutil.rmtree(self.folder)
        os.makedirs(self.uploaded)
        self.git("clone", "--quiet", ROOT, self.source, cwd=ROOT)
        manifest = subprocess.run(
            ["cargo", "metadata", "--no-deps", "--format-version", "1", "--locked"],
            cwd=self.source, check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.version = re.search(r'"name":"ckn","version":"([^"]+)"', manifest.stdout).group(1)
        self.changelog()
        self.git("tag", "--force", f"v{self.version}")
        # What a forge would serve, under the address that it would have.
        self.server = os.path.join(self.folder, "server")
        archive = os.path.join(self.server, REPOSITORY, f"archive/refs/tags/v{self.version}.tar.gz")
        os.makedirs(os.path.dirname(archive))
        self.git("archive", f"--prefix=ckn-{self.version}/", "--output", archive, f"v{self.version}")
        self.variables = os.environ | {
            "GITHUB_SERVER_URL": f"file://{self.server}",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_REF_NAME": f"v{self.version}",
        }
        if kept := os.environ.get("CARGO_TARGET_DIR"):
            # Steps name files in it, too.
            os.symlink(os.path.abspath(kept), os.path.join(self.source, "target"))

    def git(self, *words, cwd=None):
        subprocess.run(["git", *words], cwd=cwd or self.source, check=True)

    def changelog(self):
        """The one thing that a release does by hand: what is not released yet gets a version."""
        path = os.path.join(self.source, "CHANGELOG.md")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if f"## [{self.version}]" in text:
            return
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("## [Unreleased]", f"## [{self.version}]", 1))
        who = ["-c", "user.name=rehearsal", "-c", "user.email=rehearsal@localhost"]
        self.git(*who, "commit", "--quiet", "--all", "--message", f"Version {self.version}")
        print(f"CHANGELOG.md: has no {self.version} yet; in the rehearsal it has")

    def job(self, name, job):
        rows = job.get("strategy", {}).get("matrix", {}).get("include", [{}])
        machine = f"{platform.machine()}-{MACHINES.get(platform.system(), 'windows')}"
        row = next((row for row in rows if row.get("name", machine) == machine), None)
        if row is None:
            print(f"{name}: has no row for {machine}")
            return
        for step in job["steps"]:
            said = step.get("name") or step.get("uses") or step["run"].splitlines()[0]
            started = time.monotonic()
            done = self.action(step, row) if "uses" in step else self.run(step, row)
            print(f"{name}: {said}: {f'{time.monotonic() - started:.0f} s' if done else 'left out'}", flush=True)

    @staticmethod
    def filled(words, row):
        words = re.sub(r"\$\{\{ matrix\.(\w+) \}\}", lambda found: row[found.group(1)], words)
        if "${{" in words:
            sys.exit(f"rehearse: {words}: asks for what only a forge knows")
        return words

    def run(self, step, row):
        # Who holds a secret publishes.
        if "${{" in str(step.get("env", "")):
            return False
        words = self.filled(step["run"], row)
        subprocess.run(["bash", "-e", "-o", "pipefail", "-c", words], cwd=self.source, env=self.variables, check=True)
        return True

    def action(self, step, row):
        name = step["uses"].split("@")[0]
        options = step.get("with", {})
        if name == "actions/checkout":
            # Every job begins with what is committed.
            self.git("clean", "-fdxq", "--exclude=/target")
            return True
        if name == "actions/upload-artifact":
            for pattern in self.filled(options["path"], row).split():
                files = glob.glob(os.path.join(self.source, pattern))
                if not files:
                    sys.exit(f"rehearse: nothing was made that is named {pattern}")
                for file in files:
                    shutil.copy(file, self.uploaded)
            return True
        if name == "actions/download-artifact":
            shutil.copytree(self.uploaded, os.path.join(self.source, options["path"]), dirs_exist_ok=True)
            return True
        if name == "PyO3/maturin-action":
            command = ["maturin", options["command"], *shlex.split(options["args"])]
            subprocess.run(command, cwd=self.source, env=self.variables, check=True)
            return True
        return False

    def recipe(self):
        """Builds and tests what conda-build would, but with the compiler that is here."""
        made = os.path.join(self.source, "out")
        functions = {"compiler": lambda language: language, "pin_subpackage": lambda name, **_: name}
        with open(os.path.join(made, "bioconda-meta.yaml"), encoding="utf-8") as file:
            recipe = yaml.safe_load(jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(file.read()).render(functions))
        archive = recipe["source"]["url"].replace("https://github.com", self.server)
        with open(archive, "rb") as file:
            found = hashlib.sha256(file.read()).hexdigest()
        if recipe["source"]["sha256"] != found:
            sys.exit(f"rehearse: the recipe has the sum {recipe['source']['sha256']} of an archive of {found}")
        prefix = os.path.join(self.folder, "prefix")
        with tempfile.TemporaryDirectory() as work:
            with tarfile.open(archive) as tar:
                tar.extractall(work, filter="data")
            (unpacked,) = os.listdir(work)
            unpacked = os.path.join(work, unpacked)
            script = os.path.join(made, "bioconda-build.sh")
            subprocess.run(["bash", script], cwd=unpacked, env=self.variables | {"PREFIX": prefix}, check=True)
            for licence in recipe["about"]["license_file"]:
                if not os.path.getsize(os.path.join(unpacked, licence)):
                    sys.exit(f"rehearse: {licence} is empty")
        with tempfile.TemporaryDirectory() as empty:
            path = os.path.join(prefix, "bin") + os.pathsep + os.environ["PATH"]
            for command in recipe["test"]["commands"]:
                subprocess.run(["bash", "-e", "-c", command], cwd=empty, env=os.environ | {"PATH": path}, check=True)
        print(f"recipe: built from {os.path.basename(archive)}, {len(recipe['test']['commands'])} tests passed")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="is emptied first")
    parser.add_argument("--without", default="", help="jobs to leave out, joined by commas")
    options = parser.parse_args()
    with open(os.path.join(ROOT, WORKFLOW), encoding="utf-8") as file:
        jobs = yaml.safe_load(file)["jobs"]
    without = set(options.without.split(",")) - {""}
    if unknown := without - jobs.keys():
        sys.exit(f"rehearse: {WORKFLOW} has no job {', '.join(sorted(unknown))}")
    rehearsal = Rehearsal(options.folder)
    for name, job in jobs.items():
        if name not in without:
            rehearsal.job(name, job)
    if "publish" not in without:
        rehearsal.recipe()
        shutil.move(os.path.join(rehearsal.source, "out"), rehearsal.folder)
    shutil.rmtree(rehearsal.source)
    print(f"rehearsed {rehearsal.version}: {rehearsal.folder}")


if __name__ == "__main__":
    main()
