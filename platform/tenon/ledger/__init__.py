"""Double entry that cannot be out of balance, for any room that moves money.

Knows accounts, journals and entries; not what a deal, a payment or a share is.
"""
