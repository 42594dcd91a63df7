"""Ready remarks of one's own, the way through the queue, the filter to one's place."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.listings.models import Listing, OwnRemark, Review
from tests.desk.scenes import Desk, browser
from tests.factories.accounts import post
from tests.factories.listings import make_need

SCORES = {"substance": "5", "clarity": "5", "expectations": "4", "wording": "4"}


def _three(session: Session, desk: Desk) -> list[Listing]:
    here = desk.here
    rows = [make_need(session, state="in_review", title=f"需求{n}", **here) for n in range(2)]
    rows.append(make_need(session, state="in_review", title="别处的需求"))
    session.commit()
    return rows


def test_a_remark_is_kept_put_in_edited_and_dropped(
    app: Flask, settled: Desk, committed: Session, database: Database
) -> None:
    first, *_ = _three(committed, settled)
    client = browser(app, settled, "broker")
    post(client, "/review/remarks", text="请写明预算。", side="need", language="zh")
    post(client, "/review/remarks", text="Say the budget.", side="need", language="en")
    path = f"/listings/{first.public_id}/review"
    page = client.get(path).text
    assert "请写明预算。" in page
    assert "Say the budget." not in page  # the author reads Chinese
    with database.reading() as session:
        kept = session.scalars(sa.select(OwnRemark).order_by(OwnRemark.id)).all()
    shown = post(client, path, remarks="第一句。", insert=kept[0].public_id, clarity="3")
    assert shown.status_code == 200
    assert "第一句。\n请写明预算。</textarea>" in shown.text
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(Review.id))) == 0
    post(client, path, remarks="面积写清楚。", keep="1")
    mine = client.get("/review/remarks").text
    assert "面积写清楚。" in mine
    own = f"{kept[0].public_id}-"
    fields = {f"{own}text": "请写明预算和期限。", f"{own}side": "both", f"{own}language": "zh"}
    post(client, f"/review/remarks/{kept[0].public_id}", **fields)
    assert "请写明预算和期限。" in client.get("/review/remarks").text
    colleague = browser(app, settled, "colleague")
    assert "请写明" not in colleague.get("/review/remarks").text
    assert post(colleague, f"/review/remarks/{kept[0].public_id}", drop="1").status_code == 404
    post(client, f"/review/remarks/{kept[0].public_id}", drop="1")
    assert "请写明预算和期限。" not in client.get("/review/remarks").text


def test_an_empty_remark_comes_back_at_its_field(app: Flask, settled: Desk) -> None:
    client = browser(app, settled, "broker")
    answer = post(client, "/review/remarks", text=" ", side="both", language="zh")
    assert answer.status_code == 422
    assert "Please fill this in." in answer.text


def test_after_one_review_the_next_waits(app: Flask, settled: Desk, committed: Session) -> None:
    first, second, elsewhere = _three(committed, settled)
    client = browser(app, settled, "broker")
    queue = client.get("/review?place=mine").text
    assert first.public_id in queue
    assert elsewhere.public_id not in queue
    page = client.get(f"/listings/{first.public_id}/review?queue=waiting&place=mine").text
    assert f"/listings/{second.public_id}/review?queue=waiting" in page
    along = f"/listings/{first.public_id}/review?queue=waiting&place=mine"
    done = post(client, along, outcome="publish", **SCORES)
    assert done.headers["Location"].startswith(f"/listings/{second.public_id}/review?")
    last = f"/listings/{second.public_id}/review?queue=waiting&place=mine"
    done = post(client, last, outcome="publish", **SCORES)
    assert done.headers["Location"].startswith("/review?")


def test_a_sibling_has_nothing_to_judge_here(app: Flask, settled: Desk, committed: Session) -> None:
    first, *_ = _three(committed, settled)
    sibling = browser(app, settled, "sibling")
    assert first.public_id not in sibling.get("/review").text
    assert sibling.get(f"/listings/{first.public_id}/review").status_code == 404
