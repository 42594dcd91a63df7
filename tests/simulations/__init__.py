"""The simulator: mapping to terms, pages."""
