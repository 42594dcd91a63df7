"""Every command can be imported, has help, and stands in the list; so do the Makefile's targets."""

from __future__ import annotations

import re
from importlib import import_module

import click
import pytest
from click.testing import CliRunner

from tenon.cli import COMMANDS, tenon
from tests.guards.checkout import ROOT, project_files, text_of


def _all_commands() -> list[tuple[str, ...]]:
    """Return every command and subcommand as the words that call it."""
    found: list[tuple[str, ...]] = []

    def walk(command: click.Command, words: tuple[str, ...]) -> None:
        found.append(words)
        if isinstance(command, click.Group):
            for name, child in command.commands.items():
                walk(child, (*words, name))

    for name, place in COMMANDS.items():
        module, attribute = place.split(":")
        walk(getattr(import_module(module), attribute), (name,))
    return found


def test_every_command_has_help() -> None:
    runner = CliRunner()
    for words in _all_commands():
        done = runner.invoke(tenon, [*words, "--help"])
        assert done.exit_code == 0, words
        assert "Usage:" in done.output
        body = done.output.split("\n\n")[1].strip()
        assert body, words
        assert not body.startswith("Options:"), words


def test_help_lists_every_command_with_what_it_is_for() -> None:
    shown = CliRunner().invoke(tenon, ["--help"]).output
    listed = re.findall(r"^  ([a-z-]+)  +(\S.*)$", shown.split("Commands:")[1], re.MULTILINE)
    assert [name for name, _ in listed] == sorted(COMMANDS)


@pytest.mark.parametrize("name", ["README.md", "docs/operations.md"])
def test_commands_named_in_the_docs_exist(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    known = {" ".join(words) for words in _all_commands()}
    for words in re.findall(r"(?:^|[\s`/])tenon ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)?)", text):
        first, _, second = words.partition(" ")
        if first in COMMANDS:
            group = any(one.startswith(f"{first} ") for one in known)
            assert not (group and second) or f"{first} {second}" in known, words
    targets = set(re.findall(r"^([a-z-]+):.*##", text_of_makefile(), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z-]+)", text))
    assert named - targets == set()
    commands = set(re.findall(r"^(?:    )?(?:\$ )?(?:\S+/)?tenon ([a-z-]+)", text, re.MULTILINE))
    assert commands - COMMANDS.keys() == set()


def text_of_makefile() -> str:
    """Return the Makefile."""
    return (ROOT / "Makefile").read_text(encoding="utf-8")


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for path in project_files():
        if path.suffix != ".md":
            continue
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text_of(path) or ""):
            if "://" in target or target.startswith("mailto:"):
                continue
            if not (ROOT / path.parent / target).exists():
                broken.append(f"{path}: {target}")
    assert broken == []
