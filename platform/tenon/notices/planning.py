"""When a mail may go and by which way a notice travels: pure, without a database or a clock.

Two rules hold for every notice mail, digests included: never within an hour of the last, and
never in the person's quiet hours, which follow the clock on the wall of the site's time zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

BETWEEN_MAILS = timedelta(hours=1)
"""No two notice mails to one person are closer together."""

MINUTES_A_DAY = 24 * 60
WAYS = ("now", "digest", "off")
DIGEST_HOUR = 8


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day without mail: minutes since midnight, the end not included.

    ``begins`` may be after ``ends``: then they span midnight. Equal means none at all.
    """

    begins: int
    ends: int

    def holds(self, minute: int) -> bool:
        """Whether a minute of the day lies within."""
        if self.begins <= self.ends:
            return self.begins <= minute < self.ends
        return minute >= self.begins or minute < self.ends


NIGHT = Quiet(22 * 60, 7 * 60)
NO_QUIET = Quiet(0, 0)


def way(default: str, chosen: str | None, *, essential: bool) -> str:
    """Return how a kind is mailed: as chosen, else its default; an essential one is never off."""
    found = chosen or default
    return "digest" if essential and found == "off" else found


def is_quiet(moment: datetime, quiet: Quiet, zone: ZoneInfo) -> bool:
    """Whether a moment lies in the quiet hours."""
    local = moment.astimezone(zone)
    return quiet.holds(local.hour * 60 + local.minute)


def quiet_end(moment: datetime, quiet: Quiet, zone: ZoneInfo) -> datetime | None:
    """Return when the quiet hours that a moment lies in are over; None where it lies in none.

    Where clocks go back over the end, the quiet hours come back too and end a second time; an end
    that clocks skip counts as if they had not, so at most by so much later.
    """
    if not is_quiet(moment, quiet, zone):
        return None
    today = moment.astimezone(zone).date()
    ends = [
        _moment_of(today + timedelta(days=days), quiet.ends, zone, fold)
        for days in range(3)
        for fold in (0, 1)
    ]
    return min(end for end in ends if end > moment and not is_quiet(end, quiet, zone))


def mail_moment(
    now: datetime, *, last_mail: datetime | None, quiet: Quiet, zone: ZoneInfo
) -> datetime:
    """Return the first moment from ``now`` on at which a mail may go.

    A last mail in the future (a clock went back) counts as one of just now.
    """
    moment = now if last_mail is None else max(now, min(last_mail, now) + BETWEEN_MAILS)
    return quiet_end(moment, quiet, zone) or moment


def digest_day(now: datetime, *, hour: int, zone: ZoneInfo) -> date:
    """Return the day whose digest is the last that is due: today's from the hour on."""
    local = now.astimezone(zone)
    return local.date() if local.hour >= hour else local.date() - timedelta(days=1)


def next_digest(now: datetime, *, hour: int, last: date | None, zone: ZoneInfo) -> datetime:
    """Return when the next digest is due: the hour's next turn on a day after ``last``.

    A ``last`` day beyond today's (a clock went back) is not believed.
    """
    today = now.astimezone(zone).date()
    day = today if last is None else max(today, min(last, today) + timedelta(days=1))
    found = _moment_of(day, hour * 60, zone, 0)
    return found if found > now else _moment_of(day + timedelta(days=1), hour * 60, zone, 0)


def _moment_of(day: date, minute: int, zone: ZoneInfo, fold: int) -> datetime:
    hour, rest = divmod(minute % MINUTES_A_DAY, 60)
    local = datetime(day.year, day.month, day.day, hour, rest, tzinfo=zone, fold=fold)
    return local.astimezone(UTC)
