"""`python -m backend` is the command `qingtian`."""

import gc
import sys
from importlib import import_module
from types import ModuleType

ALONE = {"phone": "backend.phone.command"}
"""Groups of commands that need nothing of the service: whoever uses one does not wait for all of it to be read."""


def main() -> None:
    """Run the command that is typed."""
    name, *words = sys.argv[1:] or [""]
    if name in ALONE:
        getattr(_loaded(ALONE[name]), name)(words, prog_name=f"qingtian {name}")
    else:
        _loaded("backend.cli").app(prog_name="qingtian")


def _loaded(module: str) -> ModuleType:
    """Import a module; nothing of it is ever garbage, so that nothing is collected meanwhile, nor looked at later."""
    gc.disable()
    found = import_module(module)
    gc.freeze()
    gc.enable()
    return found


if __name__ == "__main__":
    main()
