"""What templates may say about coded terms."""

import pytest
from flask import Flask, render_template_string

from tenon.taxonomy.views import install
from tenon.web import languages


@pytest.fixture
def site() -> Flask:
    app = Flask(__name__)
    app.secret_key = "of a test"
    languages.install(app, lambda: None)
    install(app)
    return app


@pytest.mark.parametrize(
    ("accepted", "written"),
    [
        ("zh-CN", "洪山区|湖北省武汉市洪山区|9|原理"),
        ("en", "Hongshan District|Hongshan District, Wuhan, Hubei|9|Basic"),
    ],
)
def test_templates_word_terms_in_the_pages_language(
    site: Flask, accepted: str, written: str
) -> None:
    source = (
        "{{ term('region', '420111') }}|{{ term_path('region', '420111') }}"
        "|{{ term_choices('trl')[0].choices | length }}"
        "|{{ '原理' if '原理' in term_note('trl', '1') else term_note('trl', '1').split()[0] }}"
    )
    with site.test_request_context(headers={"Accept-Language": accepted}):
        assert render_template_string(source) == written
