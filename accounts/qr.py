"""The secret of an app as a picture that its camera reads, and as text that can be typed."""

from __future__ import annotations

from dataclasses import dataclass

import qrcode
from allauth.mfa.adapter import get_adapter

from accounts.models import User


@dataclass(frozen=True)
class Drawing:
    """An SVG path of the dark modules, in a square of `size` units."""

    size: int
    path: str


def drawing(user: User, secret: str) -> Drawing:
    code = qrcode.QRCode(border=4)
    code.add_data(get_adapter().build_totp_url(user, secret))
    rows = code.get_matrix()
    dark = [f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, on in enumerate(row) if on]
    return Drawing(size=len(rows), path="".join(dark))


def spaced(code: str) -> str:
    """In groups of four, as it is read aloud and typed."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))
