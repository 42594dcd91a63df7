"""A broker's year on paper: the yearly statement and the certificate.

Both are statements of credit (``credit.statements.papers``): frozen, hashed, found by a code.
"""
