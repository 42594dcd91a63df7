"""People, organisations, memberships and what was granted to whom; sign-in; personal data."""
