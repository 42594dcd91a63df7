"""Who takes part in an event: registration, waiting list, delegates, wishes, pair rules."""
