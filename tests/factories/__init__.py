"""Factories: plain functions that make rows, one module a room."""
