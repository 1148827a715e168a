"""The command `qingtian`: where each command lives. Only the one that is typed is read, which is most of its time."""

import gc
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

COMMANDS = {
    "run": "backend.serve_command:service",
    "setup": "backend.serve_command:service",
    "demo": "backend.demo.command:phones",
    "import": "backend.imports.command:imports",
}
"""Each command that stands alone, and the room that has it."""

GROUPS = {
    "reference": "backend.reference.command:reference",
    "ledger": "backend.verify.command:ledger",
    "receipt": "backend.verify.command:receipt",
    "checkpoint": "backend.jobs.checkpoint_command:checkpoint",
    "held": "backend.jobs.held_command:held",
    "checks": "backend.checks.command:checks",
    "quarantine": "backend.quarantine.command:quarantine",
    "contract": "backend.contract.command:contract",
    "phone": "backend.phone.command:phone",
    "personal": "backend.privacy.command:personal",
    "account": "backend.auth.command:account",
    "figure": "backend.explanation.command:figure",
    "export": "backend.exports.command:export",
    "job": "backend.jobs.job_command:job",
    "webhook": "backend.outbox.command:webhook",
}
"""Each group of commands, in the order of the help."""


class Commands(TyperGroup):
    """The commands of all rooms, each read when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - asked for by every group
        """Return the names in the order of the help."""
        return [*COMMANDS, *GROUPS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - asked for by every group
        """Return a command or a group of them, or None where there is none of the name."""
        place = (COMMANDS | GROUPS).get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        room = typer.main.get_group(getattr(_read(module), name))
        room.name = cmd_name
        return room.commands[cmd_name] if cmd_name in COMMANDS else room


def _read(module: str) -> Any:
    """Import a module; nothing of it is ever garbage, so that nothing is collected meanwhile, nor looked at later."""
    gc.disable()
    found = import_module(module)
    gc.freeze()
    gc.enable()
    return found


app = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False)


@app.callback()
def qingtian() -> None:
    """清田：农业清洁生产上报。Clean agricultural production."""


def main() -> None:
    """Run the command that is typed."""
    app(prog_name="qingtian")
