"""The files against the reference tables beside the checkout, where they lie there."""

import csv
import json
from pathlib import Path

import pytest

from tenon.taxonomy import catalogue

REFERENCE = Path(__file__).resolve().parents[4] / "shared" / "data" / "reference"

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(
        not REFERENCE.is_dir(), reason="NOT RUN: no ../shared/data/reference beside the checkout"
    ),
]

MANAGEMENT_AREAS = {"421071", "421171"}  # in the reference, without a code of GB/T 2260


def _regions(name: str) -> dict[str, str]:
    with (REFERENCE / "regions" / name).open(encoding="utf-8-sig", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


def test_provinces_are_worded_as_in_the_reference() -> None:
    expected = {f"{code}0000": name for code, name in _regions("provinces.csv").items()}
    found = {each.code: each.label_zh for each in catalogue.children("region")}
    assert {code: found[code] for code in expected} == expected


def test_cities_are_those_of_the_reference() -> None:
    expected = {
        f"{code}00": name
        for code, name in _regions("cities.csv").items()
        if name not in {"市辖区", "县"} and "直辖" not in name
    }
    found = {
        each.code: each.label_zh
        for each in catalogue.terms("region")
        if each.level == 2 and each.code.endswith("00")
    }
    assert found == expected


def test_counties_of_hubei_are_those_of_the_reference() -> None:
    expected = {
        code: name
        for code, name in _regions("areas.csv").items()
        if code.startswith("42") and code not in MANAGEMENT_AREAS
    }
    found = {
        each.code: each.label_zh
        for each in catalogue.terms("region")
        if each.code.startswith("42") and not each.code.endswith("00")
    }
    assert found == expected


def test_ipc_has_the_classes_of_every_subclass_in_the_reference() -> None:
    with (REFERENCE / "ipc_upper.jsonl").open(encoding="utf-8") as file:
        codes = {json.loads(line)["code"] for line in file}
    found = {each.code for each in catalogue.terms("ipc")}
    assert {code[:3] for code in codes if len(code) > 1} - found == set()
    assert {code[0] for code in codes} == {each.code for each in catalogue.children("ipc")}


def test_industries_kept_since_2011_are_worded_as_in_the_reference() -> None:
    with (REFERENCE / "gbt4754" / "gbt4754.csv").open(encoding="utf-8", newline="") as file:
        names_2011 = {row["name_zh"] for row in csv.DictReader(file) if row["level"] in {"1", "2"}}
    changed_in_2017 = {"05", "11", "25", "50", "58", "59", "79", "87", "96"}
    found = {each.code for each in catalogue.terms("gbt4754") if each.label_zh not in names_2011}
    assert found == changed_in_2017
