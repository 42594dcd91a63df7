"""What a proof finds: a place where a chain, or a row that must agree with one, does not hold."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Break:
    """A place where a chain does not hold.

    Attributes:
        chain: ``kind/id``, which names the thing.
        sequence: the entry, or the first one missing.
        what: ``changed`` (the entry or one before it was rewritten), ``missing`` (a gap), ``cut``
            (the end is gone), ``added`` (it claims to be older than an export that does not hold
            it), ``actor`` (it is shown under another person than the one it was written for);
            and where a table must agree with the chain: ``row_changed``, ``row_missing``,
            ``row_added`` (the chain tells of no such row).
        detail: the table and what differs in it; empty for the chain itself.
    """

    chain: str
    sequence: int
    what: str
    detail: str = field(default="", compare=False)
