"""A person's statement: what the ledger says of them for a period, as a PDF that anybody can check.

Built on the ledger, which knows nothing of it. What a statement says is frozen when it is issued:
its content in the table, its file by hash, both held by a chain of history.
"""
