"""Files of a listing: taken in, kept under their SHA-256, given out, removed.

The path on disk is made of the hash alone; a name that somebody typed is only ever shown.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from datetime import datetime
from pathlib import Path, PurePosixPath

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.db import new_public_id
from tenon.errors import Invalid, NotFound
from tenon.listings import permissions
from tenon.listings.media import ACCEPTED, sniff
from tenon.listings.models import TIERS, Attachment, Listing
from tenon.listings.services.versions import record_change, snapshot
from tenon.outbox import emit

SIZE_LIMIT = 20 * 1024 * 1024
MOST_FILES = 20
_NAME_LIMIT = 120


def attach(
    session: Session,
    listing: Listing,
    *,
    name: str,
    content: bytes,
    tier: str,
    folder: Path,
    by: Actor,
    now: datetime,
) -> Attachment:
    """Keep a file with a listing, for those to whom ``tier`` is open.

    Of ``name``, as the browser sent it, only the last part is kept, made
    harmless. Raises Invalid with the field ``file``: required, too_large, wrong_type, too_many.
    """
    permissions.require(by, "edit", listing, now=now)
    media_type = _check(content, tier, count=len(listing.attachments))
    digest = hashlib.sha256(content).hexdigest()
    before = snapshot(listing)
    _store(place(folder, digest), content)
    attachment = Attachment(
        public_id=new_public_id(),
        tier=tier,
        name=shown_name(name, media_type),
        media_type=media_type,
        size=len(content),
        sha256=digest,
        uploaded_by=by.user_id,
        uploaded_at=now,
    )
    listing.attachments.append(attachment)
    session.flush()
    facts = {"sha256": digest, "tier": tier}
    record_change(session, listing, before=before, kind="attach", by=by, now=now, facts=facts)
    return attachment


def _check(content: bytes, tier: str, *, count: int) -> str:
    if tier not in TIERS:
        raise Invalid({"tier": "unknown_code"})
    if not content:
        raise Invalid({"file": "required"})
    if len(content) > SIZE_LIMIT:
        raise Invalid({"file": "too_large"})
    if count >= MOST_FILES:
        raise Invalid({"file": "too_many"})
    media_type = sniff(content)
    if media_type is None:
        raise Invalid({"file": "wrong_type"})
    return media_type


def place(folder: Path, digest: str) -> Path:
    """Return where the file of a hash lies; raises ValueError for anything that is no hash."""
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ValueError(f"not a SHA-256: {digest!r}")
    return folder / digest[:2] / digest


def _store(path: Path, content: bytes) -> None:
    """Write the file whole or not at all; the same content is kept once."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{new_public_id()}")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def shown_name(name: str, media_type: str) -> str:
    """Return a name for the download: the last part, without controls, with a fitting ending."""
    last = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    kept = "".join(char for char in last if char.isprintable() and char not in '<>:"|?*;%')
    stem = PurePosixPath(kept).stem.strip(" .")[:_NAME_LIMIT] or "file"
    return stem + ACCEPTED[media_type]


def detach(
    session: Session,
    listing: Listing,
    *,
    attachment_id: str,
    folder: Path,
    by: Actor,
    now: datetime,
) -> None:
    """Remove a file from a listing; the disk follows once this is committed (``sweep_file``)."""
    permissions.require(by, "edit", listing, now=now)
    found = next((each for each in listing.attachments if each.public_id == attachment_id), None)
    if found is None:
        raise NotFound
    before = snapshot(listing)
    listing.attachments.remove(found)
    session.flush()
    facts = {"sha256": found.sha256, "tier": found.tier}
    record_change(session, listing, before=before, kind="detach", by=by, now=now, facts=facts)
    payload = {"sha256": found.sha256, "folder": str(folder)}
    emit(session, "listings.file_dropped", payload, now=now)


def sweep_file(session: Session, *, digest: str, folder: Path) -> bool:
    """Delete a file from the disk unless a listing still has it; return whether it is gone."""
    holders = sa.select(Attachment.id).where(Attachment.sha256 == digest)
    if session.scalar(holders.limit(1)) is not None:
        return False
    place(folder, digest).unlink(missing_ok=True)
    return True
