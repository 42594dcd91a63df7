"""The command line: ``tenon``. Each command lives in its room and is imported when it is called.

Exit codes: 0 done; 1 refused, with a message; 2 wrong usage; 3 found something wrong (checks).
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click

from tenon import __version__
from tenon.errors import DomainError
from tenon.settings import SettingsError

# Command -> where it is defined; listed here so that one command need not import the others.
COMMANDS: Mapping[str, str] = {
    "run": "tenon.operations.serve:run",
    "migrate": "tenon.operations.database:migrate",
    "status": "tenon.operations.database:status",
    "draft-migration": "tenon.operations.database:draft_migration",
    "demo": "tenon.demo.commands:demo",
    "import": "tenon.listings.importing.commands:import_file",
    "index": "tenon.matches.commands:index",
    "mail": "tenon.notices.commands:mail",
    "match": "tenon.matches.commands:match",
    "match-all": "tenon.matches.all_needs.commands:match_all",
    "learn": "tenon.matches.learning.commands:learn",
    "outbox": "tenon.operations.work:outbox",
    "dispatcher": "tenon.operations.work:dispatcher",
    "worker": "tenon.operations.work:worker",
    "beat": "tenon.operations.work:beat",
    "eval": "matching.evaluation.command:evaluate_sets",
    "grant": "tenon.accounts.commands:grant",
    "revoke": "tenon.accounts.commands:revoke",
    "user": "tenon.accounts.commands:user",
    "audit": "tenon.operations.audit:audit",
    "taxonomy": "tenon.taxonomy.commands:taxonomy",
    "translations": "tenon.web.commands:translations",
}


class LazyCommands(click.Group):
    """A group that imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return every command's name."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a command; None where there is none of that name."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, name = place.split(":")
        command = getattr(import_module(module), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{place} is not a command")
        return command


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tenon")
def tenon() -> None:
    """Tenon 榫卯: research results meet technical needs, from match to paid deal."""


def main() -> None:
    """Run the command line; what the domain refuses becomes one line and exit code 1."""
    try:
        tenon()
    except (SettingsError, DomainError) as error:
        raise SystemExit(f"tenon: {error}") from None
