"""`python -m server` and the `hongbo` command."""

import sys

from server.cli import run


def main() -> None:
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
