"""What came of it all: measures as of any day, targets, charts and reports."""
