"""The report of an event as a workbook (XLSX) and on paper (PDF), in the page's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals import labels as deal_labels
from tenon.documents import render_pdf
from tenon.events import labels as event_labels
from tenon.events.models import Event, Meeting, Outcome, Registration
from tenon.events.results import labels
from tenon.events.results.queries.meetings import outcomes_of
from tenon.events.results.queries.report import STARS, Report
from tenon.events.results.queries.rows import arrivals_of, rows_of
from tenon.figures.exporting import Cell, amount, workbook
from tenon.money import Money

Line = tuple[str, int]


def lines(report: Report, language: str) -> list[list[Line]]:
    """Return every figure of the report by section: its words and its number."""
    found = [
        [(labels.figure_words(report, code, language), report.number(code)) for code in codes]
        for codes in (_people(report), *labels.ORDER[:3], _outcomes(report), labels.ORDER[3])
    ]
    return [[line for line in section if line[1]] or section[:1] for section in found]


def _people(report: Report) -> list[str]:
    states = [f"registered.{state}" for state in report.states]
    groups = [f"{state}.{group}" for state in states for group in report.groups]
    there = [f"checked_in.{group}" for group in report.groups]
    return ["registered", *states, *groups, "checked_in", *there]


def _outcomes(report: Report) -> list[str]:
    found = [f"outcome.{code}" for code in labels.OUTCOMES]
    found += [f"{code}.{group}" for code in list(found) for group in report.groups]
    return [*found, *(f"stars.{stars}" for stars in reversed(STARS))]


def satisfaction(report: Report) -> str:
    """Return the mean of all stars with one decimal, or a dash."""
    return (
        "–" if report.satisfaction is None else f"{float(report.satisfaction):.1f} / {len(STARS)}"
    )


def sums(report: Report) -> list[str]:
    """Return what was signed since, one sum a currency."""
    return [str(Money(minor, currency)) for currency, minor in report.signed.items()]


def report_pdf(
    event: Event, report: Report, *, span: str, zone: str, language: str, now: datetime
) -> bytes:
    """Return the report on paper; raises Unavailable where this machine cannot make one."""
    titles = [
        _("Participants"),
        _("Wishes"),
        _("Meetings of the event"),
        _("Answers"),
        _("Outcomes and stars"),
        _("What came of it since"),
    ]
    context = {
        "title": event.title(language),
        "host": event.organisation.name(language),
        "venue": event.venue(language),
        "span": span,
        "zone": zone,
        "made_on": now,
        "sections": list(zip(titles, lines(report, language), strict=True)),
        "satisfaction": satisfaction(report),
        "signed": sums(report),
    }
    return render_pdf("event_report.html", context, language)


def report_workbook(
    session: Session, event: Event, report: Report, *, language: str, by: Actor
) -> bytes:
    """Return figures and their rows as sheets; moments are in the event's zone, said above."""
    figures: list[list[Cell]] = [
        list(line) for section in lines(report, language) for line in section
    ]
    figures.append([_("Satisfaction"), satisfaction(report)])
    for currency, minor in report.signed.items():
        figures.append(
            [_("Signed since, in %(currency)s", currency=currency), amount(minor, currency)]
        )
    zone = event.zone
    return workbook(
        {
            _("Figures"): ([_("Figure of the report"), _("How many")], figures),
            _("Participants"): (
                [
                    _("Who takes part"),
                    _("Group"),
                    _("State of registration"),
                    _("Checked in (%(zone)s)", zone=zone),
                ],
                _participants(session, event, report, language, by),
            ),
            _("Meetings of the event"): (
                _meeting_headers(zone),
                _meetings(session, event, report, language, by),
            ),
            _("What came of it since"): (
                [_("Kind"), _("Title"), _("Stage"), _("The meeting")],
                _came(session, report, language, by),
            ),
        }
    )


def _participants(
    session: Session, event: Event, report: Report, language: str, by: Actor
) -> list[list[Cell]]:
    figure = report.figures["registered"]
    there = arrivals_of(session, figure.keys)
    people: Sequence[Registration] = rows_of(session, figure, by=by)
    return [
        [
            labels.who(each, language),
            each.group.name(language),
            str(event_labels.REGISTRATION_STATES[each.state]),
            _moment(event, there.get(each.id)),
        ]
        for each in people
    ]


def _meeting_headers(zone: str) -> list[str]:
    sides = [
        [
            _("Side %(number)s", number=number),
            _("Outcome of side %(number)s", number=number),
            _("Stars of side %(number)s", number=number),
            _("Remark of side %(number)s", number=number),
        ]
        for number in (1, 2)
    ]
    return [
        _("Time (%(zone)s)", zone=zone),
        _("Table of the meeting"),
        _("State"),
        *sides[0],
        *sides[1],
    ]


def _meetings(
    session: Session, event: Event, report: Report, language: str, by: Actor
) -> list[list[Cell]]:
    keys = [*report.figures["scheduled"].keys]
    said = outcomes_of(session, keys)
    rows: Sequence[Meeting] = rows_of(session, report.figures["scheduled"], by=by)
    return [
        [
            _moment(event, each.slot.starts_at),
            None if each.table is None else each.table.name,
            str(event_labels.MEETING_STATES[each.state]),
            *_side(each.a, said.get((each.id, each.a_id)), language),
            *_side(each.b, said.get((each.id, each.b_id)), language),
        ]
        for each in sorted(rows, key=lambda one: (one.slot.starts_at, one.id))
    ]


def _side(side: Registration, said: Outcome | None, language: str) -> list[Cell]:
    who = labels.who(side, language)
    if said is None:
        return [who, None, None, None]
    return [who, str(labels.OUTCOMES[said.outcome]), said.rating, said.remark or None]


def _came(session: Session, report: Report, language: str, by: Actor) -> list[list[Cell]]:
    found: list[list[Cell]] = []
    for thing, meeting in rows_of(session, report.figures["introductions"], by=by):
        title = _("Not open to you") if thing is None else thing.listing.text(language).title
        found.append([_("Introduction"), title, None, _pair(meeting, language)])
    for thing, meeting in rows_of(session, report.figures["deals"], by=by):
        title = _("Not open to you") if thing is None else thing.title
        stage = None if thing is None else str(deal_labels.STAGES[thing.stage])
        found.append([_("Deal"), title, stage, _pair(meeting, language)])
    return found


def _pair(meeting: Meeting, language: str) -> str:
    return " ↔ ".join(labels.who(each, language) for each in (meeting.a, meeting.b))


def _moment(event: Event, moment: datetime | None) -> str | None:
    return None if moment is None else event.local(moment).strftime("%Y-%m-%d %H:%M")
