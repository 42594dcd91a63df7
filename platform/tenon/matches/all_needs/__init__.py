"""Every open need against all results in one run, into a file."""
