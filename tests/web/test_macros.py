"""Every building block of templates/layout/macros.html, rendered in both languages."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, flash, render_template_string
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    FieldList,
    FileField,
    FormField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
    validators,
    widgets,
)
from wtforms import Form as PlainForm

from tenon import paths
from tenon.errors import Invalid
from tenon.web.forms import Form
from tenon.web.pagination import Page
from tests.web.wellformed import faults

MOMENT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
CHOICES = [
    SelectChoice("a", "Alpha"),
    SelectChoice("b", "Beta & Sons"),
    SelectChoice("c", "<Gamma>"),
]


class Sub(PlainForm):  # type: ignore[misc]  # wtforms has no types
    number = StringField("Number")
    status = SelectField("Status", choices=CHOICES)


class Sample(Form):
    text = StringField("Title", [validators.InputRequired()], description="One line.")
    long = TextAreaField("Summary")
    secret = PasswordField("Password")
    one = SelectField("Kind", choices=CHOICES)
    many = SelectMultipleField("Fields", choices=CHOICES)
    ticks = SelectMultipleField(
        "Deal forms",
        choices=CHOICES,
        widget=widgets.ListWidget(prefix_label=False),
        option_widget=widgets.CheckboxInput(),
    )
    groups = SelectMultipleField(
        "Technology",
        choices=[
            SelectChoice("1", "Information", optgroup="Information"),
            SelectChoice("1.1", "Software", optgroup="Information"),
            SelectChoice("2", "Biology", optgroup="Biology"),
            SelectChoice("x", "Other thing", optgroup="More"),
        ],
        widget=widgets.ListWidget(prefix_label=False),
        option_widget=widgets.CheckboxInput(),
    )
    choice = RadioField("Side", choices=CHOICES, validate_choice=False)
    file = FileField("File")
    day = DateField("Deadline", [validators.Optional()])
    number = IntegerField("Readiness", [validators.Optional()])
    price = DecimalField("Price", [validators.Optional()])
    agree = BooleanField("Agreed")
    token = HiddenField("Token")
    rights = FieldList(FormField(Sub), "Rights", min_entries=2)
    send = SubmitField("Send")


# Each macro with what calls it; a macro that is not there fails test_every_macro_is_rendered.
_SECTIONS = (Path(__file__).parent / "calls.html").read_text(encoding="utf-8").split("=== ")[1:]
CALLS = dict(section.split("\n", 1) for section in _SECTIONS)


def render(frame: Flask, source: str, language: str = "en", **values: Any) -> str:
    """Render a template that may call every macro as ``ui``."""
    accept = {"en": "en", "zh": "zh-CN"}[language]
    with frame.test_request_context("/?page=2", headers={"Accept-Language": accept}):
        frame.preprocess_request()
        form = values.pop("form", None) or Sample(MultiDict())
        flash("Saved.", "success")
        flash("Broken.", "error")
        return render_template_string(
            '{% import "layout/macros.html" as ui %}' + source,
            form=form,
            moment=MOMENT,
            page=Page(items=[], number=2, size=20, total=60),
            options=[("a", "Alpha", 3), ("b", "Beta", 0), ("c", "Gamma", None)],
            **values,
        )


def test_every_macro_is_rendered() -> None:
    source = (paths.templates() / "layout" / "macros.html").read_text(encoding="utf-8")
    public = {name for name in re.findall(r"{% macro (\w+)\(", source) if name[0] != "_"}
    assert public == set(CALLS)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", sorted(CALLS))
def test_macro_is_wellformed_in_both_languages(frame: Flask, name: str, language: str) -> None:
    html = render(frame, CALLS[name], language)
    assert faults(html) == []
    if name not in {"menu_list", "money"}:
        assert html.strip()


def bad_form() -> Sample:
    form = Sample(MultiDict({"text": "", "number": "three", "one": "b", "many": ["a", "c"]}))
    form.validate()
    form.take_errors(Invalid({"choice": "required", "elsewhere": "too_long"}))
    return form


def test_field_ties_errors_and_help_to_the_control(frame: Flask) -> None:
    with frame.test_request_context("/", headers={"Accept-Language": "en"}):
        html = render(frame, "{{ ui.field(form.text) }}", form=bad_form())
    control = re.search(r"<input[^>]*>", html)
    assert control is not None
    assert 'aria-describedby="text-help text-error"' in control.group()
    assert 'aria-invalid="true"' in control.group()
    assert re.search(r'id="text-help">One line\.', html)
    assert re.search(r'id="text-error">.*This field is required', html, re.DOTALL)


def test_fields_keep_what_was_typed(frame: Flask) -> None:
    with frame.test_request_context("/", headers={"Accept-Language": "en"}):
        html = render(frame, "{{ ui.fields(form) }}", form=bad_form())
    assert 'value="three"' in html
    assert '<option selected value="b">' in html
    assert '<option selected value="a">' in html
    assert faults(html) == []


def test_grouped_choices_fold_the_narrower_ones_unless_chosen(frame: Flask) -> None:
    call = "{{ ui.field(form.groups) }}"
    with frame.test_request_context("/", headers={"Accept-Language": "en"}):
        closed = render(frame, call, form=Sample(MultiDict({"groups": "1"})))
        opened = render(frame, call, form=Sample(MultiDict({"groups": "1.1"})))
    assert faults(closed) == []
    assert re.findall(r'name="groups" type="checkbox" value="([^"]+)"', closed) == [
        "1",
        "1.1",
        "2",
        "x",
    ]
    assert closed.count("<details") == 2  # Information's narrower field; what lies in More
    assert '<details class="choice-group__more" open>' not in closed
    assert opened.count('<details class="choice-group__more" open>') == 1


def test_error_summary_leads_to_the_fields_and_names_what_has_none(frame: Flask) -> None:
    with frame.test_request_context("/", headers={"Accept-Language": "en"}):
        html = render(frame, "{{ ui.error_summary(form) }}", form=bad_form())
    targets = ["text", "choice", "number", "rights-0-status", "rights-1-status"]
    assert re.findall(r'href="#([\w-]+)"', html) == targets
    assert "That is too long." in html


def test_error_summary_is_absent_without_errors(frame: Flask) -> None:
    assert render(frame, "{{ ui.error_summary(form) }}").strip() == ""


def test_texts_are_escaped(frame: Flask) -> None:
    calls = "{{ ui.card(bad, '/') }}{{ ui.alert(bad) }}{{ ui.badge(bad) }}"
    html = render(frame, calls, bad="<b>&")
    assert "<b>" not in html
    assert html.count("&lt;b&gt;&amp;") == 3


def test_facts_leave_out_what_is_not_known_but_keep_zero(frame: Flask) -> None:
    html = render(frame, CALLS["facts"])
    assert re.findall(r"<dt>(\w)</dt>", html) == ["A", "D"]


def test_facet_opens_its_fold_where_a_folded_option_is_chosen(frame: Flask) -> None:
    assert '<details class="facet__more" open>' in render(frame, CALLS["facet"])
    assert '<details class="facet__more">' in render(frame, CALLS["filter_panel"])


def test_pager_keeps_within_the_list(frame: Flask) -> None:
    html = render(frame, "{{ ui.pager(page) }}")
    links = [("/?page=1", "prev"), ("/?page=3", "next")]
    assert re.findall(r'href="([^"]+)" rel="(\w+)"', html) == links


def test_every_icon_asked_for_is_drawn(frame: Flask) -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', _icons()))
    asked: set[str] = set()
    for template in paths.templates().rglob("*.html"):
        source = template.read_text(encoding="utf-8")
        asked |= set(re.findall(r"icon(?:_name=|\()\s*'([\w-]+)'", source))
        asked |= set(re.findall(r"icons\.svg'\) }}#([\w-]+)", source))
    html = "".join(render(frame, call) for call in CALLS.values())
    asked |= set(re.findall(r"icons\.svg[^#\"]*#([\w-]+)", html))
    assert asked - drawn == set()


def _icons() -> str:
    from tenon.web.assets import STATIC

    return (STATIC / "icons.svg").read_text(encoding="utf-8")
