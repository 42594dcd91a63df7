"""Who must sign so that a licence or a transfer binds, and which rule asks for it.

Patent Law 14: where the owners agreed nothing else, a co-owner may grant a non-exclusive licence
alone, sharing the fees; anything else needs all owners. A contributor with a granted right of use
is asked, too, before an exclusive or sole licence or a transfer would empty that right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from tenon.rights.queries.owners import Subject, owners, use_rights
from tenon.rights.shares import WHOLE, Owner

ALONE = frozenset({"nonexclusive", "open"})
SOURCE_ZH = "《专利法》第十四条"
SOURCE_EN = "Patent Law, article 14"
_OWNS = (
    "共有人：除普通许可外，须经全体共有人同意（《专利法》第十四条）",
    "Owns a part: anything but a non-exclusive licence needs all owners (Patent Law, article 14)",
)
_USES = (
    "完成人持有长期使用权：独占、排他许可或转让须经其同意",
    "Holds a granted right of use: an exclusive or sole licence or a transfer needs their consent",
)


@dataclass(frozen=True, slots=True)
class RequiredSigner:
    """Somebody whose signature a licence or transfer needs.

    Attributes:
        organisation_id, user_id: of the site; both None for an outside owner named by ``name``.
        why_zh, why_en: the reason with its source.
    """

    organisation_id: int | None
    user_id: int | None
    name: str
    why_zh: str
    why_en: str

    @property
    def on_site(self) -> bool:
        """Whether the signature can be confirmed here."""
        return self.organisation_id is not None or self.user_id is not None


def signers(
    session: Session,
    subjects: Sequence[Subject],
    licence_kind: str | None,
    *,
    on: date,
    owners_on: date | None = None,
) -> list[RequiredSigner]:
    """Return everybody who must sign, besides the side that grants.

    Args:
        session: to read with.
        subjects: the IP rights and achievements that the contract is about.
        licence_kind: exclusive, sole, nonexclusive, open; None for a transfer.
        on: the day of signing.
        owners_on: the day on which owners are asked for, where it is another one.

    Returns:
        Owners and holders of a right of use, each once, in order of their keys; empty for a
        non-exclusive licence, which any owner may grant alone.
    """
    if licence_kind in ALONE:
        return []
    found: dict[tuple[str, int | str], RequiredSigner] = {}
    for subject in subjects:
        for owner in owners(session, subject, on=owners_on or on).shares:
            found.setdefault(owner.key, _signer(owner, _OWNS))
    for held in use_rights(session, subjects, on=on):
        user = Owner(
            share=WHOLE,  # plays no part here
            user_id=held.user_id,
            name=held.name,
            outside_kind=None if held.user_id else "person",
        )
        found.setdefault(user.key, _signer(user, _USES))
    return [found[key] for key in sorted(found, key=str)]


def _signer(owner: Owner, why: tuple[str, str]) -> RequiredSigner:
    return RequiredSigner(owner.organisation_id, owner.user_id, owner.name, *why)


def not_owned_by(
    session: Session, subjects: Sequence[Subject], organisation_id: int, *, on: date
) -> list[Subject]:
    """Return the subjects of which an organisation owns nothing on a day."""
    return [
        subject
        for subject in subjects
        if not owners(session, subject, on=on).of_organisation(organisation_id)
    ]
