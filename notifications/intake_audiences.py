"""Who is to hear of applications, accounts, licences and questions, as things stand now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from accounts.models import Licence, Practice, Prescriber, User
from accounts.permissions import Right
from events.models import Event
from intake.models import Applicant, Application, LicenceRenewal, Question
from intake.services import agreeing
from intake.status import Decision
from notifications.audiences import Recipient, administrators


# --- applicants ---------------------------------------------------------------------------------
def contact(event: Event) -> Iterable[Recipient]:
    """Who filled the application in, at the address given there; nobody once it is deleted."""
    found = Application.objects.filter(pk=event.subject_id)
    return list(found.values_list("contact_email", flat=True))


def accepting_prescriber(event: Event) -> Iterable[Recipient]:
    """The prescriber who is still to accept the agreements in person."""
    waiting = Applicant.objects.filter(pk=event.subject_id, decision=Decision.PENDING)
    return [one.email for one in waiting.exclude(email="") if agreeing.missing(one)]


# --- the staff ----------------------------------------------------------------------------------
def reviewers(event: Event) -> Iterable[Recipient]:
    """Every active member of the staff who reviews applications."""
    staff = User.objects.with_staff_right(Right.REVIEW_APPLICATIONS)
    return staff.order_by("pk") or administrators(event)


def asking_reviewer(event: Event) -> Iterable[Recipient]:
    """Who asked for what was given now; the other reviewers once that person has left."""
    asked = event.data.get("asked_by")
    staff = User.objects.with_staff_right(Right.REVIEW_APPLICATIONS)
    mine = staff.filter(pk=asked) if isinstance(asked, int) else staff.none()
    return mine or reviewers(event)


def answerers(event: Event) -> Iterable[Recipient]:
    """Every active member of the staff who answers questions."""
    staff = User.objects.with_staff_right(Right.ANSWER_ENQUIRIES)
    return staff.order_by("pk") or administrators(event)


# --- who asked ----------------------------------------------------------------------------------
def asker(event: Event) -> Iterable[Recipient]:
    """Who asked: the member, or the address that a stranger gave."""
    question = Question.objects.select_related("asked_by").filter(pk=event.subject_id).first()
    if question is None:
        return []
    return [question.asked_by] if question.asked_by else [question.email]


def answer_words(event: Event) -> Mapping[str, object]:
    """The answer itself; the question is not repeated, for what strangers write may be private."""
    question = Question.objects.filter(pk=event.subject_id).first()
    return {"answer": question.answer if question else ""}


# --- people -------------------------------------------------------------------------------------
def person(event: Event) -> Iterable[Recipient]:
    """The person whose account it is, while it is open."""
    return User.objects.filter(pk=event.subject_id, is_active=True)


def invited(event: Event) -> Iterable[Recipient]:
    """The invited person, until the first password is set or the invitation is taken back."""
    waiting = User.objects.filter(pk=event.subject_id, is_active=True)
    return [user for user in waiting if not user.has_usable_password() and user.membership]


def member(event: Event) -> Iterable[Recipient]:
    """The person, while they belong to the practice."""
    return User.objects.filter(
        pk=event.subject_id,
        is_active=True,
        memberships__practice=_practice_of(event),
        memberships__ended_at=None,
    )


def prescriber(event: Event) -> Iterable[Recipient]:
    """The prescriber, while the account can be signed in to."""
    found = Prescriber.objects.select_related("user").filter(pk=event.subject_id)
    return [one.user for one in found if one.user.is_active]


def prescribers_of_practice(event: Event) -> Iterable[Recipient]:
    """Everybody who prescribes in the practice."""
    found = Prescriber.objects.of_practice(event.subject_id).select_related("user")
    return [one.user for one in found.order_by("pk") if one.user.is_active]


def licence_holder(event: Event) -> Iterable[Recipient]:
    """The prescriber whose licence it is; else an administrator, who can call them."""
    found = Licence.objects.select_related("prescriber__user").filter(pk=event.subject_id)
    users = [one.prescriber.user for one in found if one.prescriber.user.is_active]
    return users or administrators(event)


def renewal_giver(event: Event) -> Iterable[Recipient]:
    """Who gave the licence."""
    found = LicenceRenewal.objects.select_related("given_by").filter(pk=event.subject_id)
    return [one.given_by for one in found if one.given_by.is_active]


# --- words --------------------------------------------------------------------------------------
def practice_words(event: Event) -> Mapping[str, object]:
    """The practice's name: it is no patient's."""
    practice = Practice.objects.filter(pk=_practice_of(event)).first()
    return {"practice": practice.name if practice else "your practice"}


def licence_words(event: Event) -> Mapping[str, object]:
    """The licence's state and the days left; never its number."""
    licence = Licence.objects.filter(pk=event.subject_id).first()
    return {"state": licence.state if licence else "", "days": event.data.get("days")}


_CHANGED = {
    "password": "The password was changed.",
    "second_factor_added": "A second factor was added.",
    "second_factor_removed": "A second factor was removed.",
    "recovery_codes": "New recovery codes were made; the old ones no longer work.",
}


def security_words(event: Event) -> Mapping[str, object]:
    """What was changed about the account."""
    return {"what": _CHANGED.get(str(event.data.get("what")), "Your sign-in was changed.")}


def _practice_of(event: Event) -> int:
    """The practice's id; 0, which is nobody's, when the event names none."""
    practice = event.data.get("practice")
    return practice if isinstance(practice, int) else 0
