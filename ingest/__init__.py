"""Read files of organisations, people, achievements and needs into frozen records.

A library: it knows file formats, encodings, tables and a handful of public sources. It must not
know the site: no tenon, no Flask, no SQLAlchemy, no gettext. What is wrong with a row is reported
as a code with facts (:mod:`ingest.errors`), which the site puts into words.

The road of a file::

    tables.open_table  ->  rows.RowParser (or a connector)  ->  run.run_import  ->  a Sink
"""
