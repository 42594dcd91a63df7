"""Learning from use: what was shown and said becomes examples, examples become weights that run."""
