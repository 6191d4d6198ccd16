"""`python -m server` and the `hongbo` command."""

import gc
import sys

gc.disable()  # what is loaded here never becomes garbage; looking for it takes a third of a command's time

from server.cli import run  # noqa: E402

gc.freeze()
gc.enable()


def main() -> None:
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
