"""What a deal obliges to pay, what was paid, and the proof of both: built on the ledger."""
