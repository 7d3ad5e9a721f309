"""The list of diagnosis codes that the order form shows while one types."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from formulary.models import DiagnosisCode
from tests.conftest import Cast
from tests.formulary.icd_sample import load_sample

pytestmark = pytest.mark.django_db


@pytest.fixture
def sample(db: None) -> None:
    load_sample()


def listed(by: User, text: str, chosen: str = "") -> str:
    client = Client()
    client.force_login(by)
    data = {"diagnosis_search": text, "diagnosis_code": chosen}
    response = client.post(reverse("orders:diagnoses"), data, HTTP_HOST="127.0.0.1")
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def radios(page: str) -> list[str]:
    return re.findall(r'<input type="radio"[^>]* name="diagnosis_code"[^>]* value="([^"]*)"', page)


@pytest.mark.usefixtures("sample")
def test_a_code_is_offered_with_its_title_and_what_is_documented(cast: Cast) -> None:
    page = listed(cast.ada, "plaque psor")
    assert radios(page) == ["L40.0"]
    assert "L40.0</strong> Psoriasis vulgaris" in page
    assert "Listed as treatable" in page
    assert "Also called: Plaque psoriasis" in page
    assert "1 code found." in page
    assert "checked" not in page


@pytest.mark.usefixtures("sample")
def test_a_header_cannot_be_chosen_and_its_codes_can(cast: Cast) -> None:
    page = listed(cast.phil, "labyrinthine")
    assert "H81.0</strong> Ménière&#x27;s disease" in page
    assert "Choose one of:" in page
    assert "Also called: Labyrinthine hydrops" in page
    assert radios(page) == ["H81.01", "H81.02", "H81.03", "H81.09"]


@pytest.mark.usefixtures("sample")
def test_no_code_is_listed_twice(cast: Cast) -> None:
    for text in ("L66.1", "L40", "T22", "meniere", "itch pruritus", "QA0"):
        page = listed(cast.nils, text)
        assert len(radios(page)) == len(set(radios(page))), text
        assert radios(page), text


@pytest.mark.usefixtures("sample")
def test_of_many_ten_are_shown_and_the_rest_counted(cast: Cast) -> None:
    assert re.search(r"10 of 1\d codes shown", listed(cast.ada, "L40"))


@pytest.mark.usefixtures("sample")
def test_the_chosen_code_stays_when_other_words_are_typed(cast: Cast) -> None:
    page = listed(cast.ada, "vitiligo", chosen="L40.0")
    assert radios(page) == ["L40.0", "L80"]
    assert re.search(r'value="L40.0" checked', page)
    assert page.index("Listed as treatable") < page.index("Vitiligo")
    assert radios(listed(cast.ada, "plaque", chosen="L40.0")) == ["L40.0"]


@pytest.mark.usefixtures("sample")
def test_a_full_code_that_is_not_listed_may_be_chosen_and_says_so(cast: Cast) -> None:
    page = listed(cast.ada, "L99.8")
    assert radios(page) == ["L99.8"]
    assert "Not in the list of codes: the pharmacist compares it" in page
    assert radios(listed(cast.ada, "L9")) == []


@pytest.mark.usefixtures("sample")
def test_an_ended_code_says_when_and_cannot_be_chosen(cast: Cast) -> None:
    DiagnosisCode.objects.filter(code="L80").update(valid_to=date(2026, 9, 30))
    page = listed(cast.ada, "L80")
    assert radios(page) == []
    assert "Ended on September 30, 2026: choose another." in page


def test_without_codes_the_full_code_is_written(cast: Cast) -> None:
    page = listed(cast.ada, "L40.0")
    assert "is not loaded" in page
    assert radios(page) == ["L40.0"]
    assert "is not loaded" in listed(cast.ada, "psoriasis")


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize("text", ["", " ", "p", "\x00", "x" * 100_000, "<script>alert(1)</script>"])
def test_no_text_is_an_error(cast: Cast, text: str) -> None:
    assert "<script" not in listed(cast.ada, text, chosen=text)


@pytest.mark.usefixtures("sample")
def test_empty_and_not_found_say_what_to_do(cast: Cast) -> None:
    assert "Write at least two letters" in listed(cast.ada, "")
    assert "No code is found." in listed(cast.ada, "qwertz")
