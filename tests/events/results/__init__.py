"""After the meetings: outcomes, reminders, follow-up, the report, mails."""
