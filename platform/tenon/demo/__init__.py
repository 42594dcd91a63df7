"""The demo set and its loading."""
