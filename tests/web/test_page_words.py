"""Names that pages use have one owner each."""

from __future__ import annotations

import pytest
from flask import Flask

from tenon.web.page_words import NameTaken, add_page_filters, add_page_words


def test_a_word_serves_every_page() -> None:
    app = Flask(__name__)
    add_page_words(app, greeting=lambda: "hello")
    add_page_filters(app, loud=str.upper)
    with app.app_context():
        assert app.jinja_env.from_string("{{ greeting()|loud }}").render() == "HELLO"


def test_a_name_that_a_page_knows_is_refused_and_keeps_its_meaning() -> None:
    """A second room's ``owner_name`` once put an unnamed firm's name on public cards."""
    app = Flask(__name__)
    add_page_words(app, greeting="first")
    with pytest.raises(NameTaken, match="greeting"):
        add_page_words(app, greeting="second")
    with pytest.raises(NameTaken, match="upper"):
        add_page_filters(app, upper=str.lower)
    with app.app_context():
        assert app.jinja_env.from_string("{{ greeting }}").render() == "first"
