"""Where a person stands, what blocks approval, and how fresh the answers must be."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Prescriber, User
from events.models import Event
from intake.models import (
    Applicant,
    Application,
    CheckPlan,
    CredentialCheck,
    ExclusionList,
    Settlement,
)
from intake.services import checks
from intake.status import CheckKind, Decision, Outcome
from tests import factories
from tests.conftest import Cast
from tests.intake.factories import draft_application, submitted_application, with_answers
from tests.intake.nppes import served
from tests.intake.test_checks_exclusions import listed, loaded

pytestmark = pytest.mark.django_db


def settle(row: CredentialCheck, by: User) -> Settlement:
    return Settlement.objects.create(
        check_row=row,
        by=by,
        primary_source="the registry’s own page",
        looked_up_on=date(2026, 11, 22),
        reason=factories.reason("settlement"),
    )


@pytest.fixture
def cora(cast: Cast, settings: Settings) -> Applicant:
    """Everything about her passes, as checked just now."""
    loaded()
    applicant = draft_application().applicants.get()
    with served() as registry:
        settings.NPPES_URL = registry.url
        registry.add(applicant.npi)
        checked(applicant)
    settings.NPPES_URL = ""
    return applicant


def checked(owner: Applicant | Prescriber) -> None:
    checks.plan(owner)
    assert checks.run(CheckPlan.objects.get(pk=owner.check_plan.pk).pk)


def line(owner: Applicant, kind: CheckKind) -> checks.Line:
    return next(one for one in checks.standing(owner).lines if one.kind == kind)


def changed(applicant: Applicant, section: str, **changes: Any) -> Applicant:
    applicant.answers = with_answers(applicant, section, **changes)
    applicant.save()
    return applicant


def row(owner: Applicant, kind: CheckKind, outcome: Outcome, **fields: Any) -> CredentialCheck:
    """A newer row of that outcome, for the same question."""
    before = owner.checks.filter(kind=kind).latest("pk")
    given = {"query": before.query, "subject": before.subject, "source": "test", "text": "test"}
    return CredentialCheck.objects.create(
        applicant=owner, kind=kind, outcome=outcome, **(given | fields)
    )


# --- What blocks ----------------------------------------------------------------------------------
def test_who_passes_every_check_may_be_approved(cora: Applicant) -> None:
    found = checks.standing(cora)
    assert [one.outcome for one in found.lines] == [Outcome.PASS] * 4
    assert found.blocks == ()
    assert found.is_clear
    assert found.checked_at


def test_checks_that_were_not_made_block(cast: Cast) -> None:
    applicant = submitted_application(agreed=False).applicants.get()
    found = checks.standing(applicant)
    assert len(found.blocks) == 4
    assert all("not checked yet" in words for words in found.blocks)
    assert {one.outcome_words for one in found.lines} == {"Not checked yet"}
    assert found.checked_at is None


@pytest.mark.parametrize("outcome", [Outcome.MISMATCH, Outcome.POSSIBLE, Outcome.UNCHECKED])
def test_what_is_no_pass_blocks_until_it_is_settled(
    cora: Applicant, cast: Cast, outcome: Outcome
) -> None:
    made = row(cora, CheckKind.EXCLUSION, outcome)
    found = checks.standing(cora)
    assert len(found.blocks) == 1
    assert found.blocks[0].startswith("OIG exclusions: ")
    assert line(cora, CheckKind.EXCLUSION).may_be_settled
    settle(made, cast.phil)
    assert checks.standing(cora).is_clear
    assert line(cora, CheckKind.EXCLUSION).settlement
    assert not line(cora, CheckKind.EXCLUSION).may_be_settled


def test_a_hit_blocks_even_when_somebody_settled_it(cora: Applicant, cast: Cast) -> None:
    settle(row(cora, CheckKind.EXCLUSION, Outcome.HIT), cast.phil)
    found = checks.standing(cora)
    assert found.is_excluded
    assert "only be rejected" in found.blocks[0]
    assert not line(cora, CheckKind.EXCLUSION).may_be_settled


def test_only_the_newest_row_counts(cora: Applicant) -> None:
    row(cora, CheckKind.REGISTRY, Outcome.MISMATCH)
    row(cora, CheckKind.REGISTRY, Outcome.PASS)
    assert checks.standing(cora).is_clear


@pytest.mark.parametrize(
    ("section", "changes", "kinds"),
    [
        ("person", {"family_name": "Other"}, {CheckKind.REGISTRY, CheckKind.EXCLUSION}),
        ("person", {"birth_date": "1980-01-01"}, {CheckKind.EXCLUSION}),
        (
            "credentials",
            {"npi": "1234567893"},
            {CheckKind.NPI_DIGITS, CheckKind.REGISTRY, CheckKind.EXCLUSION},
        ),
        ("credentials", {"dea": "BN5836727"}, {CheckKind.DEA_DIGITS}),
        ("credentials", {"mobile": "(555) 555-0199"}, set()),
    ],
)
def test_a_check_of_other_answers_than_the_present_ones_is_none(
    cora: Applicant, section: str, changes: dict[str, str], kinds: set[CheckKind]
) -> None:
    found = checks.standing(changed(cora, section, **changes))
    assert {one.kind for one in found.lines if one.outcome is None} == kinds


def test_a_licence_that_was_corrected_is_checked_anew(cora: Applicant) -> None:
    cora.answers["licences"][0]["number"] = "S-NEW"
    cora.save()
    assert checks.standing(cora).blocks == ("Licence dates: NC S-NEW: not checked yet.",)


def test_without_a_licence_nobody_is_approved(cora: Applicant) -> None:
    cora.answers["licences"] = []
    cora.save()
    checked(cora)
    assert any(words.startswith("Licence dates") for words in checks.standing(cora).blocks)


# --- What settles what ----------------------------------------------------------------------------
def test_a_settled_finding_that_comes_back_stays_settled(cora: Applicant, cast: Cast) -> None:
    matches = [{"differs": ["state"]}]
    settle(row(cora, CheckKind.REGISTRY, Outcome.MISMATCH, matches=matches), cast.phil)
    row(cora, CheckKind.REGISTRY, Outcome.UNCHECKED)
    assert not checks.standing(cora).is_clear
    row(cora, CheckKind.REGISTRY, Outcome.MISMATCH, matches=matches)
    assert checks.standing(cora).is_clear


def test_another_finding_is_not_settled_by_the_old_look(cora: Applicant, cast: Cast) -> None:
    first = row(cora, CheckKind.REGISTRY, Outcome.MISMATCH, matches=[{"differs": ["state"]}])
    settle(first, cast.phil)
    row(cora, CheckKind.REGISTRY, Outcome.MISMATCH, matches=[{"differs": ["absent"]}])
    assert not checks.standing(cora).is_clear


def test_that_nobody_answered_is_settled_for_that_time_alone(cora: Applicant, cast: Cast) -> None:
    settle(row(cora, CheckKind.REGISTRY, Outcome.UNCHECKED), cast.phil)
    assert checks.standing(cora).is_clear
    row(cora, CheckKind.REGISTRY, Outcome.PASS)
    row(cora, CheckKind.REGISTRY, Outcome.UNCHECKED)
    assert not checks.standing(cora).is_clear


def test_asking_in_vain_again_leaves_the_settlement(cora: Applicant, cast: Cast) -> None:
    """The row that was settled stays the newest: silence after silence tells nothing new."""
    checked(cora)
    settle(cora.checks.latest("pk"), cast.phil)
    checked(cora)
    assert checks.standing(cora).is_clear


def test_what_was_settled_on_applying_is_settled_on_file(cora: Applicant, cast: Cast) -> None:
    listed(born="")
    Prescriber.objects.filter(pk=cast.ada.prescriber.pk).update(
        given_name="Cora", family_name="Newcomer", npi=cora.npi
    )
    ada = Prescriber.objects.get(pk=cast.ada.prescriber.pk)
    checked(cora)
    possible = cora.checks.filter(outcome=Outcome.POSSIBLE).get()
    settle(possible, cast.phil)
    Applicant.objects.filter(pk=cora.pk).update(
        decision=Decision.APPROVED, decided_at=Now(), decided_by=cast.phil, prescriber=ada
    )
    checked(ada)
    assert ada.checks.filter(outcome=Outcome.POSSIBLE).count() == 1
    told = Event.objects.filter(kind="prescriber.check_found", data__kind="exclusion")
    assert not told.exists()
    found = {one.kind: one for one in checks.standing_of(ada).lines}
    assert found[CheckKind.EXCLUSION].settlement
    assert not found[CheckKind.EXCLUSION].blocks


# --- At approval ----------------------------------------------------------------------------------
def test_answers_of_today_are_fresh(cora: Applicant) -> None:
    checks.ensure_fresh(cora)


def test_answers_older_than_a_day_are_asked_for_again(cora: Applicant) -> None:
    CheckPlan.objects.update(checked_at=Now() - timedelta(hours=25))
    with pytest.raises(checks.NotFresh, match="more than 24 hours old"):
        checks.ensure_fresh(cora)
    due = CheckPlan.objects.get(applicant=cora).due_at
    assert due
    assert due <= timezone.now()


def test_checks_never_made_are_planned(cast: Cast) -> None:
    applicant = submitted_application(agreed=False).applicants.get()
    with pytest.raises(checks.NotFresh, match="not been made yet"):
        checks.ensure_fresh(applicant)
    assert CheckPlan.objects.get(applicant=applicant).due_at


def test_a_retry_that_is_far_off_is_brought_forward(cora: Applicant) -> None:
    CheckPlan.objects.update(
        checked_at=Now() - timedelta(hours=25), due_at=Now() + timedelta(hours=6), attempts=5
    )
    with pytest.raises(checks.NotFresh):
        checks.ensure_fresh(cora)
    assert checks.run_due() == 1
    checks.ensure_fresh(cora)


def test_who_was_put_on_the_list_meanwhile_is_found_at_approval(cora: Applicant) -> None:
    listed(npi=cora.npi)
    before = CheckPlan.objects.get(applicant=cora).checked_at
    found = checks.recheck_now(cora)
    assert found.is_excluded
    assert cora.checks.filter(outcome=Outcome.HIT).count() == 1
    assert CheckPlan.objects.get(applicant=cora).checked_at == before


def test_a_licence_that_ended_meanwhile_is_found_at_approval(cora: Applicant) -> None:
    import time_machine

    with time_machine.travel(timezone.now() + timedelta(days=401), tick=True):
        ExclusionList.objects.update(loaded_at=timezone.now())
        blocks = checks.recheck_now(cora).blocks
    assert len(blocks) == 1
    assert blocks[0].startswith("Licence dates: NC")


def test_a_recheck_that_finds_nothing_new_adds_nothing(cora: Applicant) -> None:
    count = cora.checks.count()
    assert checks.recheck_now(cora).is_clear
    assert cora.checks.count() == count


# --- Figures --------------------------------------------------------------------------------------
def test_many_applicants_take_as_many_statements_as_one(cast: Cast) -> None:
    def statements(applicants: list[Applicant]) -> int:
        with CaptureQueriesContext(connection) as made:
            checks.standings(applicants)
        return len(made)

    loaded()
    for application in [submitted_application(prescribers=3, agreed=False) for _ in range(4)]:
        for applicant in application.applicants.all():
            checked(applicant)
            settle(applicant.checks.filter(outcome=Outcome.UNCHECKED).get(), cast.phil)
    everybody = list(Applicant.objects.select_related("application__practice"))
    assert len(everybody) == 12
    assert statements(everybody) == statements(everybody[:1]) == 3


def test_checks_and_their_plan_go_with_a_draft(cora: Applicant) -> None:
    assert Application.objects.get(pk=cora.application_id).delete()
    assert not CheckPlan.objects.exists()
