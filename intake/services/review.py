"""What a reviewer does with an application that is held: look up, settle, ask, approve, reject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Prescriber, User
from formulary.models import Reason
from formulary.reference import ReasonKind
from intake.facts import LicenceFacts, applicant_facts
from intake.models import (
    Applicant,
    Application,
    CredentialCheck,
    InfoItem,
    InfoRequest,
    LicenceVerification,
    Settlement,
    Upload,
)
from intake.services import agreeing, checks
from intake.services.activation import activate, ensure_not_staff
from intake.services.claims import holds, lock_held
from intake.services.moves import Refused, move, note_applicant, stale
from intake.status import (
    GOOD_STANDING,
    SERVED,
    SETTLEABLE,
    BoardStanding,
    Decision,
    Outcome,
    Status,
)

# A look at a primary source counts for so long.
LOOKED_UP_WITHIN = timedelta(days=30)


# --- Whose application it is --------------------------------------------------------------------
def is_own(application: Application, by: User) -> bool:
    """Whether `by` applies here, asked for it, or works for the practice that did."""
    people = list(application.applicants.all())
    emails = {application.contact_email.lower(), *(one.email.lower() for one in people)}
    return (
        by.pk == application.started_by_id
        or by.email in emails
        or Prescriber.objects.filter(user=by, npi__in=[one.npi for one in people]).exists()
        or (
            application.practice_id is not None
            and by.memberships.open().filter(practice_id=application.practice_id).exists()
        )
    )


def _ensure_not_own(application: Application, by: User) -> None:
    if is_own(application, by):
        raise Refused("This application is your own. A colleague decides about it.")


def _locked(
    applicant: Applicant, by: User, version: int | None = None
) -> tuple[Applicant, Application]:
    """The prescriber and the application as they stand, locked; undecided and not one's own."""
    application = lock_held(applicant.application, by=by, version=version)
    _ensure_not_own(application, by)
    here = Applicant.objects.get(pk=applicant.pk)
    here.application = application
    if here.decision != Decision.PENDING:
        raise stale(application)
    return here, application


# --- Looking up ---------------------------------------------------------------------------------
def _ensure_recent(looked_up_on: date) -> None:
    today = timezone.localdate()
    if not today - LOOKED_UP_WITHIN <= looked_up_on <= today + timedelta(days=1):
        raise Refused("Look it up anew: the date has to lie within the last 30 days.")


@transaction.atomic
def verify_licence(
    applicant: Applicant,
    *,
    by: User,
    state: str,
    number: str,
    primary_source: str,
    standing: BoardStanding,
    looked_up_on: date,
    version: int | None = None,
) -> LicenceVerification:
    """Store what the state board says of one licence, as it was given; the newest look counts."""
    applicant, _ = _locked(applicant, by, version)
    given = {(one.state, one.number): one for one in applicant_facts(applicant).licences}
    if (state, number) not in given:
        raise stale(applicant.application)
    _ensure_recent(looked_up_on)
    row = LicenceVerification.objects.create(
        applicant=applicant,
        state=state,
        number=number,
        expires_on=given[state, number].expires_on,
        primary_source=primary_source,
        standing=standing,
        looked_up_on=looked_up_on,
        by=by,
    )
    note_applicant(applicant, "applicant.licence_verified", by=by)
    return row


@transaction.atomic
def settle(
    check: CredentialCheck,
    *,
    by: User,
    primary_source: str,
    looked_up_on: date,
    reason: Reason,
    text: str,
) -> Settlement:
    """Store why what a check left open stands in the way no longer. A hit is never settled."""
    if check.applicant is None:
        raise Refused("Only checks of an application are settled here.")
    applicant, application = _locked(check.applicant, by)
    if check.outcome not in SETTLEABLE:
        raise Refused("Only what differs or could not be checked is settled. A hit is rejected.")
    lines = {line.row.pk: line for line in checks.standing(applicant).lines if line.row}
    if check.pk not in lines:
        raise Refused("This check was made again meanwhile: look at the newest.")
    if not lines[check.pk].may_be_settled:
        raise stale(application)
    if _was_a_hit(check):
        raise Refused("An earlier look found a hit. Run the checks again, or reject.")
    _ensure_recent(looked_up_on)
    _ensure_coded(reason, ReasonKind.SETTLEMENT, text)
    row = Settlement.objects.create(
        check_row=check,
        by=by,
        primary_source=primary_source,
        looked_up_on=looked_up_on,
        reason=reason,
        text=text,
    )
    note_applicant(applicant, "applicant.check_settled", by=by, data={"kind": check.kind})
    return row


def _was_a_hit(check: CredentialCheck) -> bool:
    """A list that could not be read today takes nothing back of what it said before."""
    same = CredentialCheck.objects.filter(
        applicant=check.applicant_id, kind=check.kind, subject=check.subject, query=check.query
    )
    return check.outcome == Outcome.UNCHECKED and same.filter(outcome=Outcome.HIT).exists()


def _ensure_coded(reason: Reason, kind: ReasonKind, text: str) -> None:
    if reason.kind != kind or len(text) < reason.min_chars:
        raise Refused("Choose a listed reason, in words where it asks for them.")


@transaction.atomic
def recheck(application: Application, *, by: User) -> None:
    """Have the checks of everybody undecided made again, the registry's included, by a worker."""
    here = lock_held(application, by=by)
    for applicant in here.applicants.filter(decision=Decision.PENDING):
        checks.plan(applicant)


# --- Asking -------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Asked:
    """One section to correct; no fields: all of it. `applicant` None: a section of the practice."""

    section: str
    reason: Reason
    fields: tuple[str, ...] = ()
    applicant: Applicant | None = None


@transaction.atomic
def ask(
    application: Application, *, by: User, items: Sequence[Asked], text: str, version: int
) -> InfoRequest:
    """Ask the applicant to correct just these; the clock rests until the answer.

    Asked for the agreements, the prescriber is sent the private link to them again.
    """
    here = lock_held(application, by=by, version=version)
    _ensure_not_own(here, by)
    if not items:
        raise Refused("Choose at least one part of the form to ask about.")
    pending = {one.pk for one in here.applicants.all() if one.decision == Decision.PENDING}
    for item in items:
        _ensure_coded(item.reason, ReasonKind.INFO_REQUEST, text)
        if item.applicant is not None and item.applicant.pk not in pending:
            raise stale(here)
    asked = InfoRequest.objects.create(application=here, asked_by=by, text=text)
    InfoItem.objects.bulk_create(
        InfoItem(
            request=asked,
            applicant=item.applicant,
            section=item.section,
            fields=list(item.fields),
            reason=item.reason,
            before=_before(here, item),
        )
        for item in items
    )
    for item in items:
        if item.section == "agreements" and item.applicant and agreeing.missing(item.applicant):
            agreeing.ask(item.applicant)
    move(
        here,
        Status.INFO_REQUESTED,
        by=by,
        kind="application.info_requested",
        where=holds(by),
        holder=None,
        held_until=None,
        paused_at=Now(),
    )
    return asked


def _before(application: Application, item: Asked) -> dict[str, Any]:
    """What the fields say now; a list of rows is kept whole."""
    owner = item.applicant or application
    said = owner.answers.get(item.section)
    if not isinstance(said, dict):
        return {"rows": said or []}
    return {name: said.get(name) for name in item.fields} if item.fields else dict(said)


# --- Deciding -----------------------------------------------------------------------------------
@transaction.atomic
def reject_applicant(
    applicant: Applicant, *, by: User, reason: Reason, text: str, version: int
) -> None:
    """Refuse one prescriber for a coded reason."""
    applicant, application = _locked(applicant, by, version)
    _ensure_coded(reason, ReasonKind.APPLICATION_REJECTION, text)
    _decide(applicant, Decision.REJECTED, by, reason=reason, reason_text=text)
    note_applicant(applicant, "applicant.rejected", by=by, data={"reason": reason.code})
    _close(application, by)


def approve_applicant(applicant: Applicant, *, by: User, version: int) -> Prescriber:
    """Open one prescriber's account. Raises Refused with what is missing, StaleApplication when
    the application is no longer held by `by` or has moved since the page was shown.

    The checks are made again first and committed: what they find stays, whatever comes of this.
    """
    with transaction.atomic():
        here, _ = _locked(applicant, by, version)
        checks.recheck_now(here)
    try:
        checks.ensure_fresh(here)
    except checks.NotFresh as old:
        raise Refused(str(old)) from None
    return _approve(here, by, version)


@transaction.atomic
def _approve(applicant: Applicant, by: User, version: int) -> Prescriber:
    applicant, application = _locked(applicant, by, version)
    if missing := missing_for_approval(applicant):
        raise Refused(" ".join(missing))
    ensure_not_staff(applicant.email)
    prescriber = activate(applicant, by=by)
    _decide(applicant, Decision.APPROVED, by, prescriber=prescriber)
    checks.plan(prescriber)
    note_applicant(applicant, "applicant.approved", by=by)
    _close(application, by)
    return prescriber


def _decide(applicant: Applicant, decision: Decision, by: User, **more: object) -> None:
    Applicant.objects.filter(pk=applicant.pk).update(
        decision=decision, decided_at=Now(), decided_by=by, **more
    )


def _close(application: Application, by: User) -> None:
    """Once the last prescriber is decided, so is the application, and its clock ends."""
    decisions = {one.decision for one in Applicant.objects.filter(application=application)}
    if Decision.PENDING in decisions:
        return
    approved = Decision.APPROVED in decisions
    move(
        application,
        Status.APPROVED if approved else Status.REJECTED,
        by=by,
        kind="application.approved" if approved else "application.rejected",
        where=Q(holder=by),
        holder=None,
        held_until=None,
        decided_at=Now(),
    )


# --- What an approval needs ---------------------------------------------------------------------
def missing_for_approval(applicant: Applicant) -> list[str]:
    """What still stands against the approval, in words; empty when nothing does."""
    return [
        *_agreements_missing(applicant),
        *_licences_missing(applicant),
        *_papers_missing(applicant),
        *_checks_missing(applicant),
    ]


def _agreements_missing(applicant: Applicant) -> list[str]:
    count = len(agreeing.missing(applicant))
    if not count:
        return []
    are = "agreement is" if count == 1 else "agreements are"
    return [f"{count} {are} not accepted by the prescriber in person."]


def newest_look(applicant: Applicant, licence: LicenceFacts) -> LicenceVerification | None:
    """The last look at the state board for this licence, as it is given now."""
    rows = applicant.licence_verifications.all()
    now = (licence.state, licence.number, licence.expires_on)
    found = [row for row in rows if (row.state, row.number, row.expires_on) == now]
    return max(found, key=lambda row: row.pk, default=None)


def _licences_missing(applicant: Applicant) -> list[str]:
    licences = applicant_facts(applicant).licences
    if not licences:
        return ["No licence is given."]
    return [words for one in licences if (words := _licence_missing(applicant, one))]


def _licence_missing(applicant: Applicant, licence: LicenceFacts) -> str:
    look, name = newest_look(applicant, licence), f"{licence.state} {licence.number}"
    if look is None:
        return f"Licence {name} is not looked up at the state board."
    if look.looked_up_on < timezone.localdate() - LOOKED_UP_WITHIN:
        days = LOOKED_UP_WITHIN.days
        return f"Licence {name} was looked up more than {days} days ago: look it up again."
    if look.standing not in GOOD_STANDING:
        return f"Licence {name} is recorded as “{look.get_standing_display()}”: ask, or reject."
    if licence.expires_on is None or licence.expires_on < timezone.localdate():
        return f"Licence {name} has expired: ask for the new date, or reject."
    return ""


def _papers_missing(applicant: Applicant) -> list[str]:
    own = Q(applicant=applicant) | Q(application_id=applicant.application_id, applicant=None)
    held = Upload.objects.filter(own).exclude(scan__in=SERVED)
    return [
        f"{paper.get_kind_display()}: {paper.get_scan_display().lower()}."
        for paper in held.order_by("pk")
    ]


def _checks_missing(applicant: Applicant) -> list[str]:
    return list(checks.standing(applicant).blocks)
