"""What can go wrong in the domain, as facts.

Knows nothing of HTTP, templates or languages: ``web/errors.py`` turns classes into statuses and
words. Errors carry a stable ``code`` and facts for the wording::

    DomainError
    ├── NotFound            the thing is not there, or not for this actor to know of
    ├── Forbidden           the actor may not do this
    ├── Conflict            the world has moved on since the actor looked
    │   └── IllegalTransition   the state does not allow this step
    ├── Unavailable         this machine lacks what it takes; an operator can help
    └── Invalid             the input breaks rules; one entry a field
"""

from __future__ import annotations

from collections.abc import Mapping


class DomainError(Exception):
    """Root of all errors that the domain raises on purpose.

    Attributes:
        code: a stable name for programs and for the translation of the message.
        facts: values for the message's placeholders.
    """

    code = "error"

    def __init__(self, code: str | None = None, /, **facts: object) -> None:
        self.code = code or type(self).code
        self.facts: dict[str, object] = facts
        super().__init__(f"{self.code} {facts}" if facts else self.code)


class NotFound(DomainError):
    """The thing does not exist, or the actor may not know that it does."""

    code = "not_found"


class Forbidden(DomainError):
    """The actor is known and may not do this."""

    code = "forbidden"


class Conflict(DomainError):
    """Somebody else changed the thing first, or a unique value is taken."""

    code = "conflict"


class IllegalTransition(Conflict):
    """The thing's state does not allow the step asked for."""

    code = "illegal_transition"


class Unavailable(DomainError):
    """This machine lacks a library or a font that the step needs; the rest of the site runs."""

    code = "unavailable"


class Invalid(DomainError):
    """The input breaks one or more rules.

    Attributes:
        fields: field name -> error code; the empty name means the whole form.
    """

    code = "invalid"

    def __init__(self, fields: Mapping[str, str] | None = None, /, **facts: object) -> None:
        super().__init__(None, **facts)
        self.fields: dict[str, str] = dict(fields or {})

    def __str__(self) -> str:
        """Name the fields, so that a log line says what was refused."""
        return f"invalid {self.fields} {self.facts}"
