"""The project's tests; one folder a room, and unit, guards, journeys, browser."""
