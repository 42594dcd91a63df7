"""Coded terms in both languages: fields of technology, industries, regions, countries, readiness.

The files in ``terms/`` are the record; ``catalogue`` reads them once and answers without a
database; the table exists for foreign keys and joins. Other rooms use ``queries`` and
``services`` only. Must not know listings, organisations or any page.
"""
