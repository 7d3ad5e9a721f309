"""When whose credentials are checked: claim, commit, ask, record. Safe to run at any time, twice.

The database owns the retry: a plan is claimed for LEASE by one conditional UPDATE and committed
before the network is touched; what comes back is recorded in one transaction while the lease is
still one's own, so that answers corrected meanwhile are never overwritten by checks of the old ones.
"""

from __future__ import annotations

import logging
import time
import uuid
from datetime import datetime, timedelta

from django.db import connection, models, transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.models import Prescriber
from accounts.status import AccountStatus
from intake.models import Applicant, CheckPlan
from intake.services.checks.person import Person, of_applicant, of_prescriber
from intake.services.checks.recording import keep
from intake.services.checks.result import Result
from intake.services.checks.running import all_results
from intake.status import DONE, Decision

log = logging.getLogger(__name__)

# The registry has 5 s; the rest is for a slow database and a slow look-up of its name.
LEASE = timedelta(seconds=60)
# No new plan is begun after this many seconds of one task, so that a silent registry does not keep
# a worker from the notices.
BUDGET = 5.0
WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(days=1),
)
# Asked again while somebody reviews, so that approval finds an answer fresh enough.
FRESHENED_AFTER = timedelta(hours=20)
MONTH = timedelta(days=30)
# Monthly checks are spread over this time: the registry is everybody's.
SPREAD = timedelta(hours=2)
_FREE: dict[str, object] = {"lease_until": None, "lease_token": None}


def plan(owner: Applicant | Prescriber, at: datetime | None = None) -> None:
    """Have the person's credentials checked at `at`, or at once; checks under way are disregarded."""
    whose = {"applicant": owner} if isinstance(owner, Applicant) else {"prescriber": owner}
    CheckPlan.objects.update_or_create(
        **whose, defaults={"due_at": at or Now(), "attempts": 0, **_FREE}
    )


def plan_monthly() -> int:
    """Plan every approved prescriber whose last check is a month old; returns how many."""
    return _plan_approved(older_than=MONTH)


def plan_everybody() -> int:
    """Plan every approved prescriber and every open application, as after a new exclusion list."""
    open_plans = CheckPlan.objects.filter(applicant__isnull=False, due_at=None)
    open_plans = open_plans.exclude(applicant__application__status__in=DONE)
    return _plan_approved(older_than=timedelta()) + open_plans.update(due_at=Now(), attempts=0)


def freshen_reviewed() -> int:
    """Plan the applicants in somebody's review whose checks will soon be too old to approve on."""
    stale = CheckPlan.objects.under_review().filter(
        due_at=None, checked_at__lte=Now() - FRESHENED_AFTER
    )
    return stale.update(due_at=Now(), attempts=0)


def run_due() -> int:
    """Run the plans that are due, applicants first, for BUDGET seconds; returns how many."""
    until, done = time.monotonic() + BUDGET, 0
    for plan_id in list(CheckPlan.objects.to_run().values_list("pk", flat=True)[:100]):
        if time.monotonic() >= until:
            break
        done += run(plan_id)
    return done


def run(plan_id: int) -> bool:
    """Check one person, if the plan is due and nobody else is at it; whether it was recorded."""
    claimed = _claim(plan_id)
    if claimed is None:
        return False
    owner = _owner(claimed)
    try:
        person = _person(owner)
        results = all_results(person) if person else []
    except Exception as error:
        # A fault of ours: nothing is stored, so the check still counts as not made.
        log.error("check plan %d: %s", claimed.pk, type(error).__name__)
        _own(claimed).update(due_at=Now() + _wait_after(claimed.attempts), **_FREE)
        return False
    return _record(claimed, owner, results)


def _claim(plan_id: int) -> CheckPlan | None:
    """Lease the row. Durable: inside another transaction the claim would not be visible in time."""
    token = uuid.uuid4()
    with transaction.atomic(durable=True):
        won = (
            CheckPlan.objects.claimable()
            .filter(pk=plan_id)
            .update(attempts=F("attempts") + 1, lease_token=token, lease_until=Now() + LEASE)
        )
    if not won:
        return None
    mine = CheckPlan.objects.filter(pk=plan_id, lease_token=token)
    return mine.select_related("applicant__application__practice", "prescriber__user").first()


def _owner(claimed: CheckPlan) -> Applicant | Prescriber:
    owner = claimed.applicant or claimed.prescriber
    assert owner is not None  # noqa: S101  the database holds it: check_plan_is_for_one_person
    return owner


def _person(owner: Applicant | Prescriber) -> Person | None:
    """Who to check; nobody who was decided on or whose account was closed meanwhile."""
    if isinstance(owner, Prescriber):
        return of_prescriber(owner) if owner.status == AccountStatus.APPROVED else None
    is_decided = owner.decision != Decision.PENDING or owner.application.status in DONE
    return None if is_decided else of_applicant(owner)


def _record(claimed: CheckPlan, owner: Applicant | Prescriber, results: list[Result]) -> bool:
    """Write rows, events and the next date, unless the lease is another's by now."""
    changes: dict[str, object] = {"due_at": None, "attempts": 0, **_FREE}
    if any(result.ask_again for result in results):
        wait = _wait_after(claimed.attempts)
        changes |= {"due_at": Now() + wait, "attempts": claimed.attempts}
    if results:
        changes["checked_at"] = Now()
    with transaction.atomic():
        if not _own(claimed).update(**changes):
            log.warning("check plan %d: the lease was lost before the result came", claimed.pk)
            return False
        keep(owner, results)
    return True


def _own(claimed: CheckPlan) -> models.QuerySet[CheckPlan]:
    return CheckPlan.objects.filter(pk=claimed.pk, lease_token=claimed.lease_token)


def _wait_after(attempts: int) -> timedelta:
    return WAITS[min(attempts, len(WAITS)) - 1]


_PLAN_APPROVED = """
    INSERT INTO intake_checkplan AS plan (prescriber_id, due_at, attempts)
    SELECT p.id, statement_timestamp() + random() * %s, 0
    FROM accounts_prescriber p JOIN accounts_user u ON u.id = p.user_id AND u.is_active
    WHERE p.status = 'approved'
    ON CONFLICT (prescriber_id) DO UPDATE SET due_at = excluded.due_at, attempts = 0
    WHERE plan.due_at IS NULL
      AND (plan.checked_at IS NULL OR plan.checked_at <= statement_timestamp() - %s)
"""


def _plan_approved(*, older_than: timedelta) -> int:
    """In one statement, spread over SPREAD; who is planned already keeps the date."""
    with connection.cursor() as cursor:
        cursor.execute(_PLAN_APPROVED, [SPREAD, older_than])  # type: ignore[list-item]
        return int(cursor.rowcount)
