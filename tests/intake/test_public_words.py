"""No page for strangers claims that a medicine is good (domain.md §8)."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.urls import reverse

from intake.claims import claims_in
from intake.services.shipped_questions import FILE, seed
from tests.access import OK
from tests.conftest import Cast
from tests.intake.questions import client_of
from tests.test_access import TABLE

ROOT = Path(__file__).resolve().parent.parent.parent
# Pages that strangers may open: those that the access table calls so.
OPEN = sorted(name for name, (_, row) in TABLE.items() if row[1]["anonymous"] == OK)
# Words of the house that speak of no medicine, each whole and exactly as it stands.
ABOUT_NO_MEDICINE: tuple[str, ...] = ()


class Words(HTMLParser):
    """What is read, what is read out, and what a search engine sees."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        spoken = ("alt", "title", "aria-label", "content", "placeholder")
        self.found += [value or "" for name, value in attrs if name in spoken]


def words_of(html: str) -> str:
    parser = Words()
    parser.feed(html)
    said = " ".join(" ".join(parser.found).split())
    for sentence in ABOUT_NO_MEDICINE:
        said = said.replace(sentence, " ")
    return said


@pytest.mark.django_db
def test_no_public_page_claims_anything_of_a_medicine(cast: Cast) -> None:
    seed()
    read, claimed = 0, {}
    rows = {area: area.records(cast) for area in {TABLE[name][0] for name in OPEN}}
    for name in OPEN:
        area, (record, *_) = TABLE[name]
        kwargs = rows[area][record] if record else {}
        answer = client_of().get(reverse(name, kwargs=kwargs), follow=True)
        if "text/html" not in answer.headers.get("Content-Type", ""):
            continue
        read += answer.status_code == 200
        if found := claims_in(words_of(answer.content.decode())):
            claimed[name] = found
    assert not claimed
    assert read >= 9


@pytest.mark.django_db
def test_no_condition_and_no_published_answer_claims_anything(formulary: None) -> None:
    seed()
    from formulary.models import Indication

    slugs = Indication.objects.values_list("slug", flat=True)
    pages = [f"/conditions/{slug}/" for slug in slugs] + ["/questions/granuloma-annulare/"]
    assert len(pages) >= 15
    for url in pages:
        answer = client_of().get(url)
        assert answer.status_code == 200
        assert claims_in(words_of(answer.content.decode())) == [], url


def test_agreements_claim_nothing_either() -> None:
    for path in sorted((ROOT / "intake" / "data" / "agreements").glob("*")):
        assert claims_in(path.read_text(encoding="utf-8")) == [], path.name


def test_shipped_answers_claim_nothing_and_name_their_sources() -> None:
    for row in json.loads(FILE.read_text(encoding="utf-8")):
        assert claims_in(f"{row['question']} {row['answer']} {row['sources']}") == []
        assert row["sources"]


@pytest.mark.parametrize(
    "text",
    [
        "LDN is safe.", "Its safety is known", "an EFFECTIVE choice", "high efficacy", "non-toxic",
        "nontoxic", "FDA-approved", "FDA approved", "approved by the FDA", "approved for psoriasis",
        "It cures eczema", "proven in studies", "the best choice", "better than steroids",
        "without side effects", "no side-effects", "relief of itching", "guaranteed", "heals",
        "remission", "safe\nand sound", "effectively", "benefits patients", "Naltrexone works",
    ],
)  # fmt: skip
def test_claims_are_recognised(text: str) -> None:
    assert claims_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "Compounded medicines are not reviewed by the FDA.",
        "It is not FDA-approved.",
        "It is not approved by the FDA.",
        "It is not approved for granuloma annulare.",
        "Your application was approved.",
        "The link works once.",
        "Time to effect: about three months.",
        "Listed as treatable.",
        "unsafely-named, ineffective",
    ],
)
def test_what_denies_or_speaks_of_something_else_passes(text: str) -> None:
    assert claims_in(text) == []


def test_a_claim_beside_a_denial_is_still_found() -> None:
    assert claims_in("It is not FDA-approved, but safe.") == ["safe"]
