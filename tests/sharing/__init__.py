"""Income sharing: services, pages, races, walks."""
