"""Income sharing: of what a deal brought in, less costs, a part goes to who made the result.

Built on deals, the ledger and the rule table. The buyer's side and brokers learn nothing of it.
"""
