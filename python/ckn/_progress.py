"""Progress of a training, where it is asked for."""

import sys


def say(line):
    """Writes one line where messages go: beside the cell in a notebook, to standard error elsewhere."""
    print(f"ckn: {line}", file=sys.stderr, flush=True)
