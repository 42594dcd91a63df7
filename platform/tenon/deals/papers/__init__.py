"""Papers of a deal: term sheet and contract draft, in Chinese and English, as DOCX and PDF.

``composing`` makes a paper of what ``gathering`` found and what ``clauses/*.toml`` say; ``docx``
and ``printing`` write it. The same facts give the same bytes, whose hash is in the history.
Must not know any page, nor any form by name.
"""

from tenon.deals.papers.printing import (
    FORMATS,
    LANGUAGES,
    PRINTED,
    PrintedPaper,
    may_print,
    print_paper,
    record_print,
)

__all__ = [
    "FORMATS",
    "LANGUAGES",
    "PRINTED",
    "PrintedPaper",
    "may_print",
    "print_paper",
    "record_print",
]
