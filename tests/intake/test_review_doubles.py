"""What a reviewer is told of an address that is also somebody else's."""

from __future__ import annotations

from typing import Any

import pytest

from intake.duplicates import doubles
from intake.status import FilledBy
from tests.intake.factories import submitted_application

pytestmark = pytest.mark.django_db


def words_about(**fields: Any) -> list[str]:
    """Of the only prescriber, whose address is the one that the form was started with."""
    application = submitted_application(
        contact_name="Stella Sample", contact_email="stella@example.org", **fields
    )
    applicant = application.applicants.get()
    applicant.email = "stella@example.org"
    return [double.words for double in doubles(applicant)]


def test_the_address_of_whoever_filled_the_form_in_is_named() -> None:
    (words,) = words_about(filled_by=FilledBy.STAFF)
    assert "Stella Sample, who filled the form in" in words


def test_who_fills_in_for_oneself_is_no_double() -> None:
    assert words_about(filled_by=FilledBy.PRESCRIBER) == []
