"""Figures of contracts: by kind, year, region, institution and field, as known on any day."""
