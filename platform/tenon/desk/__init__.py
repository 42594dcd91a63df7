"""The broker's desk: the day's work, search over all they may see, firms, notes, tasks, the map.

The topmost room: it reads every other through that room's own predicates and changes none of them.
"""
