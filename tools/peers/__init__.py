"""Tenon's matching beside what one would pick instead: same texts, same machine, same run.

What it is for: `make bench-peers`. Every peer runs in a process of its own, with its own hybrid
search where it has one, with our encoder and with the best model it can have offline.
What it must not know: the site. The peers are an optional group of dependencies; one that is not
installed is named as such.
"""
