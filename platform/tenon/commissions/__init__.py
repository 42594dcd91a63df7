"""What brokers are owed for a deal: who pays, how it is shared by the ledger of credit, what came.

An agreement of the payers, shares that each participant confirms, dues that follow the payments of
the deal, payouts, and a broker's yearly statement and certificate. Knows no desk and no report.
"""
