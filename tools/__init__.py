"""What developers run: set-up, locks, bundle, bench. Nothing here is part of the site."""
