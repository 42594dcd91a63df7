"""What is owed: from terms to a schedule, falling due, charged, waived, credited."""
