"""What all pages share: sessions per request, access, errors, languages, forms, layout.

Knows nothing of any room; app.py hands it what it needs to know.
"""
