"""Tests of introductions: steps, consent, secrecy, time, races, pages, the board."""
