"""Cap tables, by domain-rules.md and by hand."""
