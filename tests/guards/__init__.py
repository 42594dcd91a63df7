"""Tests that hold the house together: layout, wheel, routes, settings, migrations."""
