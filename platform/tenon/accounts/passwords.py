"""Passwords to argon2id hashes, the same that the sign-in library verifies.

Knows nothing of Flask, so that commands and the demo can make accounts. No pepper: a password
must not depend on the key that signs sessions, or changing that key would lock everybody out.
"""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.low_level import Type

MIN_LENGTH = 10
MAX_LENGTH = 200

# RFC 9106, second recommended option (64 MiB), and the least that argon2 takes, for tests.
STRONG = PasswordHasher(
    time_cost=3, memory_cost=65536, parallelism=4, hash_len=32, salt_len=16, type=Type.ID
)
CHEAP = PasswordHasher(
    time_cost=1, memory_cost=8, parallelism=1, hash_len=32, salt_len=16, type=Type.ID
)


def normalise(password: str) -> str:
    """Return the form that is hashed (NFKD), so that every keyboard gives the same password."""
    return unicodedata.normalize("NFKD", password)


def hash_password(password: str, *, cheap: bool = False) -> str:
    """Return the argon2id hash of a password; ``cheap`` is for tests alone."""
    return (CHEAP if cheap else STRONG).hash(normalise(password))
