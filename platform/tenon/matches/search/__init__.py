"""Browse and search: one box over words and meaning, filters with counts, pages."""
