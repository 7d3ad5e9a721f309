"""Asking a pharmacist: every field, patient data, machines, double clicks, limits, members."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from events.models import Event
from intake.models import Question
from intake.patient_words import patient_words
from intake.services import questions
from intake.services.questions import Asked
from tests.conftest import Cast
from tests.intake.questions import COMPOUND, TEXT, ask, client_of, errors_of, form
from tests.orders.corpus import UNKNOWN, UNPRINTABLE
from tests.orders.corpus import text as text_corpus
from tests.ui.html import Page, text

pytestmark = pytest.mark.django_db
ASK = "/questions/ask/"
PATIENT = [
    "Patient name: Rosa, may she?",
    "My patient Rosa Sampleton takes it.",
    "The patient is Rosa Sampleton, adult.",
    "Asked for Mrs. Sampleton of ours",
    "She has DOB 1980, is it fine?",
    "date of birth in spring",
    "born on a Monday in spring",
    "seen 11/22/1980 for eczema",
    "seen on 1980-11-22 for eczema",
    "seen November 22, 1980 for eczema",
    "seen 22 Nov 1980 for eczema",
    "MRN 0012345 has eczema",
    "Member ID W1234 has eczema",
    "Her SSN is 000-12-3456 now",
    "Call her at (555) 555-0123 about it",
    "Call her at 555.555.0123 about it",
    "Write to rosa@example.org about it",
    "Lives at 12 Example Road and itches",
]


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


# --- The form -------------------------------------------------------------------------------------
def test_a_strangers_question_is_stored_told_and_thanked_for() -> None:
    client = client_of()
    answer = client.post(ASK, form(), follow=True)
    assert answer.redirect_chain == [("/questions/sent/", 302)]
    question = Question.objects.get()
    assert (question.name, question.email, question.text) == (
        "Dr Cara Sample", "cara@example.org", TEXT,
    )  # fmt: skip
    assert (question.status, question.asked_by) == ("waiting", None)
    page = answer.content.decode()
    assert question.reference in page
    assert "cara@example.org" not in page
    event = Event.objects.get(subject="question", subject_id=question.pk)
    assert (event.kind, event.reference, event.data, event.actor) == (
        "question.asked", question.reference, {"signed_in": False}, None,
    )  # fmt: skip
    assert question.reference in client.get("/questions/sent/").content.decode()


def test_the_page_says_no_patient_data_no_order_and_who_it_is_for() -> None:
    page = Page(client_of().get(ASK).content.decode())
    said = text(page.one("main"))
    for words in ("No patient data.", "never an order", "For prescribers", "off-label"):
        assert words in said
    assert page.all("form", action=ASK)[0].get("novalidate") is not None
    assert page.one("input", id="id_email").get("autocomplete") == "email"
    assert not page.all("input", type="email")


def test_without_a_question_sent_there_is_nothing_to_thank_for() -> None:
    assert client_of().get("/questions/sent/").headers["Location"] == ASK


CORPUS = {
    "category": ["", *UNKNOWN],
    "text": ["", "short", *text_corpus(2000)],
    "name": ["", "１２", "4,5", "...", *text_corpus(120)],
    "email": [
        "", "cara", "cara@", "@example.org", "cara@example", "a b@example.org", "x" * 5000,
        "cara@exam\u202eple.org", "cara@exаmple.org", "cara@example.org\nBcc: all@example.org",
        "<b>@example.org", f"{'a' * 250}@example.org", *UNPRINTABLE,
    ],
}  # fmt: skip
COMPOUND_CORPUS = {
    "drug": ["", *text_corpus(120)],
    "form": ["", *text_corpus(60)],
    "strength": ["", *text_corpus(60)],
    "area": ["", *text_corpus(120)],
}
CASES: list[tuple[str, str, dict[str, str]]] = [
    (name, bad, {}) for name, values in CORPUS.items() for bad in values
] + [(name, bad, COMPOUND) for name, values in COMPOUND_CORPUS.items() for bad in values]


@pytest.mark.parametrize(
    ("name", "bad", "beside"), CASES, ids=[f"{name}-{at}" for at, (name, *_) in enumerate(CASES)]
)
def test_what_a_field_refuses_is_said_beside_it_and_nothing_is_stored(
    name: str, bad: str, beside: dict[str, str]
) -> None:
    answer = client_of().post(ASK, form(**{**beside, name: bad}))
    assert answer.status_code == 422
    html = answer.content.decode()
    said = errors_of(html, name)
    assert said
    assert "nvalid" not in said
    assert "<title>Error: Ask a pharmacist" in html
    assert "There is a problem" in html
    assert "Dr Cara Sample" in html or name == "name"  # what was right stays
    assert not Question.objects.exists()


def test_every_field_of_the_form_has_a_corpus() -> None:
    from intake.forms.questions import AskForm

    assert set(AskForm.base_fields) == {*CORPUS, *COMPOUND_CORPUS}


def test_a_field_sent_twice_is_refused() -> None:
    answer = client_of().post(ASK, {**form(), "name": ["Dr Cara", "Dr Eve"]})
    assert answer.status_code == 422
    assert "more than once" in answer.content.decode()


@pytest.mark.parametrize("odd", ["O'Brien", "Ægir Ørsted-Núñez", "X", "n" * 120])
def test_odd_but_right_names_are_kept_as_typed(odd: str) -> None:
    client_of().post(ASK, form(name=odd))
    assert Question.objects.get().name == odd


def test_what_was_typed_is_escaped_wherever_it_is_shown(cast: Cast) -> None:
    ask(text='"><img src=x onerror=alert(1)> {{7*7}}', name="<i>Eve</i>")
    desk = client_of(cast.phil)
    for url in ("/questions/queue/", f"/questions/queue/{Question.objects.get().reference}/"):
        html = desk.get(url).content.decode()
        assert "<img src=x" not in html
        assert "<i>Eve" not in html
        assert "{{7*7}}" in html


# --- Another compound -----------------------------------------------------------------------------
def test_another_compound_asks_for_drug_form_strength_and_area() -> None:
    answer = client_of().post(ASK, form(category="other_compound"))
    html = answer.content.decode()
    for name, words in (
        ("drug", "Enter the drug."), ("form", "Enter the form wanted."),
        ("strength", "Enter the strength wanted."), ("area", "Enter the area of use."),
    ):  # fmt: skip
        assert words in errors_of(html, name)
    assert not Question.objects.exists()
    client_of().post(ASK, form(**COMPOUND))
    question = Question.objects.get()
    assert (question.drug, question.form, question.strength, question.area) == (
        "naltrexone", "cream", "1 percent", "dermatology",
    )  # fmt: skip


def test_compound_answers_beside_another_category_are_neither_judged_nor_kept() -> None:
    client_of().post(ASK, form(drug="x" * 500, form="<b>", strength="1", area="a\x00b"))
    question = Question.objects.get()
    assert (question.drug, question.form, question.strength, question.area) == ("", "", "", "")


# --- Patient data ---------------------------------------------------------------------------------
@pytest.mark.parametrize("words", PATIENT)
def test_what_looks_like_patient_data_is_refused_and_asked_to_be_removed(words: str) -> None:
    answer = client_of().post(ASK, form(text=words))
    assert answer.status_code == 422
    said = errors_of(answer.content.decode(), "text")
    assert said.startswith("Remove what looks like")
    assert not Question.objects.exists()


@pytest.mark.parametrize("name", ["drug", "form", "strength", "area"])
def test_patient_data_is_refused_in_the_short_fields_too(name: str) -> None:
    answer = client_of().post(ASK, form(**{**COMPOUND, name: "DOB 1980"}))
    assert "Remove what looks like a date of birth" in errors_of(answer.content.decode(), name)


@pytest.mark.parametrize(
    "words",
    [
        TEXT,
        "Is 4.5 mg at bedtime documented, or 1.5 to 3 mg?",
        "What does SKIN 2023 say, and the FDA guidance of January 2018?",
        "Do patients of mine need a new prescription each year?",
        "Do you ship 90 capsules of 1.5 mg to NC 27514?",
        "ICD-10-CM L40.50 or L92.0: which is listed?",
        "The patient is usually seen by telehealth. May I order?",
        "Is PMID 9391680 your source for 30 days at 25 °C?",
    ],
)
def test_questions_without_patient_data_pass(words: str) -> None:
    assert patient_words(words) == []
    client_of().post(ASK, form(text=words))
    assert Question.objects.get().text == words


# --- Machines and double clicks ---------------------------------------------------------------------
def test_a_machine_is_thanked_like_everybody_and_stores_nothing() -> None:
    person, machine = client_of(), client_of()
    thanked = person.post(ASK, form(), follow=True)
    told = machine.post(ASK, {**form(subject_line="Cheap pills"), "text": "x"}, follow=True)
    assert told.redirect_chain == thanked.redirect_chain

    def without_reference(html: str, client: Client) -> str:
        return html.replace(client.session["asked"], "")

    assert (
        without_reference(told.content.decode(), machine).split("</head>")[1].split("<footer")[0]
        == without_reference(thanked.content.decode(), person)
        .split("</head>")[1]
        .split("<footer")[0]
    )
    assert Question.objects.count() == 1
    assert Event.objects.filter(kind="question.asked").count() == 1


def test_the_trap_is_seen_by_machines_alone() -> None:
    page = Page(client_of().get(ASK).content.decode())
    trap = page.one("input", name="subject_line")
    assert (trap.get("tabindex"), trap.get("autocomplete"), trap.get("value")) == ("-1", "off", "")
    around = page.one(class_="no-person")
    assert around.get("aria-hidden") == "true"


def test_the_same_form_sent_twice_makes_one_question() -> None:
    sent = form()
    first, second = client_of(), client_of()
    first.post(ASK, sent)
    second.post(ASK, {**sent, "text": f"{TEXT} And more?"})
    question = Question.objects.get()
    assert question.text == TEXT
    assert second.session["asked"] == question.reference
    assert Event.objects.filter(kind="question.asked").count() == 1


@pytest.mark.parametrize("token", ["", "no-uuid", "a\x00b", "x" * 5000])
def test_a_form_that_lost_its_token_is_still_taken(token: str) -> None:
    client_of().post(ASK, form(token=token))
    assert Question.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_clicks_at_the_same_moment_make_one_question() -> None:
    token, gate = uuid.uuid4(), threading.Barrier(8)
    references: list[str] = []

    def send() -> None:
        asked = Asked("condition", "Dr Cara Sample", "cara@example.org", TEXT)
        gate.wait()
        references.append(questions.ask(asked, token=token, by=None).reference)
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert references == [Question.objects.get().reference] * 8
    assert Event.objects.filter(kind="question.asked").count() == 1


# --- Limits -------------------------------------------------------------------------------------------
def test_one_address_may_ask_six_times_an_hour() -> None:
    for _ in range(6):
        assert client_of().post(ASK, form()).status_code == 302
    refused = client_of().post(ASK, form(email="CARA@example.org"))
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")
    assert "this one was not stored" in refused.content.decode()
    assert Question.objects.count() == 6
    assert client_of().post(ASK, form(email="eve@example.org")).status_code == 302


def test_one_network_may_ask_twenty_times_an_hour() -> None:
    sent = [client_of().post(ASK, form(email=f"a{n}@example.org")).status_code for n in range(21)]
    assert sent == [302] * 20 + [429]
    assert Question.objects.count() == 20
    other = Client(HTTP_HOST="127.0.0.1", REMOTE_ADDR="198.51.100.7")
    assert other.post(ASK, form(email="b@example.org")).status_code == 302


def test_a_forged_forwarding_header_opens_no_new_network() -> None:
    def send(number: int) -> int:
        client = Client(HTTP_HOST="127.0.0.1", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
        return client.post(ASK, form(email=f"a{number}@example.org")).status_code

    assert [send(number) for number in range(21)][-1] == 429


def test_refused_forms_and_reading_use_nothing_up() -> None:
    for _ in range(25):
        client_of().post(ASK, form(text=""))
        client_of().get(ASK)
    assert client_of().post(ASK, form()).status_code == 302


# --- Members ------------------------------------------------------------------------------------------
def test_a_member_is_neither_asked_for_name_nor_address(cast: Cast) -> None:
    client = client_of(cast.nils)
    page = Page(client.get(ASK).content.decode())
    assert not page.all("input", name="name")
    assert not page.all("input", name="email")
    # What a member sends along all the same is not believed.
    client.post(ASK, form(name="Somebody Else", email="else@example.org"))
    question = Question.objects.get()
    assert (question.asked_by, question.name, question.email) == (
        cast.nils, cast.nils.name, cast.nils.email,
    )  # fmt: skip
    event = Event.objects.get(kind="question.asked")
    assert (event.actor, event.data) == (cast.nils, {"signed_in": True})


def test_my_questions_shows_ones_own_with_their_answers_and_nobody_elses(cast: Cast) -> None:
    mine, foreign = ask(cast.ada, text="Mine, of Dr Ada, waits."), ask(text="A stranger asks.")
    bens = ask(cast.ben, text="Dr Ben asks this.")
    questions.answer(mine, by=cast.phil, text="Here is the answer.")
    said = text(Page(client_of(cast.ada).get("/questions/mine/").content.decode()).one("main"))
    assert mine.reference in said
    assert "Here is the answer." in said
    for other in (foreign, bens):
        assert other.reference not in said
        assert other.text not in said
    nobody = client_of(cast.tess).get("/questions/mine/").content.decode()
    assert "You have not asked anything yet" in nobody


def test_my_questions_cost_the_same_statements_with_2_and_with_200(cast: Cast) -> None:
    def statements() -> int:
        client = client_of(cast.ada)
        with CaptureQueriesContext(connection) as found:
            client.get("/questions/mine/")
        return len(found)

    ask(cast.ada)
    ask(cast.ada)
    few = statements()
    many = [
        Question(category="other", name="Ada", email="a@example.org", text="x", asked_by=cast.ada)
        for _ in range(198)
    ]
    Question.objects.bulk_create(many)
    assert statements() == few


def test_a_question_stands_in_no_address_and_no_event(cast: Cast) -> None:
    answer = client_of().post(ASK, form())
    assert answer.headers["Location"] == "/questions/sent/"
    written = str(list(Event.objects.values_list("data", "reference")))
    for private in ("cara", "Cara", TEXT):
        assert private not in written
