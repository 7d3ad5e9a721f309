"""The demo's application is one that the form itself would have sent."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from intake.models import Application, Question
from intake.status import QuestionStatus, Status

pytestmark = pytest.mark.django_db


def test_the_demo_holds_an_application_and_a_question_once(
    formulary: None, settings: Settings
) -> None:
    settings.EMBEDDED = True
    for _ in range(2):
        call_command("seed_demo_applications", verbosity=0)
    assert Application.objects.get().status == Status.SUBMITTED
    assert Question.objects.filter(status=QuestionStatus.WAITING).count() == 1


def test_a_real_installation_gets_no_demo(settings: Settings) -> None:
    settings.EMBEDDED = False
    with pytest.raises(CommandError):
        call_command("seed_demo_applications", verbosity=0)
