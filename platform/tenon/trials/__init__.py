"""Trials before payment and work in milestones: what was used, measured, delivered, accepted."""
