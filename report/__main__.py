"""Entry point of the `latentes` command; handles signals before loading the rest."""

import gc
import os
import sys

from report.interrupts import interruptible


def main() -> None:
    """Load and run the command line."""
    if os.name == "nt":
        sys.exit("Windows is not supported; use WSL 2, the Linux of Windows.")
    with interruptible():
        gc.disable()  # imports make no garbage
        from report.cli import main as run

        gc.freeze()
        gc.enable()
        run()


if __name__ == "__main__":
    main()
