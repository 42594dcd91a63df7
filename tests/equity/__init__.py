"""Cap tables and the register on both databases."""
