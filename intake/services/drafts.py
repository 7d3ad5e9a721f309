"""Applications while they are written: started, saved page by page, thrown away."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from accounts import links
from accounts.models import Practice, User
from accounts.permissions import Right, ensure
from accounts.status import LinkPurpose
from intake.models import Applicant, Application
from intake.services import agreeing, papers
from intake.services.moves import Refused, StaleApplication, note, stale
from intake.status import FilledBy, Kind, Status

# A draft that nobody saves for so long is deleted, with its papers.
KEPT = timedelta(days=30)
# More prescribers than any practice brings at once.
MOST_PRESCRIBERS = 30
# Where pages keep what was typed and not yet continued with; never read as an answer.
TYPED = "_typed"
_TYPED_AT_MOST = 20_000

Owner = Application | Applicant


@transaction.atomic
def start(*, filled_by: FilledBy, name: str, email: str) -> Application:
    """A new application with its first prescriber; its private link goes out by e-mail."""
    application = Application.objects.create(
        filled_by=filled_by, contact_name=name, contact_email=email
    )
    Applicant.objects.create(application=application, position=1)
    note(application, "application.started", by=None)
    return application


@transaction.atomic
def start_further(practice: Practice, *, by: User) -> Application:
    """One more prescriber for a practice that has an account; asked for by a member.

    Raises PermissionDenied for who may not manage the practice worked for now.
    """
    ensure(by, Right.MANAGE_PRACTICE)
    if by.practice_id != practice.pk or not practice.is_active:
        raise Refused("Prescribers are added by members of a practice whose account is open.")
    application = Application.objects.create(
        kind=Kind.FURTHER,
        filled_by=FilledBy.STAFF,
        contact_name=by.name,
        contact_email=by.email,
        started_by=by,
        practice=practice,
    )
    Applicant.objects.create(application=application, position=1)
    note(application, "application.started", by=by)
    return application


def ensure_still_asked(application: Application) -> None:
    """Raise Refused where who asked for a further prescriber does not manage the practice any more."""
    by, practice = application.started_by, application.practice
    if application.kind != Kind.FURTHER or by is None or practice is None:
        return
    if Right.MANAGE_PRACTICE not in by.rights_at(practice.pk) or not practice.is_active:
        raise Refused(
            f"A prescriber is added to {practice.name} by somebody who manages it while its "
            "account is open. Nothing was sent."
        )


@transaction.atomic
def save(owner: Owner, section: str, value: Any) -> None:
    """Store one section's answers; what was typed on its page and not continued with is done.

    Raises StaleApplication once the application may not be changed any more.
    """
    application, owner = _locked(owner)
    _store(application, owner, section, value)


@transaction.atomic
def save_row(owner: Owner, section: str, at: int, row: Mapping[str, Any], *, seen: str) -> None:
    """Store row `at` (from 0; the length of the list adds one).

    `seen` is the digest() of the row as the page showed it. The same row sent twice is stored once.
    Raises StaleApplication when another window changed that row.
    """
    application, owner = _locked(owner)
    rows = _rows(owner, section)
    if at > len(rows):
        raise stale(application)
    if at < len(rows) and rows[at] != row and digest(rows[at]) != seen:
        raise stale(application)
    rows[at : at + 1] = [dict(row)]
    _store(application, owner, section, rows)


@transaction.atomic
def remove_row(owner: Owner, section: str, at: int, *, seen: str) -> None:
    """Take row `at` out. Raises StaleApplication when another row stands there now."""
    application, owner = _locked(owner)
    rows = _rows(owner, section)
    if at >= len(rows) or digest(rows[at]) != seen:
        raise stale(application)
    del rows[at]
    _store(application, owner, section, rows)


@transaction.atomic
def keep_typed(owner: Owner, page: str, typed: Mapping[str, list[str]]) -> None:
    """Remember what stands in a page's fields, right or wrong; it completes nothing.

    Raises Refused for more than a page can hold, StaleApplication once nothing may be changed.
    """
    application, owner = _locked(owner)
    if len(json.dumps(typed)) > _TYPED_AT_MOST:
        raise Refused("This is more than the page can hold.")
    plain = {key: [_storable(text) for text in texts] for key, texts in typed.items()}
    pages = {**owner.answers.get(TYPED, {}), page: {"data": plain, "at": _now_text()}}
    _write(application, owner, {**owner.answers, TYPED: pages}, changed=False)


@transaction.atomic
def add_prescriber(application: Application) -> Applicant:
    """One more prescriber of the practice. Raises Refused where there is to be one alone."""
    locked = lock(application)
    most = locked.applicants.aggregate(most=Max("position"))["most"] or 0
    alone = locked.filled_by == FilledBy.PRESCRIBER or locked.kind == Kind.FURTHER
    if alone or locked.applicants.count() >= MOST_PRESCRIBERS or locked.status != Status.DRAFT:
        raise Refused("No further prescriber can be added here.")
    _touch(locked)
    return Applicant.objects.create(application=locked, position=most + 1)


@transaction.atomic
def remove_prescriber(applicant: Applicant) -> None:
    """Take a prescriber out of a draft. Raises Refused for the only one."""
    locked = lock(applicant.application)
    if locked.status != Status.DRAFT or locked.applicants.count() < 2:
        raise Refused("An application needs at least one prescriber.")
    for upload in applicant.uploads.all():
        papers.remove(upload)
    Applicant.objects.filter(pk=applicant.pk, application=locked).delete()
    _touch(locked)


@transaction.atomic
def discard(application: Application) -> None:
    """Delete a draft with its papers. Raises StaleApplication for one that was sent."""
    locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    if locked.status != Status.DRAFT:
        raise stale(locked)
    papers.remove_all(locked)
    links.take_back(LinkPurpose.RESUME, locked.pk)
    locked.delete()


def discard_abandoned() -> int:
    """Delete the drafts that nobody has saved for KEPT; how many there were."""
    gone = 0
    for application in Application.objects.abandoned_since(timezone.now() - KEPT)[:500]:
        # Somebody may have come back or have been faster in this very moment.
        with suppress(Application.DoesNotExist, StaleApplication):
            discard(application)
            gone += 1
    return gone


def lock(application: Application) -> Application:
    """The application as it stands, held until the transaction ends.

    Raises StaleApplication once its answers may not be changed any more, DoesNotExist when it was
    deleted.
    """
    held = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
    if not held.is_writable:
        raise stale(held)
    return held


def digest(row: object) -> str:
    """A short name for what a row says, to notice that it changed."""
    text = json.dumps(row, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def _locked(owner: Owner) -> tuple[Application, Owner]:
    """The application, locked, and the owner of the answers as it stands under that lock."""
    if isinstance(owner, Application):
        held = lock(owner)
        return held, held
    both = Applicant.objects.select_for_update(of=("self", "application"))
    applicant = both.select_related("application").get(pk=owner.pk)
    if not applicant.application.is_writable:
        raise stale(applicant.application)
    return applicant.application, applicant


def _rows(owner: Owner, section: str) -> list[Any]:
    rows = owner.answers.get(section)
    return list(rows) if isinstance(rows, list) else []


def _store(application: Application, owner: Owner, section: str, value: Any) -> None:
    answers = dict(owner.answers) | {section: value}
    typed = dict(answers.pop(TYPED, {}))
    kept = {page: one for page, one in typed.items() if page.split("/")[0] != section}
    _write(application, owner, answers | ({TYPED: kept} if kept else {}))


def _write(
    application: Application, owner: Owner, answers: dict[str, Any], *, changed: bool = True
) -> None:
    if isinstance(owner, Applicant):
        if _name(answers) != _name(owner.answers) and application.status == Status.DRAFT:
            agreeing.forget(owner)
        Applicant.objects.filter(pk=owner.pk).update(answers=answers)
        _touch(application, changed=changed)
    else:
        _touch(application, changed=changed, answers=answers)


def _name(answers: Mapping[str, Any]) -> tuple[Any, Any]:
    person = answers.get("person")
    told = person if isinstance(person, dict) else {}
    return told.get("given_name"), told.get("family_name")


def _touch(application: Application, *, changed: bool = True, **columns: Any) -> None:
    step = 1 if changed else 0
    Application.objects.filter(pk=application.pk).update(
        saved_at=timezone.now(), version=F("version") + step, **columns
    )


def _storable(text: str) -> str:
    """PostgreSQL's JSON holds neither NUL nor half a surrogate pair."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def _now_text() -> str:
    return timezone.now().isoformat(timespec="seconds")
