"""Learning from use: from what was shown where, and what people made of it, to ranking weights.

Pure parts over plain values: how far down people look (``examination``), weights fitted to what
they said (``fitting``), whether those are better on what they said later (``comparing``) and no
worse on judged queries (``judged``), all of it in one go (``trial``); a place for what is new
(``exploring``) and the weights that run (``running``). Knows no database and no listing.
"""
