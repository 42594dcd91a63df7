"""Words of one language said in the other, for the lexical side of queries."""
