"""Which passwords are refused, and why (NIST SP 800-63B-4): length and guesses, no composition."""

from __future__ import annotations

import re
from functools import cache

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from accounts.factors import is_enrolled
from accounts.models import User

ALONE, WITH_SECOND_FACTOR = 15, 8
_RUNS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
_HOUSE = ("scruple", "password", "passwort", "pharmacy", "naltrexone", "welcome", "letmein")


class LongEnough:
    """15 characters, or 8 where a second factor is asked for as well."""

    def validate(self, password: str, user: User | None = None) -> None:
        least = WITH_SECOND_FACTOR if user and user.pk and is_enrolled(user) else ALONE
        if len(password) < least:
            raise ValidationError(
                f"This password is too short: it has {len(password)} characters and needs {least}.",
                code="password_too_short",
            )

    def get_help_text(self) -> str:
        return f"At least {ALONE} characters. Several words are easy to remember."


class NotCommon(CommonPasswordValidator):
    """Not on the list of the 20,000 passwords that are tried first."""

    def validate(self, password: str, user: object | None = None) -> None:
        if password.lower().strip() in self.passwords:
            raise ValidationError(
                "This password is on the list of those that are tried first. Choose another.",
                code="password_too_common",
            )

    def get_help_text(self) -> str:
        return ""


class NotGuessable:
    """More than our names and yours, a row of keys, or a few characters over and over."""

    def validate(self, password: str, user: User | None = None) -> None:
        plain = re.sub(r"[\W_]", "", password.casefold())
        for word in sorted({*_words_of(user), *_house_words()}, key=len, reverse=True):
            if word in plain and len(plain.replace(word, "")) < WITH_SECOND_FACTOR:
                raise ValidationError(
                    f"This password is easily guessed: apart from “{word}” there is little in it.",
                    code="password_guessable",
                )
        if len(set(plain or password)) < 5 or any(_is_run(plain, run) for run in _RUNS):
            raise ValidationError(
                "This password is easily guessed: it repeats itself or runs along the keys.",
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        return ""


def _is_run(plain: str, run: str) -> bool:
    """Eight or more keys in a row, and nearly nothing else."""
    rows = {plain[at : at + 8] for at in range(max(0, len(plain) - 7))}
    return bool(rows) and all(row in run * 2 or row[::-1] in run * 2 for row in rows)


@cache
def _house_words() -> tuple[str, ...]:
    return (*_HOUSE, *_parts(settings.PHARMACY_NAME))


def _words_of(user: User | None) -> tuple[str, ...]:
    return (*_parts(user.name), *_parts(user.email)) if user else ()


def _parts(text: str) -> tuple[str, ...]:
    """The words of a name or an address, and all of it in one."""
    words = re.split(r"[\W_]+", text.casefold())
    return tuple(word for word in (*words, "".join(words)) if len(word) > 3)
