"""Files into the database: the site's side of the ``ingest`` library.

The library reads and checks rows; here they meet the taxonomy, the organisations and the listings
that exist, are written in one transaction, and are told about in words.
"""
