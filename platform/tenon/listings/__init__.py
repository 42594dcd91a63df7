"""Achievements, needs, experts and IP rights: written, reviewed, published, disclosed, expired."""
