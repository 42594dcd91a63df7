"""The frame of every page: languages, theme, menus, what may be loaded."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask_babel import lazy_gettext

from tenon.web.access import Access
from tenon.web.layout import address_if, here
from tenon.web.navigation import Entry, add_entries
from tests.web.wellformed import faults

ENGLISH = {"Accept-Language": "en"}


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_page_is_wellformed(frame: Flask, language: str) -> None:
    answer = frame.test_client().get("/", headers={"Accept-Language": language})
    assert faults(answer.text) == []


@pytest.mark.parametrize(
    ("accepts", "lang"),
    [("en-GB,en;q=0.8", "en"), ("zh-CN,zh", "zh-Hans"), ("zh-TW", "zh-Hans"), ("fr", "zh-Hans")],
)
def test_language_is_the_browsers_at_first(frame: Flask, accepts: str, lang: str) -> None:
    page = frame.test_client().get("/", headers={"Accept-Language": accepts}).text
    assert f'<html lang="{lang}">' in page


def test_language_is_switched_on_the_page_one_is_on_and_kept(frame: Flask) -> None:
    client = frame.test_client()
    page = client.get("/?q=x", headers=ENGLISH).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    target = re.search(r'name="next" value="([^"]+)"', page)
    assert token is not None
    assert target is not None
    form = {"csrf_token": token[1], "next": target[1], "language": "zh"}
    answer = client.post("/language", data=form)
    assert (answer.status_code, answer.location) == (302, "/?q=x")
    assert '<html lang="zh-Hans">' in client.get("/", headers=ENGLISH).text


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1", ""]
)
def test_language_switch_never_leads_elsewhere(frame: Flask, target: str) -> None:
    client = frame.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/").text)
    assert token is not None
    form = {"csrf_token": token[1], "next": target, "language": "en"}
    assert client.post("/language", data=form).location == "/"


@pytest.mark.parametrize(
    ("cookie", "attribute"),
    [("dark", ' data-theme="dark"'), ("light", ' data-theme="light"'), ('"><b>', "")],
)
def test_theme_is_what_the_cookie_says_if_it_is_one(
    frame: Flask, cookie: str, attribute: str
) -> None:
    client = frame.test_client()
    client.set_cookie("theme", cookie)
    assert f'<html lang="en"{attribute}>' in client.get("/", headers=ENGLISH).text


def test_page_loads_nothing_from_elsewhere_and_allows_nothing_inline(frame: Flask) -> None:
    answer = frame.test_client().get("/")
    assert "'unsafe" not in answer.headers["Content-Security-Policy"]
    assert re.findall(r'(?:src|href)="(?:https?:)?//', answer.text) == []
    assert re.findall(r"<script(?![^>]* src=)|<style|\sstyle=", answer.text) == []


def test_menu_shows_only_what_one_may_open(frame: Flask) -> None:
    for name, access in (("open", Access.PUBLIC), ("closed", Access.BROKER)):
        frame.add_url_rule(f"/{name}", name, lambda: "")
        frame.extensions["tenon.access"][name] = access
        add_entries(frame, [Entry(name, lazy_gettext(name))])
    page = frame.test_client().get("/").text
    assert 'href="/open"' in page
    assert 'href="/closed"' not in page


def test_address_of_a_page_that_is_not_there_is_none(frame: Flask) -> None:
    with frame.test_request_context("/"):
        assert address_if("no.such") is None
        assert address_if("matches.home", q="a b") == "/?q=a+b"


@pytest.mark.parametrize(
    ("method", "path", "where"),
    [
        ("GET", "/?page=2", "/?page=2"),
        ("GET", "/no-such-page", "/"),
        ("POST", "/language", "/"),
    ],
)
def test_here_is_an_address_that_can_be_asked_for_again(
    frame: Flask, method: str, path: str, where: str
) -> None:
    with frame.test_request_context(path, method=method):
        assert here() == where


def test_static_files_may_be_kept_for_good_and_change_their_address(frame: Flask) -> None:
    client = frame.test_client()
    address = re.search(r'href="(/static/tenon\.css\?v=\w+)"', client.get("/").text)
    assert address is not None
    with client.get(address[1]) as answer:
        assert answer.status_code == 200
        assert answer.cache_control.max_age == 365 * 24 * 3600
