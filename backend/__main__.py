"""`python -m backend` is the command `qingtian`."""

import sys
from importlib import import_module

ALONE = {"phone": "backend.phone.command"}
"""Groups of commands that need nothing of the service: whoever uses one does not wait for all of it to be read."""


def main() -> None:
    """Run the command that is typed."""
    name, *words = sys.argv[1:] or [""]
    if name in ALONE:
        getattr(import_module(ALONE[name]), name)(words, prog_name=f"qingtian {name}")
    else:
        import_module("backend.cli").app(prog_name="qingtian")


if __name__ == "__main__":
    main()
