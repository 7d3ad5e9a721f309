"""The account form: public at its door, and nobody's beyond it without the private link."""

from __future__ import annotations

from intake.models import Application
from intake.status import FilledBy
from tests.access import LOGIN, NO, NONE, NOT, OK, PUBLIC, Table, row
from tests.conftest import Cast

# Whoever is signed in: without the private link there is no such application.
_LINK = row(NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE)
_NO_POST = row(NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT)
_MANAGER = row(LOGIN, OK, NO, OK, NO, NO, NO, NO, NO)

TABLE: Table = {
    "apply:start": ("", PUBLIC, _NO_POST),
    "apply:begin": ("", PUBLIC, PUBLIC),
    "apply:lost": ("", PUBLIC, PUBLIC),
    "apply:return": ("apply_token", _LINK, _NO_POST),
    "apply:accept": ("apply_token", _LINK, _LINK),
    "apply:agreed": ("", PUBLIC, _NO_POST),
    "apply:agreement_list": ("", PUBLIC, _NO_POST),
    "apply:agreement": ("agreement", PUBLIC, _NO_POST),
    "apply:further": ("", _MANAGER, _MANAGER),
    "apply:hub": ("application", _LINK, _NO_POST),
    "apply:section": ("page", _LINK, _LINK),
    "apply:row": ("row", _LINK, _LINK),
    "apply:remove_row": ("row", _LINK, _LINK),
    "apply:keep": ("row", _NO_POST, _LINK),
    "apply:papers": ("application", _LINK, _LINK),
    "apply:papers_done": ("application", _NO_POST, _LINK),
    "apply:paper": ("paper", _LINK, _NO_POST),
    "apply:paper_remove": ("paper", _NO_POST, _LINK),
    "apply:agreements": ("application", _LINK, _LINK),
    "apply:check": ("application", _LINK, _NO_POST),
    "apply:send": ("application", _NO_POST, _LINK),
    "apply:sent": ("application", _LINK, _NO_POST),
    "apply:print": ("application", _LINK, _NO_POST),
    "apply:status": ("application", _LINK, _NO_POST),
    "apply:answer": ("application", _LINK, _LINK),
    "apply:delete": ("application", _LINK, _LINK),
    "apply:add_prescriber": ("application", _NO_POST, _LINK),
    "apply:remove_prescriber": ("prescriber", _LINK, _LINK),
    "apply:ask_again": ("prescriber", _NO_POST, _LINK),
}


def records(cast: Cast) -> dict[str, dict[str, object]]:
    """A draft that no browser has opened, with a token that opens nothing."""
    from tests.intake.factories import draft_application

    application: Application = draft_application(filled_by=FilledBy.STAFF)
    at: dict[str, object] = {"reference": application.reference}
    return {
        "application": at,
        "apply_token": {"token": "x" * 43},
        "agreement": {"slug": "terms", "version": "1"},
        "page": at | {"whose": "prescriber-1", "slug": "person"},
        "row": at | {"whose": "prescriber-1", "slug": "licences", "number": 1},
        "prescriber": at | {"whose": "prescriber-1"},
        "paper": at | {"pk": 1},
    }
