"""A result under several deal forms side by side: what each party gets, when, and at what risk.

Built on the formulas and on deals; what is set can be saved, shared, and taken into a negotiation.
"""
