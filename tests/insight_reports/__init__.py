"""Tests of figures shown and told: charts, funnel, map, reports, public statistics."""
