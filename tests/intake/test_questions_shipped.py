"""The question about granuloma annulare stands in every installation, in the words kept there."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import Event
from intake.models import Question
from intake.services import questions
from intake.services.questions import Published
from intake.services.shipped_questions import seed
from tests.conftest import Cast
from tests.intake.questions import client_of
from tests.ui.html import Page, text

pytestmark = pytest.mark.django_db
GRANULOMA = "/questions/granuloma-annulare/"


def test_strangers_read_what_is_documented_of_granuloma_annulare_and_what_is_not() -> None:
    assert seed() == 1
    said = text(Page(client_of().get(GRANULOMA).content.decode()).one("main"))
    for words in (
        "Is low dose naltrexone documented for granuloma annulare?",
        "does not document it for granuloma annulare (ICD-10-CM L92.0)",
        "not approved for granuloma annulare or for any other skin condition",
        "one case report elsewhere",
        "together with PUVA light",
        "What is not documented: a dose, a time to effect",
        "SKIN: The Journal of Cutaneous Medicine, 2023",
        "every skin use is off-label",
        "Compounded medicines are not reviewed by the FDA",
    ):
        assert words in said
    assert "granuloma annulare?" in client_of().get("/questions/").content.decode()


def test_seeding_again_changes_nothing_and_tells_nobody(cast: Cast) -> None:
    call_command("seed_questions", verbosity=0)
    question = Question.objects.get()
    words = Published("Reworded?", "In other words.", "", "elsewhere")
    questions.publish(question, by=cast.phil, words=words, version=question.version)
    questions.unpublish(question, by=cast.phil)
    told = Event.objects.count()
    assert seed() == 0
    question.refresh_from_db()
    assert (question.public_question, question.published_at) == ("Reworded?", None)
    assert Event.objects.count() == told
    assert client_of().get(GRANULOMA).status_code == 404


def test_the_desk_shows_a_shipped_question_that_nobody_asked(cast: Cast) -> None:
    seed()
    reference = Question.objects.get().reference
    html = client_of(cast.phil).get(f"/questions/queue/{reference}/").content.decode()
    assert "The pharmacy" in html
    listed = client_of(cast.phil).get("/questions/queue/?tab=answered").content.decode()
    assert reference in listed


def test_the_list_costs_the_same_statements_at_2_and_at_200_answers() -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as found:
            client_of().get("/questions/")
        return len(found)

    def add(count: int, first: int) -> None:
        now = timezone.now()
        Question.objects.bulk_create(
            Question(
                category="other", text="x", slug=f"s-{n}", status="answered", answer="x",
                answered_at=now, public_question="Q?", public_answer="A.", published_at=now,
            )
            for n in range(first, first + count)
        )  # fmt: skip

    add(2, 0)
    few = statements()
    add(198, 2)
    assert statements() == few <= 3
