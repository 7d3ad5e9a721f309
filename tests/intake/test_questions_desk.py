"""The pharmacists' queue of questions: one holder, one answer, closing and publishing."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from events.models import Event
from intake.models import Question
from intake.services import questions
from intake.services.questions import Asked, Published, SlugTaken, StaleQuestion
from intake.status import CloseReason
from intake.tasks import release_lapsed_questions
from tests.conftest import Cast
from tests.factories import minutes_ago
from tests.intake.questions import TEXT, ask, client_of, errors_of
from tests.orders.corpus import UNKNOWN
from tests.orders.corpus import text as text_corpus
from tests.ui.html import Page, text

pytestmark = pytest.mark.django_db
WORDS = Published("Is it documented?", "It is not documented.", "", "is-it-documented")
PUBLIC = {
    "public_question": "Is it documented?",
    "public_answer": "The article says nothing of it.",
    "sources": "",
    "slug": "is-it-documented",
}


def url(question: Question, act: str = "") -> str:
    return f"/questions/queue/{question.reference}/{act}"


def kinds(question: Question) -> list[str]:
    events = Event.objects.filter(subject="question", subject_id=question.pk).order_by("pk")
    return list(events.values_list("kind", flat=True))


def answered(by: User) -> Question:
    question = ask()
    questions.answer(question, by=by, text="Nothing is documented of it.")
    return question


def lapse(question: Question) -> None:
    Question.objects.filter(pk=question.pk).update(held_until=minutes_ago(1))


# --- The queue --------------------------------------------------------------------------------------
def references(cast: Cast, who: User, tab: str = "") -> list[str]:
    html = client_of(who).get(f"/questions/queue/?tab={tab}").content.decode()
    page = Page(html)
    tables = page.all("tbody")
    return [text(tr.find("th")) for tr in tables[0]] if tables else []  # type: ignore[arg-type]


def counts(who: User) -> list[str]:
    page = Page(client_of(who).get("/questions/queue/").content.decode())
    return [text(count) for count in page.all(class_="tab-count")]


def test_tabs_hold_what_they_count_after_each_act(cast: Cast) -> None:
    first, second, third = ask(), ask(), ask()
    assert references(cast, cast.phil) == [q.reference for q in (first, second, third)]
    questions.claim(first, by=cast.phil)
    questions.claim(second, by=cast.petra)
    questions.close(third, by=cast.phil, reason=CloseReason.UNWANTED)
    assert references(cast, cast.phil) == [first.reference]
    assert references(cast, cast.phil, "mine") == [first.reference]
    assert references(cast, cast.phil, "answered") == [third.reference]
    assert counts(cast.phil) == ["1", "1", "1"]
    assert counts(cast.petra) == ["1", "1", "1"]
    lapse(second)
    assert references(cast, cast.phil) == [first.reference, second.reference]
    assert counts(cast.phil) == ["2", "1", "1"]
    assert counts(cast.petra) == ["1", "0", "1"]


@pytest.mark.parametrize("query", ["tab=no", "page=0", "page=-1", "page=x", "page=999", "tab=%00"])
def test_unknown_parameters_are_passed_over(cast: Cast, query: str) -> None:
    ask()
    answer = client_of(cast.phil).get(f"/questions/queue/?{query}")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("tab", "words"),
    [
        ("waiting", "Nothing waiting"),
        ("mine", "You hold no question"),
        ("answered", "Nothing answered yet"),
    ],
)
def test_each_empty_tab_says_which_kind_of_empty_it_is(cast: Cast, tab: str, words: str) -> None:
    html = client_of(cast.phil).get(f"/questions/queue/?tab={tab}").content.decode()
    assert words in html


@pytest.mark.parametrize("tab", ["waiting", "mine", "answered"])
def test_the_queue_costs_the_same_statements_at_2_and_at_200_rows(cast: Cast, tab: str) -> None:
    def statements() -> int:
        client = client_of(cast.phil)
        with CaptureQueriesContext(connection) as found:
            client.get(f"/questions/queue/?tab={tab}")
        return len(found)

    state: dict[str, dict[str, object]] = {
        "waiting": {},
        "mine": {
            "status": "held",
            "holder": cast.phil,
            "held_until": timezone.now() + timedelta(minutes=9),
        },
        "answered": {
            "status": "answered",
            "answer": "x",
            "answered_at": timezone.now(),
            "answered_by": cast.phil,
        },
    }

    def add(count: int) -> None:
        Question.objects.bulk_create(
            Question(
                category="other", name="A", email="a@example.org", text=TEXT,
                asked_by=cast.ada, **state[tab],
            )
            for _ in range(count)
        )  # fmt: skip

    add(2)
    few = statements()
    add(198)
    assert statements() == few
    assert len(references(cast, cast.phil, tab)) == 25


def test_pages_follow_each_other_without_a_gap(cast: Cast) -> None:
    made = [ask().reference for _ in range(30)]
    client, found, address = client_of(cast.phil), [], "/questions/queue/"
    while address:
        page = Page(client.get(address).content.decode())
        found += [text(tr.find("th")) for tr in page.one("tbody")]  # type: ignore[arg-type]
        address = next((a.get("href", "") for a in page.all("a", rel="next")), "")
    assert found == made


# --- Claiming ---------------------------------------------------------------------------------------
def test_a_claim_holds_for_30_minutes_and_others_see_who(cast: Cast) -> None:
    question = ask()
    assert client_of(cast.phil).post(url(question, "claim/")).status_code == 302
    question.refresh_from_db()
    assert (question.status, question.holder) == ("held", cast.phil)
    left = question.held_until - timezone.now()  # type: ignore[operator]
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)
    seen = client_of(cast.petra).get(url(question)).content.decode()
    assert "Phil Pharmacist answers this" in seen
    assert "Send the answer" not in seen
    lost = client_of(cast.petra).post(url(question, "claim/"))
    assert lost.status_code == 409
    assert "Phil Pharmacist" in lost.content.decode()
    assert kinds(question) == ["question.asked", "question.claimed"]


def test_claiming_ones_own_again_prolongs_it_without_a_word(cast: Cast) -> None:
    question = ask()
    questions.claim(question, by=cast.phil)
    almost = timezone.now() + timedelta(minutes=1)
    Question.objects.filter(pk=question.pk).update(held_until=almost)
    questions.claim(question, by=cast.phil)
    question.refresh_from_db()
    assert question.held_until is not None
    assert question.held_until > almost + timedelta(minutes=20)
    assert kinds(question) == ["question.asked", "question.claimed"]


def test_a_lapsed_claim_returns_by_itself_and_can_be_taken_before(cast: Cast) -> None:
    kept, taken, fresh = ask(), ask(), ask()
    for question in (kept, taken, fresh):
        questions.claim(question, by=cast.phil)
    lapse(kept)
    lapse(taken)
    questions.claim(taken, by=cast.petra)
    release_lapsed_questions()
    for question, status, holder in (
        (kept, "waiting", None), (taken, "held", cast.petra), (fresh, "held", cast.phil),
    ):  # fmt: skip
        question.refresh_from_db()
        assert (question.status, question.holder) == (status, holder)
    event = Event.objects.get(kind="question.given_back")
    assert (event.subject_id, event.actor) == (kept.pk, None)


def test_giving_back_keeps_the_age(cast: Cast) -> None:
    question = ask()
    asked_at = question.asked_at
    questions.claim(question, by=cast.phil)
    assert client_of(cast.petra).post(url(question, "give-back/")).status_code == 409
    client_of(cast.phil).post(url(question, "give-back/"))
    question.refresh_from_db()
    assert (question.status, question.holder, question.asked_at) == ("waiting", None, asked_at)


Act = Callable[[Question, User], None]


def _answer(question: Question, by: User) -> None:
    questions.answer(question, by=by, text=f"Answered by {by.name}.")


def _claim(question: Question, by: User) -> None:
    questions.claim(question, by=by)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", [_claim, _answer])
def test_of_two_pharmacists_at_the_same_moment_one_wins(cast: Cast, act: Act) -> None:
    asked = Asked("condition", "Dr Cara Sample", "cara@example.org", TEXT)
    question = questions.ask(asked, token=uuid.uuid4(), by=None)
    gate, lost = threading.Barrier(2), []

    def run(by: User) -> None:
        mine = Question.objects.get(pk=question.pk)
        gate.wait()
        try:
            act(mine, by)
        except StaleQuestion:
            lost.append(by)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(by,)) for by in (cast.phil, cast.petra)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lost) == 1
    assert len(kinds(question)) == 2


# --- Answering --------------------------------------------------------------------------------------
def test_an_answer_is_previewed_then_sent_once(cast: Cast) -> None:
    question = ask()
    questions.claim(question, by=cast.phil)
    phil, words = client_of(cast.phil), "The article\n\nsays nothing of it."
    shown = phil.post(url(question, "answer/"), {"text": words, "preview": "1"})
    assert shown.status_code == 200
    assert "Preview: this is not sent yet" in shown.content.decode()
    assert "<p>The article</p>" in shown.content.decode()
    question.refresh_from_db()
    assert question.status == "held"
    assert phil.post(url(question, "answer/"), {"text": words}).status_code == 302
    question.refresh_from_db()
    assert (question.status, question.answer, question.answered_by, question.holder) == (
        "answered", words, cast.phil, None,
    )  # fmt: skip
    again = phil.post(url(question, "answer/"), {"text": "Something else."})
    assert again.status_code == 409
    assert kinds(question).count("question.answered") == 1
    assert "Something else" not in str(Event.objects.values_list("data"))


def test_a_text_that_came_too_late_stays_on_the_page(cast: Cast) -> None:
    question = ask()
    questions.claim(question, by=cast.phil)
    lapse(question)
    questions.claim(question, by=cast.petra)
    lost = client_of(cast.phil).post(url(question, "answer/"), {"text": "My long answer."})
    assert lost.status_code == 409
    html = lost.content.decode()
    assert "My long answer." in html
    assert f"{question.reference} is held by Petra Pharmacist now." in html
    assert "Nothing was sent" in html


def test_a_claim_that_ran_out_unnoticed_does_no_harm(cast: Cast) -> None:
    for returned in (True, False):
        question = ask()
        questions.claim(question, by=cast.phil)
        lapse(question)
        if returned:
            questions.release_lapsed()
        sent = client_of(cast.phil).post(url(question, "answer/"), {"text": "In the end."})
        assert sent.status_code == 302
        question.refresh_from_db()
        assert question.answer == "In the end."


@pytest.mark.parametrize(
    "bad", ["", *text_corpus(4000)[:-1], "DOB 1980 as you wrote", "Patient name: Rosa"]
)
def test_an_answer_that_cannot_go_out_is_refused_beside_the_field(cast: Cast, bad: str) -> None:
    question = ask()
    questions.claim(question, by=cast.phil)
    answer = client_of(cast.phil).post(url(question, "answer/"), {"text": bad})
    assert answer.status_code == 422
    assert errors_of(answer.content.decode(), "text")
    question.refresh_from_db()
    assert question.status == "held"


def test_an_answer_may_name_our_telephone_and_the_day_of_a_source(cast: Cast) -> None:
    question = ask()
    words = "Call (555) 555-0100. The list of November 22, 2026 has it; write to rx@example.org."
    client_of(cast.phil).post(url(question, "answer/"), {"text": words})
    question.refresh_from_db()
    assert question.answer == words


# --- Closing ----------------------------------------------------------------------------------------
def test_closing_takes_a_coded_reason_and_the_member_reads_it(cast: Cast) -> None:
    question = ask(cast.ada)
    questions.claim(question, by=cast.phil)
    client_of(cast.phil).post(url(question, "close/"), {"reason": "patient_data"})
    question.refresh_from_db()
    assert (question.status, question.close_reason, question.closed_by) == (
        "closed", "patient_data", cast.phil,
    )  # fmt: skip
    assert Event.objects.get(kind="question.closed").data == {"reason": "patient_data"}
    assert "It holds patient data" in client_of(cast.ada).get("/questions/mine/").content.decode()
    assert "It holds patient data" in client_of(cast.phil).get(url(question)).content.decode()


@pytest.mark.parametrize("bad", ["", *UNKNOWN])
def test_an_unknown_reason_closes_nothing(cast: Cast, bad: str) -> None:
    question = ask()
    answer = client_of(cast.phil).post(url(question, "close/"), {"reason": bad})
    assert answer.status_code == 422
    assert errors_of(answer.content.decode(), "reason")
    question.refresh_from_db()
    assert question.status == "waiting"


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "closed"},
        {"close_reason": "unwanted"},
        {"status": "held"},
        {"status": "answered"},
        {"published_at": timezone.now()},
    ],
)
def test_the_database_keeps_the_promises_too(columns: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.filter(pk=ask().pk).update(**columns)


# --- Publishing -------------------------------------------------------------------------------------
def test_what_is_published_is_the_pharmacists_words_and_nothing_of_who_asked(cast: Cast) -> None:
    question = answered(cast.phil)
    sent = {**PUBLIC, "version": str(question.version)}
    assert client_of(cast.phil).post(url(question, "publish/"), sent).status_code == 302
    for address in ("/questions/", "/questions/is-it-documented/"):
        html = client_of().get(address).content.decode()
        assert "Is it documented?" in html
        for private in (TEXT, question.reference, "cara@", "Cara", "Nothing is documented of it"):
            assert private not in html
    assert "The article says nothing of it." in html
    assert kinds(question)[-1] == "question.published"


def test_only_an_answered_question_can_be_published(cast: Cast) -> None:
    question = ask()
    sent = {**PUBLIC, "version": str(question.version)}
    assert client_of(cast.phil).post(url(question, "publish/"), sent).status_code == 409
    question.refresh_from_db()
    assert (question.published_at, question.slug) == (None, None)


def test_published_words_are_changed_in_place_and_the_address_stays(cast: Cast) -> None:
    question = answered(cast.phil)
    questions.publish(question, by=cast.phil, words=WORDS, version=question.version)
    first = question.published_at
    sent = {
        **PUBLIC, "public_answer": "Other words.", "slug": "elsewhere",
        "version": str(question.version),
    }  # fmt: skip
    assert client_of(cast.petra).post(url(question, "publish/"), sent).status_code == 302
    question.refresh_from_db()
    assert (question.slug, question.public_answer, question.published_at) == (
        "is-it-documented", "Other words.", first,
    )  # fmt: skip
    # The page of before is stale now.
    late = client_of(cast.phil).post(url(question, "publish/"), sent)
    assert late.status_code == 409


def test_what_is_taken_down_is_gone_and_can_come_back(cast: Cast) -> None:
    question = answered(cast.phil)
    questions.publish(question, by=cast.phil, words=WORDS, version=question.version)
    phil = client_of(cast.phil)
    assert phil.post(url(question, "unpublish/")).status_code == 302
    assert client_of().get("/questions/is-it-documented/").status_code == 404
    assert "Is it documented?" not in client_of().get("/questions/").content.decode()
    assert phil.post(url(question, "unpublish/")).status_code == 409
    question.refresh_from_db()
    phil.post(url(question, "publish/"), {**PUBLIC, "version": str(question.version)})
    assert client_of().get("/questions/is-it-documented/").status_code == 200


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        *(("public_question", bad) for bad in ["", *text_corpus(300), "Is it safe?", "DOB 1980?"]),
        *(("public_answer", bad) for bad in ["", *text_corpus(4000)[:-1], "It is proven.", "MRN 12"]),
        *(("sources", bad) for bad in [*text_corpus(500), "The best book"]),
        *(
            ("slug", bad)
            for bad in [
                "", "Upper", "a b", "a--b", "-a", "a-", "ä", "../x", "ask", "mine", "queue", "sent",
                "taken", "x" * 81, "a\x00b", "a/b",
            ]
        ),
    ],
)  # fmt: skip
def test_public_words_that_cannot_stand_are_refused_beside_the_field(
    cast: Cast, name: str, bad: str
) -> None:
    other, question = answered(cast.phil), answered(cast.phil)
    taken = Published("Q?", "A.", "", "taken")
    questions.publish(other, by=cast.phil, words=taken, version=other.version)
    sent = {**PUBLIC, "version": str(question.version), name: bad}
    answer = client_of(cast.phil).post(url(question, "publish/"), sent)
    assert answer.status_code == 422
    assert errors_of(answer.content.decode(), name)
    question.refresh_from_db()
    assert question.published_at is None


@pytest.mark.parametrize("version", ["", "0", "-1", "1e3", "NaN", "１", "9" * 30, "a\x00b"])
def test_a_broken_version_publishes_nothing(cast: Cast, version: str) -> None:
    question = answered(cast.phil)
    sent = {**PUBLIC, "version": version}
    assert client_of(cast.phil).post(url(question, "publish/"), sent).status_code == 422
    assert not Question.objects.published()


def test_an_error_names_the_words_that_claim_too_much(cast: Cast) -> None:
    question = answered(cast.phil)
    sent = {
        **PUBLIC, "version": str(question.version),
        "public_answer": "It is safe and proven to work.",
    }  # fmt: skip
    html = client_of(cast.phil).post(url(question, "publish/"), sent).content.decode()
    assert "without “safe”, “proven”" in errors_of(html, "public_answer")


def test_a_figure_needs_its_source(cast: Cast) -> None:
    question = answered(cast.phil)
    sent = {**PUBLIC, "version": str(question.version), "public_answer": "It says 4.5 mg daily."}
    html = client_of(cast.phil).post(url(question, "publish/"), sent).content.decode()
    assert errors_of(html, "sources") == "Name the source of each figure in the answer."
    client_of(cast.phil).post(url(question, "publish/"), {**sent, "sources": "The article"})
    assert "The article" in client_of().get("/questions/is-it-documented/").content.decode()


def test_two_that_want_the_same_address_at_once_are_told_apart(cast: Cast) -> None:
    one, two = answered(cast.phil), answered(cast.petra)
    questions.publish(one, by=cast.phil, words=WORDS, version=one.version)
    with pytest.raises(SlugTaken):
        questions.publish(two, by=cast.petra, words=WORDS, version=two.version)
    two.refresh_from_db()
    assert two.published_at is None


# --- Who may ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["ada", "nils", "tess", "root"])
def test_services_ask_for_the_right_themselves(cast: Cast, who: str) -> None:
    question, by = ask(), getattr(cast, who)
    acts: list[Callable[[], None]] = [
        lambda: questions.claim(question, by=by),
        lambda: questions.give_back(question, by=by),
        lambda: questions.answer(question, by=by, text="x"),
        lambda: questions.close(question, by=by, reason=CloseReason.UNWANTED),
        lambda: questions.publish(question, by=by, words=WORDS, version=1),
        lambda: questions.unpublish(question, by=by),
    ]
    for act in acts:
        with pytest.raises(PermissionDenied):
            act()
    assert not Question.objects.answerable_by(by)
    assert kinds(question) == ["question.asked"]


@pytest.mark.parametrize("reference", ["QU-00000000", "qu-00000000", "RX-00000000", "a%00b", "x"])
def test_an_unknown_reference_is_404(cast: Cast, reference: str) -> None:
    assert client_of(cast.phil).get(f"/questions/queue/{reference}/").status_code == 404


@pytest.mark.parametrize("slug", ["nothing", "a" * 500, "a%00b", "mine-"])
def test_an_unknown_answer_is_404(slug: str) -> None:
    assert client_of().get(f"/questions/{slug}/").status_code == 404
