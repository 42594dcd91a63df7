"""Use reports by licensees, checked by licensors, and the royalty statements that rest on them."""
