"""The table of who may open what, a file for each area. See tests/test_access.py."""

from __future__ import annotations

# Dr Ada's practice owns the records; Dr Ben's is another; `left` is signed in without a role.
ROLES = ("anonymous", "ada", "nils", "ben", "phil", "petra", "tess", "root", "left")
# login: sent to sign-in · ok: answered · 403: no right · 404: not one's own · 405: no such method
LOGIN, OK, NO, NONE, NOT = "login", "ok", "403", "404", "405"
_ANSWERED = {200, 204, 301, 302, 303, 409, 422}


def row(anonymous: str, ada: str, nils: str, ben: str, phil: str, petra: str, tess: str,
        root: str, left: str) -> dict[str, str]:  # fmt: skip
    return dict(zip(ROLES, (anonymous, ada, nils, ben, phil, petra, tess, root, left), strict=True))


PUBLIC = row(OK, OK, OK, OK, OK, OK, OK, OK, OK)
SIGNED_IN = row(LOGIN, OK, OK, OK, OK, OK, OK, OK, OK)
NO_METHOD = row(LOGIN, NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT)
PRACTICE = row(LOGIN, OK, OK, OK, NO, NO, NO, NO, NO)
OWN_ORDER = row(LOGIN, OK, OK, NONE, NO, NO, NO, NO, NO)
PRESCRIBER_OWN = row(LOGIN, OK, NO, NONE, NO, NO, NO, NO, NO)
STAFF = row(LOGIN, NO, NO, NO, OK, OK, OK, OK, NO)
PHARMACIST = row(LOGIN, NO, NO, NO, OK, OK, NO, NO, NO)
ADMINISTRATOR = row(LOGIN, NO, NO, NO, NO, NO, NO, OK, NO)
PHIL_ONLY = row(LOGIN, NONE, NONE, NONE, OK, NONE, NONE, NONE, NONE)

# name → (which record fills its arguments, GET, POST). Each area's file has a TABLE, and a function
# records(cast) that makes the rows its addresses name.
Table = dict[str, tuple[str, dict[str, str], dict[str, str]]]
