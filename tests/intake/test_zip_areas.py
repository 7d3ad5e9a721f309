"""A ZIP code of another state than the one given is told, and taken all the same."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.house_fields import STATES
from intake.forms.zip_areas import _AREAS, lies_in
from tests.intake.apply_pages import ADDRESS, SHIP_TO, started, url


@pytest.mark.parametrize(
    ("zip_code", "state", "there"),
    [
        ("27514", "NC", True), ("27514-0123", "NC", True), ("27514", "SC", False),
        ("00501", "NY", True), ("06390", "NY", True), ("73301", "TX", True), ("73301", "OK", False),
        ("20101", "VA", True), ("20101", "DC", False), ("02108", "MA", True), ("02903", "MA", False),
        ("99501", "AK", True), ("96701", "HI", True), ("09001", "AE", True), ("96910", "GU", True),
    ],
)  # fmt: skip
def test_the_first_digits_tell_the_state(zip_code: str, state: str, there: bool) -> None:
    assert lies_in(zip_code, state) is there


def test_every_state_has_its_areas_and_hardly_any_is_shared() -> None:
    elsewhere = {"AA", "AE", "AP", "AS", "GU", "MP", "PR", "VI"}
    assert set(_AREAS) == {code for code, _ in STATES} - elsewhere
    owners = [code for areas in _AREAS.values() for code in areas]
    shared = {code for code in owners if owners.count(code) > 1}
    assert shared == {55, 63, 755, 834}


@pytest.mark.django_db
def test_a_zip_code_of_another_state_is_told_and_taken() -> None:
    browser = Client()
    application = started(browser)
    for slug, data, number in (("address", ADDRESS, 0), ("ship_to", SHIP_TO, 1)):
        page = url(application, slug, number=number)
        answer = browser.post(page, data | {"zip_code": "29401"}, follow=True)
        told = answer.content.decode()
        assert "The ZIP code 29401 is none of North Carolina" in told
    application.refresh_from_db()
    assert application.answers["address"]["zip_code"] == "29401"
    quiet = browser.post(url(application, "address"), ADDRESS, follow=True).content.decode()
    assert "is none of" not in quiet
