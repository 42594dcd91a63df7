"""The room of compliance: publicity, approvals, first refusal, duties, evidence."""
