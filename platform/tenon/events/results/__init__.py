"""After the meetings: outcomes of both sides, reminders, follow-up, the report, mails to many.

May import all other rooms of events; none of them may import this one.
"""
