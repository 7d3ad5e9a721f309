"""An approved prescriber's account: practice, person, licences and invitations, in one transaction."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models.functions import Now

from accounts.models import (
    Licence,
    Location,
    Membership,
    Practice,
    Prescriber,
    Supervision,
    User,
)
from accounts.services.members import MemberRefused, invite
from accounts.services.standing import reopen
from accounts.status import AccountStatus, Credential, Duty, Role
from intake.facts import (
    CONTACTS,
    ApplicantFacts,
    LicenceFacts,
    PracticeFacts,
    SupervisionFacts,
    applicant_facts,
    practice_facts,
)
from intake.models import Applicant, Application
from intake.services.moves import Refused


@transaction.atomic
def activate(applicant: Applicant, *, by: User) -> Prescriber:
    """Open the account of one prescriber; their application is locked by the caller.

    The first one of a new account opens the practice and invites its delegates. An NPI that is
    approved elsewhere is linked: that account joins, told at its own address. Raises Refused.
    """
    application, facts = applicant.application, applicant_facts(applicant)
    _one_at_a_time("npi", facts.npi)
    _one_at_a_time("email", facts.email.lower())
    is_first = application.practice is None
    practice = application.practice or _open_practice(application)
    if not practice.is_active:
        raise Refused(f"{practice.name} is {practice.get_status_display().lower()} now.")
    known = Prescriber.objects.select_related("user").filter(npi=facts.npi).first()
    prescriber = _link(known, practice, by) if known else _open_account(facts, practice, by)
    for licence in facts.licences:
        _keep_licence(prescriber, licence)
    keep_supervision(prescriber, facts.supervision)
    if is_first:
        _invite_delegates(application, practice, by)
    return prescriber


def _one_at_a_time(kind: str, key: str) -> None:
    """Wait for another approval of the same NPI or address, until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{kind}:{key}"])


# --- The practice -------------------------------------------------------------------------------
def _open_practice(application: Application) -> Practice:
    facts = practice_facts(application)
    practice = Practice(
        **{name: getattr(facts, name) for name in _PRACTICE_FIELDS},
        contacts=_contacts(facts),
    )
    try:
        practice.full_clean()
    except ValidationError as wrong:
        raise Refused(f"The practice cannot be opened: {' '.join(wrong.messages)}") from None
    practice.save()
    Location.objects.bulk_create(
        Location(
            practice=practice, takes_deliveries=True,
            name=place.name, address=place.address, city=place.city, state=place.state,
            zip_code=place.zip_code, phone=place.phone,
        )
        for place in facts.ship_to
    )  # fmt: skip
    Application.objects.filter(pk=application.pk).update(practice=practice)
    application.practice = practice
    return practice


_PRACTICE_FIELDS = (
    "name", "trade_name", "kind", "group_npi", "tax_id", "website", "address", "city", "state",
    "zip_code", "mailing_address", "phone", "fax", "time_zone", "reach_by", "default_ship_to",
    "signature_required", "bill_to",
)  # fmt: skip


def _contacts(facts: PracticeFacts) -> list[dict[str, str]]:
    codes = {words: code for code, words in CONTACTS}
    return [
        {"role": codes[one.role], "name": one.name, "email": one.email, "phone": one.phone}
        for one in facts.contacts
    ]


# --- The prescriber -----------------------------------------------------------------------------
def _open_account(facts: ApplicantFacts, practice: Practice, by: User) -> Prescriber:
    """A new prescriber. An address that is known may be a delegate's, never another prescriber's."""
    _ensure_free(facts.email)
    name = f"{facts.given_name} {facts.family_name}"
    user = _join(practice, name, facts.email, by)
    prescriber = Prescriber(
        user=user,
        given_name=facts.given_name,
        family_name=facts.family_name,
        credential=facts.credential,
        other_credential=facts.other_credential if facts.credential == Credential.OTHER else "",
        npi=facts.npi,
        dea=facts.dea,
        dea_expires_on=facts.dea_expires_on,
    )
    try:
        prescriber.full_clean()
    except ValidationError as wrong:
        raise Refused(f"The account cannot be opened: {' '.join(wrong.messages)}") from None
    prescriber.save()
    return prescriber


def _link(known: Prescriber, practice: Practice, by: User) -> Prescriber:
    """One person, one account: the address in the application opens nothing that exists."""
    if known.status == AccountStatus.SUSPENDED or not known.user.is_active:
        state = known.get_status_display().lower() if known.user.is_active else "closed"
        raise Refused(
            f"The account with this NPI is {state}. Settle that in the register first, or reject."
        )
    if known.status == AccountStatus.DEACTIVATED:
        reopen(known, by=by)
    _join(practice, known.user.name, known.user.email, by)
    return known


def ensure_not_staff(email: str) -> None:
    """Raise Refused for an address of the pharmacy's own people."""
    staff = Membership.objects.open().filter(practice=None, user__email=email.lower())
    if staff.exists():
        raise Refused(
            "The e-mail address belongs to the pharmacy’s staff. Ask for one of the prescriber’s own."
        )


def _ensure_free(email: str) -> None:
    if Prescriber.objects.filter(user__email=email.lower()).exists():
        raise Refused(
            "The e-mail address belongs to a prescriber with another NPI. Ask for an address of "
            "this prescriber’s own, or reject."
        )


def _join(practice: Practice, name: str, email: str, by: User) -> User:
    try:
        return invite(practice, name=name, email=email, role=Role.PRESCRIBER, duties=(), by=by).user
    except MemberRefused as refused:
        raise Refused(str(refused)) from None


def _keep_licence(prescriber: Prescriber, facts: LicenceFacts) -> None:
    """As the reviewer found it at the state board just now."""
    if facts.expires_on is None:
        raise Refused(f"The {facts.state} licence has no date of expiry: ask for it.")
    Licence.objects.update_or_create(
        prescriber=prescriber,
        state=facts.state,
        number=facts.number,
        defaults={
            "kind": facts.kind,
            "expires_on": facts.expires_on,
            "authority": facts.authority,
        },
    )


def keep_supervision(prescriber: Prescriber, facts: SupervisionFacts) -> None:
    """The supervising physician named; one named before for the same state ends with it."""
    if not facts.needed or not facts.npi:
        return
    given = {name: getattr(facts, name) for name in _SUPERVISION_FIELDS}
    here = prescriber.supervisions.filter(licence_state=facts.licence_state, ended_at=None)
    if here.filter(**given).exists():
        return
    here.update(ended_at=Now())
    Supervision.objects.create(prescriber=prescriber, **given)


_SUPERVISION_FIELDS = ("name", "npi", "licence_state", "licence_number", "phone", "address")


# --- The delegates ------------------------------------------------------------------------------
def _invite_delegates(application: Application, practice: Practice, by: User) -> None:
    """Once for each address; prescribers of this application come in by their own approval."""
    seen = {one.email.lower() for one in application.applicants.all()}
    for delegate in practice_facts(application).delegates:
        email = delegate.email.lower()
        if not email or email in seen:
            continue
        seen.add(email)
        duties = delegate.duties or (Duty.VIEW,)
        try:
            invite(
                practice, name=delegate.name, email=email, role=Role.DELEGATE, duties=duties, by=by
            )
        except MemberRefused as refused:
            raise Refused(f"{delegate.name} cannot be made a delegate: {refused}") from None
