"""Near-duplicates while writing: a hook that the room which keeps the index fills.

Must not know that room. Without it there are simply no hints.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from tenon.actors import Actor

# (session, side, language, title, text, actor) -> ids of similar public listings, best first.
FindSimilar = Callable[[Session, str, str, str, str, Actor], Sequence[int]]

_finder: FindSimilar | None = None


def register_finder(find: FindSimilar) -> FindSimilar:
    """Let ``find`` answer from now on; the later registration holds."""
    global _finder  # noqa: PLW0603  # one index a process, one finder
    _finder = find
    return find


def find_similar(
    session: Session, *, side: str, language: str, title: str, text: str, actor: Actor
) -> Sequence[int]:
    """Return ids of public listings of the same side that say nearly the same, best first."""
    if _finder is None:
        return ()
    return _finder(session, side, language, title, text, actor)
