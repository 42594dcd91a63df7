"""The house keeps its shape: no folder shadows the standard library, files stay readable."""

from __future__ import annotations

import ast
import platform
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.guards.checkout import ROOT, modules, project_files, text_of

LONGEST_FILE = 450
LONGEST_FUNCTION = 60
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "data", "info"}
MODEL_FOLDER = "matching/models/"
WORDS_TABLE = "matching/translation/words.tsv.xz"
LARGEST = 1024 * 1024
LARGEST_MODEL = 50 * 1024 * 1024
LARGEST_TABLE = 2 * 1024 * 1024


def test_platform_is_never_a_package() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()


def test_platform_is_the_standard_librarys_wherever_one_stands() -> None:
    expected = Path(sysconfig.get_path("stdlib")) / "platform.py"
    assert Path(str(platform.__file__)).samefile(expected)
    for folder in (ROOT, Path("/")):
        done = subprocess.run(
            [sys.executable, "-c", "import platform, uuid; print(platform.__file__)"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
        assert Path(done.stdout.strip()).samefile(expected)


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(text_of(path) or "") for path in modules()}


def test_every_module_says_what_it_is_for(trees: dict[Path, ast.Module]) -> None:
    assert len(trees) > 100
    assert [str(path) for path, tree in trees.items() if not ast.get_docstring(tree)] == []


def test_files_stay_short(trees: dict[Path, ast.Module]) -> None:
    lengths = {str(path): len((text_of(path) or "").splitlines()) for path in trees}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_functions_stay_short(trees: dict[Path, ast.Module]) -> None:
    found = {}
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    found[f"{path}:{node.lineno} {node.name}"] = length
    assert found == {}


def test_no_module_is_a_junk_drawer(trees: dict[Path, ast.Module]) -> None:
    names = {path: {part.removesuffix(".py") for part in path.parts} for path in trees}
    assert [str(path) for path, parts in names.items() if parts & NO_NAMES] == []


def test_nothing_is_left_to_do_or_ignored_without_a_reason(
    trees: dict[Path, ast.Module],
) -> None:
    marker = re.compile("#.*\\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + ")\\b")
    bare = re.compile(r"#\s*type:\s*ignore(\[[^]]*\])?\s*$")
    found = [
        f"{path}:{number} {line.strip()}"
        for path in trees
        for number, line in enumerate((text_of(path) or "").splitlines(), 1)
        if marker.search(line) or bare.search(line)
    ]
    assert found == []


def test_no_test_skips_without_a_reason(trees: dict[Path, ast.Module]) -> None:
    found = []
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            called = ast.unparse(node.func)
            if called == "pytest.skip" and not node.args:
                found.append(f"{path}:{node.lineno}")
            if called in {"pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail"}:
                reasons = [word for word in node.keywords if word.arg == "reason"]
                if not reasons:
                    found.append(f"{path}:{node.lineno}")
    assert found == []


def test_no_file_is_large_but_the_model_and_its_words() -> None:
    sizes = {path.as_posix(): (ROOT / path).stat().st_size for path in project_files()}
    model = {name: size for name, size in sizes.items() if name.startswith(MODEL_FOLDER)}
    table = {name: size for name, size in sizes.items() if name == WORDS_TABLE}
    large = {n: s for n, s in sizes.items() if s > LARGEST and n not in model | table}
    assert large == {}
    assert sum(table.values()) <= LARGEST_TABLE
    assert sum(model.values()) <= LARGEST_MODEL


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        (
            "a registry's address",
            "|".join(
                [
                    r"pypi\." + "org",
                    r"pythonhosted\." + "org",
                    r"registry\.npmjs\." + "org",
                    r"index[_-]url\s*=",
                    r"\bresolved\"\s*:\s*\"" + "http",
                ]
            ),
        ),
        ("a path of some machine", r"(?<![\w.~*-])/(" + "wo" + r"rk|ro" + r"ot|Users|home)/\w"),
        (
            "a secret",
            "-----BEGIN [A-Z ]*" + "PRIVATE KEY|AKIA[0-9A-Z]{16}|ghp_[0-9A-Za-z]{30}",
        ),
    ],
)
def test_no_file_holds(what: str, pattern: str) -> None:
    found = [
        f"{path}: {match.group()!r} is {what}"
        for path in project_files()
        for match in re.finditer(pattern, text_of(path) or "")
    ]
    assert found == []
