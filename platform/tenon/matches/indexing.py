"""The index's care: built from the database, kept up with it, compared and repaired.

The index is a cache: whatever is wrong with it, the database puts right. One writer a folder,
which is the dispatcher's process; other processes ask it through the outbox. Must not know pages.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from matching.documents import Document
from matching.errors import IndexMissing, IndexNeedsRebuild
from matching.results import IndexState
from matching.snapshot import SnapshotKeeper
from matching.writer import IndexWriter
from tenon.db import WRITES
from tenon.listings.documents import EXPERT_KEYS, expert_key, is_expert_key
from tenon.matches import encoders, reading
from tenon.matches.engine import encoder_of
from tenon.matches.keeper import IndexKeeper
from tenon.matches.sites import settings_behind
from tenon.outbox.dispatcher import LEASE
from tenon.outbox.models import ProcessLease
from tenon.outbox.working import process_name
from tenon.settings import Settings

log = logging.getLogger("tenon.matches")

MARK = "SOURCE"
"""File in the index folder that names the database it was built from."""

Progress = Callable[[int], None]

_lock = threading.Lock()
_keepers: dict[Path, IndexKeeper] = {}


@dataclass(frozen=True, slots=True)
class Differences:
    """How an index departs from its database; keys of the index.

    Attributes:
        missing: public, and not in the index.
        outdated: in the index in an earlier version.
        extra: in the index, and not public.
        findable: how many the index should hold.
    """

    missing: tuple[int, ...]
    outdated: tuple[int, ...]
    extra: tuple[int, ...]
    findable: int

    @property
    def keys(self) -> frozenset[int]:
        """Everything that differs."""
        return frozenset((*self.missing, *self.outdated, *self.extra))

    @property
    def none(self) -> bool:
        """Whether index and database agree."""
        return not (self.missing or self.outdated or self.extra)


def keeper_of(session: Session, settings: Settings) -> IndexKeeper:
    """Return this process's keeper of the site's index."""
    folder = settings.index_folder
    with _lock:
        if folder not in _keepers:
            engine = session.get_bind().engine
            _keepers[folder] = IndexKeeper(
                lambda: encoder_of(settings), folder, lambda: _leads(engine)
            )
        return _keepers[folder]


def release(settings: Settings) -> None:
    """Close the writer of a site's index, if this process has it open."""
    with _lock:
        keeper = _keepers.pop(settings.index_folder, None)
    if keeper is not None:
        keeper.close()


def apply_changes(
    session: Session,
    *,
    listing_ids: Collection[int],
    expert_ids: Collection[int] = (),
    now: datetime,
) -> None:
    """Bring the index up to what the database says of these listings and experts now.

    Doing it twice changes nothing. The session is not read with: what is slow here must not
    happen inside a writing transaction. A missing or unusable index is built whole instead.
    """
    settings = settings_behind(session)
    with _reading_beside(session) as reader:
        try:
            with keeper_of(session, settings).writing() as writer:
                for part in reading.in_batches(sorted(set(listing_ids))):
                    _replace(writer, part, reading.listing_documents(reader, part, now=now))
                named = set(expert_ids) | reading.contributing_experts(reader, listing_ids)
                for part in reading.in_batches(sorted(named)):
                    keys = [expert_key(expert_id) for expert_id in part]
                    _replace(writer, keys, reading.expert_documents(reader, part, now=now))
        except (IndexMissing, IndexNeedsRebuild) as error:
            log.warning("building the index anew: %s", error)
            _rebuild(reader, settings, now=now)


def rebuild(session: Session, *, now: datetime, progress: Progress | None = None) -> IndexState:
    """Build the index anew in a folder of its own and move readers to it; they see no gap.

    Args:
        session: of the site's database.
        now: the moment at which listings must be public.
        progress: gets the number of documents so far.

    Raises:
        matching.errors.IndexLocked: another process is writing.
    """
    settings = settings_behind(session)
    with _reading_beside(session) as reader:
        return _rebuild(reader, settings, now=now, progress=progress)


def _rebuild(
    reader: Session, settings: Settings, *, now: datetime, progress: Progress | None = None
) -> IndexState:
    documents = reading.all_documents(reader, now=now)
    with keeper_of(reader, settings).closed():
        chosen = encoders.for_building(settings)
        encoders.note(settings.index_folder, chosen)
        state = IndexWriter.rebuild(
            chosen.encoder, settings.index_folder, documents, progress=progress
        )
        _write_mark(settings.index_folder, reading.site_mark(reader))
    return state


def compare(session: Session, *, now: datetime) -> Differences:
    """Tell how the index departs from the database.

    Raises:
        matching.errors.IndexMissing, matching.errors.IndexNeedsRebuild: no index can be read.
    """
    settings = settings_behind(session)
    held = _indexed_versions(settings)
    _refuse_foreign(session, settings.index_folder)
    with _reading_beside(session) as reader:
        wanted = reading.versions(reader, now=now)
    return Differences(
        missing=tuple(sorted(wanted.keys() - held.keys())),
        outdated=tuple(sorted(k for k in wanted.keys() & held.keys() if wanted[k] != held[k])),
        extra=tuple(sorted(held.keys() - wanted.keys())),
        findable=len(wanted),
    )


def sweep(session: Session, *, now: datetime) -> Differences:
    """Compare database and index and repair what differs; return what differed.

    An index that cannot be read, is another database's, or still differs in the same places after
    the repair (its journal is damaged, and hides what was written behind), is built whole.
    """
    try:
        found = compare(session, now=now)
    except (IndexMissing, IndexNeedsRebuild) as error:
        log.warning("building the index anew: %s", error)
        state = rebuild(session, now=now)
        return Differences((), (), (), state.listings)
    if not found.none:
        keys = [*found.missing, *found.outdated, *found.extra]
        apply_changes(
            session,
            listing_ids=[key for key in keys if not is_expert_key(key)],
            expert_ids=[key - EXPERT_KEYS for key in keys if is_expert_key(key)],
            now=now,
        )
        log.info(
            "index repaired: %d missing, %d outdated, %d extra",
            len(found.missing),
            len(found.outdated),
            len(found.extra),
        )
        stubborn = found.keys & compare(session, now=now).keys
        if stubborn:
            log.warning("building the index anew: %d could not be repaired", len(stubborn))
            rebuild(session, now=now)
    return found


def needs_build(session: Session) -> str | None:
    """Return why the index must be built before the site can serve: a code; None if it need not.

    The codes are ``missing``, ``foreign`` (another database's) and those of IndexNeedsRebuild.
    """
    settings = settings_behind(session)
    try:
        SnapshotKeeper(settings.index_folder, encoder_of(settings).id).get()
        _refuse_foreign(session, settings.index_folder)
    except IndexMissing:
        return "missing"
    except IndexNeedsRebuild as error:
        return error.code
    return None


def _replace(writer: IndexWriter, keys: Collection[int], documents: Iterator[Document]) -> None:
    """Put the documents in, and take out those of ``keys`` that have none."""
    found: set[int] = set()
    writer.add(_noting(documents, found))
    writer.remove(key for key in keys if key not in found)


def _noting(documents: Iterator[Document], keys: set[int]) -> Iterator[Document]:
    for document in documents:
        keys.add(document.key)
        yield document


def _indexed_versions(settings: Settings) -> dict[int, int]:
    snapshot = SnapshotKeeper(settings.index_folder, encoder_of(settings).id).get()
    rows = snapshot.live_rows()
    keys = snapshot.column("key", rows).tolist()
    return dict(zip(keys, snapshot.column("version", rows).tolist(), strict=True))


def _refuse_foreign(session: Session, folder: Path) -> None:
    """Raise IndexNeedsRebuild where the folder was filled from another database.

    An index of an empty database fits any that has been filled since.
    """
    try:
        mark = (folder / MARK).read_text(encoding="ascii")
    except FileNotFoundError:
        mark = ""
    with _reading_beside(session) as reader:
        own = reading.site_mark(reader)
    if mark and mark != own:
        raise IndexNeedsRebuild("foreign", "built from another database", folder)
    if mark != own:
        _write_mark(folder, own)


def _write_mark(folder: Path, mark: str) -> None:
    draft = folder / f"{MARK}.{os.getpid()}"
    draft.write_text(mark, encoding="ascii")
    draft.replace(folder / MARK)


@contextmanager
def _reading_beside(session: Session) -> Iterator[Session]:
    """Yield a session of its own that reads what is committed and holds no writer's lock."""
    engine = session.get_bind().engine.execution_options(**{WRITES: False})
    with Session(engine, expire_on_commit=False) as reader:
        yield reader
        reader.rollback()


def _leads(engine: sa.Engine) -> bool:
    """Whether this process holds the dispatcher's lease."""
    with Session(engine.execution_options(**{WRITES: False})) as reader:
        owner = reader.scalar(sa.select(ProcessLease.owner).where(ProcessLease.name == LEASE))
    return owner is not None and owner.rsplit(":", 1)[0] == process_name().rsplit(":", 1)[0]
