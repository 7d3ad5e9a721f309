"""References that people read to each other over the telephone."""

from __future__ import annotations

import secrets

# Crockford's base 32: no I, L, O or U, so that a reference survives the telephone.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_reference(prefix: str) -> str:
    return f"{prefix}-" + "".join(secrets.choice(_ALPHABET) for _ in range(8))
