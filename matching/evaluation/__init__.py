"""Quality on test sets in BEIR's form, by the very code that serves.

* ``sets``: reads a folder of documents, queries and judgements.
* ``measures``: nDCG, recall and reciprocal rank of one query's answer.
* ``running``: indexes a set and asks all its queries in one mode.
* ``bm25``: a textbook BM25 in a few lines, the baseline to beat.
* ``intervals``: how sure a mean or a difference is, by the bootstrap.
* ``report``: tables and JSON for people and programs.
* ``command``: ``tenon eval``.

It must not know the site, nor any test set by name.
"""

from __future__ import annotations

from matching.evaluation.running import Evaluation, evaluate
from matching.evaluation.sets import TestSet, TestSetUnusable, read_set

__all__ = ["Evaluation", "TestSet", "TestSetUnusable", "evaluate", "read_set"]
