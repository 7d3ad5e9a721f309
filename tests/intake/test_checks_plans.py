"""When checks are made: claimed once, asked outside transactions, recorded while the lease holds."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Thread
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Prescriber
from accounts.status import AccountStatus
from events.models import Event
from intake import tasks
from intake.models import Applicant, Application, CheckPlan, CredentialCheck, ExclusionList
from intake.services import checks
from intake.services.checks import plans
from intake.status import CheckKind, Outcome, Status
from tests.conftest import Cast
from tests.intake.factories import draft_application, submitted_application, with_answers
from tests.intake.nppes import Registry, served

pytestmark = pytest.mark.django_db
with_threads = pytest.mark.django_db(transaction=True)


@pytest.fixture
def registry(settings: Settings) -> Iterator[Registry]:
    with served() as one:
        settings.NPPES_URL = one.url
        yield one


@pytest.fixture
def cora(formulary: None, registry: Registry) -> Applicant:
    """A submitted applicant that the registry knows, with nothing against her."""
    ExclusionList.objects.create(file_name="l.csv", sha256="0" * 64, rows=1, bad_npis=0)
    applicant = submitted_application(agreed=False).applicants.get()
    registry.add(applicant.npi)
    return applicant


@pytest.fixture
def drafting(cora: Applicant, registry: Registry) -> Applicant:
    """Another Cora, whose answers may still be changed."""
    applicant = draft_application().applicants.get()
    registry.add(applicant.npi)
    return applicant


def planned(owner: Applicant | Prescriber, **changes: object) -> CheckPlan:
    """The person's plan, due now, with these changes."""
    checks.plan(owner)
    CheckPlan.objects.filter(pk=owner.check_plan.pk).update(**changes)
    return CheckPlan.objects.get(pk=owner.check_plan.pk)


def again(plan: CheckPlan) -> CheckPlan:
    plan.refresh_from_db()
    return plan


def outcomes(owner: Applicant | Prescriber) -> dict[str, str]:
    return {row.kind: row.outcome for row in owner.checks.newest()}


def events(kind: str) -> int:
    return Event.objects.filter(kind=kind).count()


# --- One run --------------------------------------------------------------------------------------
def test_a_due_plan_makes_every_check_and_rests(cora: Applicant) -> None:
    plan = planned(cora)
    assert checks.run_due() == 1
    assert outcomes(cora) == {
        CheckKind.NPI_DIGITS: Outcome.PASS,
        CheckKind.REGISTRY: Outcome.PASS,
        CheckKind.EXCLUSION: Outcome.PASS,
        CheckKind.LICENCE: Outcome.PASS,
    }
    assert again(plan).due_at is None
    assert plan.checked_at
    assert plan.lease_token is None
    assert len(set(cora.checks.values_list("run", flat=True))) == 1
    event = Event.objects.get(kind="applicant.checked")
    assert (event.subject, event.subject_id) == ("applicant", cora.pk)
    assert event.reference == cora.application.reference
    assert event.data == {}


def test_the_birth_date_goes_into_the_exclusion_check_alone(cora: Applicant) -> None:
    planned(cora)
    checks.run_due()
    told = {row.kind: "1979-04-05" in str((row.query, row.matches)) for row in cora.checks.all()}
    assert [kind for kind, is_told in told.items() if is_told] == [CheckKind.EXCLUSION]


def test_each_licence_has_its_own_row(drafting: Applicant) -> None:
    def ends(days: int) -> str:
        return (timezone.localdate() + timedelta(days=days)).isoformat()

    drafting.answers["licences"] = [
        {"state": "NC", "kind": "Medical", "number": "S-1", "expires_on": ends(400)},
        {"state": "TX", "kind": "Medical", "number": "S-2", "expires_on": ends(30)},
        {"state": "CA", "kind": "Medical", "number": "S-3", "expires_on": ends(-2)},
        {"state": "NY", "kind": "Medical", "number": "S-4", "expires_on": ""},
    ]
    drafting.save()
    planned(drafting)
    checks.run_due()
    rows = {row.subject: row for row in drafting.checks.filter(kind=CheckKind.LICENCE)}
    assert {subject: row.outcome for subject, row in rows.items()} == {
        "NC S-1": Outcome.PASS,
        "TX S-2": Outcome.PASS,
        "CA S-3": Outcome.MISMATCH,
        "NY S-4": Outcome.UNCHECKED,
    }
    assert "within 60 days" in rows["TX S-2"].text
    assert "within" not in rows["NC S-1"].text


@pytest.mark.parametrize(
    ("dea", "outcome", "says"),
    [
        ("BN5836727", Outcome.PASS, "fits"),
        ("B95836727", Outcome.PASS, "fits"),
        ("BX5836727", Outcome.MISMATCH, "second letter, X,"),
        ("BN5836728", Outcome.MISMATCH, "check digit"),
    ],
)
def test_a_dea_number_is_checked_when_it_is_given(
    drafting: Applicant, dea: str, outcome: Outcome, says: str
) -> None:
    drafting.answers = with_answers(drafting, "credentials", dea=dea)
    drafting.save()
    planned(drafting)
    checks.run_due()
    row = drafting.checks.get(kind=CheckKind.DEA_DIGITS)
    assert row.outcome == outcome
    assert says in row.text


def test_a_dea_registration_that_ended_is_a_mismatch(drafting: Applicant) -> None:
    drafting.answers = with_answers(
        drafting, "credentials", dea="BN5836727", dea_expires_on="2020-01-31"
    )
    drafting.save()
    planned(drafting)
    checks.run_due()
    assert "ended on Jan 31, 2020" in drafting.checks.get(kind=CheckKind.DEA_DIGITS).text


def test_answers_that_are_missing_could_not_be_checked(
    drafting: Applicant, registry: Registry
) -> None:
    drafting.answers = {}
    drafting.save()
    planned(drafting)
    assert checks.run_due() == 1
    found = outcomes(drafting)
    assert found[CheckKind.NPI_DIGITS] == Outcome.MISMATCH
    assert found[CheckKind.REGISTRY] == Outcome.UNCHECKED
    assert found[CheckKind.LICENCE] == Outcome.UNCHECKED
    assert registry.asked == []
    assert CheckPlan.objects.get().due_at is None


def test_neither_npi_nor_name_is_logged(cora: Applicant, caplog: pytest.LogCaptureFixture) -> None:
    planned(cora)
    checks.run_due()
    assert cora.npi not in caplog.text
    assert "Newcomer" not in caplog.text


# --- Nothing new, no new row ----------------------------------------------------------------------
def test_the_same_result_again_moves_the_date_and_adds_nothing(cora: Applicant) -> None:
    plan = planned(cora)
    checks.run_due()
    first, count = again(plan).checked_at, cora.checks.count()
    planned(cora)
    checks.run_due()
    assert cora.checks.count() == count
    assert first != again(plan).checked_at
    assert events("applicant.checked") == 1


def test_a_changed_result_is_a_new_row(cora: Applicant, registry: Registry) -> None:
    planned(cora)
    checks.run_due()
    registry.people.clear()
    planned(cora)
    checks.run_due()
    rows = cora.checks.filter(kind=CheckKind.REGISTRY).order_by("pk")
    assert [row.outcome for row in rows] == [Outcome.PASS, Outcome.MISMATCH]
    assert events("applicant.checked") == 2


def test_another_mismatch_is_a_new_row(cora: Applicant, registry: Registry) -> None:
    for last_name in ("SOMEBODY", "SOMEBODY", "SOMEONE"):
        registry.add(cora.npi, last_name=last_name)
        planned(cora)
        checks.run_due()
    assert cora.checks.filter(kind=CheckKind.REGISTRY).count() == 2


def test_the_same_result_for_other_answers_is_a_new_row(drafting: Applicant) -> None:
    planned(drafting)
    checks.run_due()
    drafting.answers = with_answers(drafting, "person", middle_name="Marie")
    drafting.save()
    planned(drafting)
    checks.run_due()
    rows = drafting.checks.filter(kind=CheckKind.REGISTRY).order_by("pk")
    assert [row.outcome for row in rows] == [Outcome.PASS, Outcome.PASS]
    assert checks.standing(drafting).is_clear


def test_silence_for_another_reason_is_no_news(cora: Applicant, registry: Registry) -> None:
    for status in (500, 503, 404):
        registry.status = status
        planned(cora)
        checks.run_due()
    assert cora.checks.get(kind=CheckKind.REGISTRY).text == "The registry answered with status 500."


# --- The registry is away: not a pass, and asked again ----------------------------------------
def test_a_registry_that_is_away_is_asked_again_later_and_later(
    cora: Applicant, registry: Registry
) -> None:
    registry.status = 503
    plan, waits = planned(cora), []
    for _ in range(8):
        CheckPlan.objects.update(due_at=Now())
        assert checks.run_due() == 1
        due = again(plan).due_at
        assert due
        waits.append(round((due - timezone.now()) / timedelta(minutes=1)))
    assert waits == [1, 5, 30, 120, 360, 1440, 1440, 1440]
    assert cora.checks.filter(kind=CheckKind.REGISTRY).count() == 1
    assert outcomes(cora)[CheckKind.REGISTRY] == Outcome.UNCHECKED
    registry.status = 200
    CheckPlan.objects.update(due_at=Now())
    checks.run_due()
    assert outcomes(cora)[CheckKind.REGISTRY] == Outcome.PASS
    assert again(plan).due_at is None
    assert plan.attempts == 0


def test_a_missing_exclusion_list_is_not_asked_for_again(cora: Applicant) -> None:
    ExclusionList.objects.all().delete()
    plan = planned(cora)
    checks.run_due()
    assert outcomes(cora)[CheckKind.EXCLUSION] == Outcome.UNCHECKED
    assert again(plan).due_at is None


def test_a_decided_application_is_not_asked_about_again(
    cora: Applicant, registry: Registry, cast: Cast
) -> None:
    for status in (Status.UNDER_REVIEW, Status.REJECTED):
        is_held = status == Status.UNDER_REVIEW
        Application.objects.filter(pk=cora.application_id).update(
            status=status,
            holder=cast.phil if is_held else None,
            held_until=timezone.now() if is_held else None,
            decided_at=None if is_held else timezone.now(),
        )
    plan = planned(cora)
    assert checks.run_due() == 1
    assert registry.asked == []
    assert again(plan).due_at is None


# --- The claim and the fence ----------------------------------------------------------------------
@with_threads
def test_two_workers_and_one_plan_ask_once(cora: Applicant, registry: Registry) -> None:
    plan = planned(cora)
    registry.wait = 0.1

    def work(_: int) -> bool:
        try:
            return checks.run(plan.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(work, range(12))) == 1
    assert len(registry.asked) == 1
    assert cora.checks.filter(kind=CheckKind.REGISTRY).count() == 1
    assert events("applicant.checked") == 1


@with_threads
def test_the_claim_is_committed_and_no_transaction_waits_for_the_registry(
    cora: Applicant, registry: Registry
) -> None:
    plan = planned(cora)
    registry.wait = 0.5
    with WhileRunning(lambda: checks.run(plan.pk)):
        until(lambda: bool(registry.asked))
        assert again(plan).lease_token
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
            )
            assert cursor.fetchone() == (0,)
    assert again(plan).checked_at


@with_threads
def test_answers_corrected_meanwhile_are_checked_and_the_old_result_is_dropped(
    drafting: Applicant, registry: Registry
) -> None:
    plan = planned(drafting)
    registry.wait = 0.5
    with WhileRunning(lambda: checks.run(plan.pk)):
        until(lambda: bool(registry.asked))
        drafting.answers = with_answers(drafting, "person", family_name="Corrected")
        drafting.save()
        checks.plan(drafting)
    assert drafting.checks.count() == 0
    assert checks.run_due() == 1
    assert drafting.checks.get(kind=CheckKind.REGISTRY).query["family_names"] == ["CORRECTED"]


@with_threads
def test_a_result_after_the_lease_was_lost_is_not_recorded(
    cora: Applicant, registry: Registry
) -> None:
    plan, theirs = planned(cora), uuid.uuid4()
    registry.wait = 0.5
    with WhileRunning(lambda: checks.run(plan.pk)):
        until(lambda: bool(registry.asked))
        CheckPlan.objects.filter(pk=plan.pk).update(lease_token=theirs)
    assert again(plan).lease_token == theirs
    assert plan.checked_at is None
    assert cora.checks.count() == 0


def test_what_is_leased_or_not_due_is_left_alone_and_a_lapsed_lease_is_taken_over(
    cora: Applicant, registry: Registry
) -> None:
    planned(cora, lease_token=uuid.uuid4(), lease_until=Now() + timedelta(seconds=9))
    assert checks.run_due() == 0
    planned(cora, due_at=Now() + timedelta(seconds=9))
    assert checks.run_due() == 0
    assert registry.asked == []
    planned(cora, lease_token=uuid.uuid4(), lease_until=Now())
    assert checks.run_due() == 1


def test_a_run_inside_a_transaction_is_refused(cora: Applicant) -> None:
    plan = planned(cora)
    with transaction.atomic(), pytest.raises(RuntimeError):
        checks.run(plan.pk)


def test_a_fault_of_ours_stores_nothing_and_is_tried_again(
    cora: Applicant, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: object) -> None:
        raise KeyError("Cora Newcomer")

    plan = planned(cora)
    monkeypatch.setattr(plans, "all_results", broken)
    assert checks.run_due() == 0
    assert cora.checks.count() == 0
    assert again(plan).due_at
    assert plan.lease_token is None
    assert "KeyError" in caplog.text
    assert "Newcomer" not in caplog.text


def test_a_slow_registry_keeps_a_worker_for_its_budget_alone(
    cora: Applicant, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter((0, 1, plans.BUDGET - 1, plans.BUDGET))
    monkeypatch.setattr(plans, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    for _ in range(4):
        planned(submitted_application(agreed=False).applicants.get())
    assert checks.run_due() == 2
    assert len(registry.asked) == 2


# --- Every month ----------------------------------------------------------------------------------
@pytest.fixture
def ada_on_file(cast: Cast, cora: Applicant, registry: Registry) -> Prescriber:
    """Dr Ada, whom the registry knows; the other prescribers are suspended."""
    ada = cast.ada.prescriber
    Prescriber.objects.exclude(pk=ada.pk).update(
        status=AccountStatus.SUSPENDED, status_reason="test"
    )
    registry.add(ada.npi, first_name="ADA", last_name="SAMPLE")
    return ada


def make_due() -> None:
    CheckPlan.objects.filter(due_at__isnull=False).update(due_at=Now())


def test_every_approved_prescriber_is_planned_once_a_month(ada_on_file: Prescriber) -> None:
    tasks.plan_monthly_checks()
    plan = CheckPlan.objects.get()
    assert plan.prescriber == ada_on_file
    assert plan.due_at
    assert plan.due_at < timezone.now() + timedelta(hours=2, minutes=1)
    assert checks.plan_monthly() == 0
    make_due()
    checks.run_due()
    assert set(outcomes(ada_on_file).values()) == {Outcome.PASS}
    assert checks.plan_monthly() == 0
    CheckPlan.objects.update(checked_at=Now() - timedelta(days=31))
    assert checks.plan_monthly() == 1


def test_what_a_monthly_check_finds_is_told_once(
    ada_on_file: Prescriber, registry: Registry
) -> None:
    registry.people.clear()
    for _ in range(2):
        checks.plan(ada_on_file)
        checks.run_due()
    event = Event.objects.get(kind="prescriber.check_found")
    assert (event.subject, event.subject_id, event.reference) == ("prescriber", ada_on_file.pk, "")
    assert event.data == {"kind": "registry", "outcome": "mismatch"}


def test_a_finding_that_comes_back_after_silence_is_not_told_again(
    ada_on_file: Prescriber, registry: Registry
) -> None:
    registry.people.clear()
    for status in (200, 503, 200):
        registry.status = status
        checks.plan(ada_on_file)
        checks.run_due()
    rows = ada_on_file.checks.filter(kind=CheckKind.REGISTRY)
    assert rows.count() == 3
    assert events("prescriber.check_found") == 1


def test_that_somebody_could_not_be_checked_is_no_finding(
    ada_on_file: Prescriber, registry: Registry
) -> None:
    registry.status = 503
    checks.plan(ada_on_file)
    checks.run_due()
    assert events("prescriber.check_found") == 0
    assert "Could not check" in str(
        [x.outcome_words for x in checks.standing_of(ada_on_file).lines]
    )


def test_a_suspended_prescriber_is_not_asked_about(
    ada_on_file: Prescriber, registry: Registry
) -> None:
    checks.plan(ada_on_file)
    Prescriber.objects.update(status=AccountStatus.SUSPENDED, status_reason="test")
    checks.run_due()
    assert registry.asked == []
    assert CheckPlan.objects.get().due_at is None


def test_applicants_come_before_prescribers_on_file(
    ada_on_file: Prescriber, cora: Applicant, registry: Registry
) -> None:
    planned(ada_on_file, due_at=Now() - timedelta(days=1))
    planned(cora)
    checks.run_due()
    assert [path.endswith(cora.npi) for path in registry.asked] == [True, False]


# --- Freshness while somebody reviews -------------------------------------------------------------
@pytest.mark.parametrize(("hours", "is_asked"), [(19, False), (21, True)])
def test_what_is_reviewed_is_asked_about_again_before_it_is_too_old(
    cora: Applicant, cast: Cast, registry: Registry, hours: int, is_asked: bool
) -> None:
    planned(cora, due_at=None, checked_at=Now() - timedelta(hours=hours))
    tasks.run_due_checks()
    assert registry.asked == []
    Application.objects.filter(pk=cora.application_id).update(
        status=Status.UNDER_REVIEW, holder=cast.phil, held_until=timezone.now()
    )
    tasks.run_due_checks()
    assert bool(registry.asked) is is_asked


def test_the_number_of_statements_is_the_same_with_many_matches(
    cora: Applicant, registry: Registry
) -> None:
    from tests.intake.test_checks_exclusions import listed

    def statements() -> int:
        planned(cora)
        CredentialCheck.objects.all().delete()
        with CaptureQueriesContext(connection) as made:
            checks.run_due()
        return len(made)

    listed(born="19600101")
    few = statements()
    for _ in range(30):
        listed()
    assert statements() == few


# --- Helpers --------------------------------------------------------------------------------------
class WhileRunning:
    """Runs the task in a thread, and waits for its end on leaving."""

    def __init__(self, task: Callable[[], object]) -> None:
        self._task = task
        self._thread = Thread(target=self._run)

    def _run(self) -> None:
        try:
            self._task()
        finally:
            connection.close()

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._thread.join()


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert is_so()
