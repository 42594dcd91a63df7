"""``python -m tools.bench``: the site's bars, measured on real listings beside a plain page."""
