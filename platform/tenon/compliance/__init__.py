"""What the law asks around a deal: publicity, price route, first refusal, approvals, duties, proof.

Registers guards and effects that the forms of ``deals`` name; each refusal cites the rule's row.
"""
