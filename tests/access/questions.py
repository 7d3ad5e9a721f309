"""Questions to the pharmacist. The staff's pages know who answers, not whose question it is."""

from __future__ import annotations

from intake.services import questions
from intake.services.questions import Published
from tests.access import NO_METHOD, NOT, PHARMACIST, PUBLIC, SIGNED_IN, Table, row
from tests.conftest import Cast
from tests.intake.questions import ask

_READ_ALONE = row(*[NOT] * 9)
TABLE: Table = {
    "questions:list": ("", PUBLIC, _READ_ALONE),
    "questions:page": ("published", PUBLIC, _READ_ALONE),
    "questions:ask": ("", PUBLIC, PUBLIC),
    "questions:sent": ("", PUBLIC, _READ_ALONE),
    "questions:mine": ("", SIGNED_IN, NO_METHOD),
    "questions:queue": ("", PHARMACIST, NO_METHOD),
    "questions:review": ("question", PHARMACIST, NO_METHOD),
    "questions:claim": ("question", NO_METHOD, PHARMACIST),
    "questions:give_back": ("question", NO_METHOD, PHARMACIST),
    "questions:answer": ("question", NO_METHOD, PHARMACIST),
    "questions:close": ("question", NO_METHOD, PHARMACIST),
    "questions:publish": ("answered", NO_METHOD, PHARMACIST),
    "questions:unpublish": ("answered", NO_METHOD, PHARMACIST),
}


def records(cast: Cast) -> dict[str, dict[str, object]]:
    """A question that waits, and one that Phil answered and published."""
    answered = ask()
    questions.answer(answered, by=cast.phil, text="The article says nothing of it.")
    words = Published("Is it documented?", "It is not documented.", "", "is-it-documented")
    questions.publish(answered, by=cast.phil, words=words, version=answered.version)
    return {
        "question": {"reference": ask().reference},
        "answered": {"reference": answered.reference},
        "published": {"slug": "is-it-documented"},
    }
