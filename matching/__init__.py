"""Matching by meaning between what is needed and what was made, in Chinese and English.

A library: it knows documents, vectors, words and files, and nothing of the site, its
database or its pages. The parts others use:

* ``matching.documents``: ``Document``, ``Facets``, ``Where``: what goes in.
* ``matching.results``: ``Match``, ``Reason``, ``RequirementCheck``, ``Band``: what comes out.
* ``matching.engine``: ``MatchEngine``, the read side, one per process.
* ``matching.writer``: ``IndexWriter``, the write side, one per index folder.
* ``matching.requirements``: measurable requirements as written, parsed and compared.
* ``matching.encoder``: text to vectors.
* ``matching.evaluation``: quality on any test set in BEIR's form (``tenon eval``).
"""
