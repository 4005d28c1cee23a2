"""The command `ckn`."""

import signal
import sys

from . import _ckn


def main():
    """Runs the command as the program of that name does, and ends with its exit code."""
    # The interpreter would keep Ctrl-C for later, and there is no later.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(_ckn.run_command(sys.argv))
