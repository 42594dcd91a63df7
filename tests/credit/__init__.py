"""Tests of the credit room: the ledger, its proof, disputes, statements."""
