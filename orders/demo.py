"""Plainly fictional people and orders for a first look. The orders go through the services."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import Licence, Membership, Practice, Prescriber, User
from accounts.status import Credential, Duty, Role
from formulary.models import Indication, Product, Reason
from formulary.reference import ReasonKind
from orders import demo_life
from orders.models import Order, Patient
from orders.services import claims, review
from orders.services.checks import findings_now
from orders.services.content import content_sha256
from orders.services.drafts import Draft, DraftStep, save_draft
from orders.services.signing import Acknowledgement, SigningForm, sign
from orders.status import SeenWhere

PASSWORD = "scruple-demo-only"  # noqa: S105  printed at each start of the embedded stack
# Name, e-mail, role, practice (index, None: the pharmacy's staff), invented NPI with right digits.
PEOPLE = (
    ("Ada Sample", "ada@example.org", Role.PRESCRIBER, 0, "1990000006"),
    ("Nils Sample", "nils@example.org", Role.DELEGATE, 0, ""),
    ("Ben Example", "ben@example.org", Role.PRESCRIBER, 1, "1990000014"),
    ("Phil Demo", "phil@example.org", Role.PHARMACIST, None, ""),
    ("Petra Demo", "petra@example.org", Role.PHARMACIST, None, ""),
    ("Tess Demo", "tess@example.org", Role.TECHNICIAN, None, ""),
    ("Root Demo", "root@example.org", Role.ADMINISTRATOR, None, ""),
)
PRACTICES = (
    ("Sample Dermatology", "(555) 555-0110", "1 Sample Street", "Sampleton"),
    ("Example Skin Clinic", "(555) 555-0120", "2 Example Avenue", "Exampleville"),
)
PATIENTS = (
    ("Sampleton", "Maria", date(1979, 3, 4), "female"),
    ("Demoski", "Viktor", date(1964, 10, 30), "male"),
    ("Testworth", "June", date(1991, 6, 12), "female"),
    ("Fictional", "Amara", date(1986, 12, 1), "female"),
)
# Whose orders are further on; all of the first practice.
FURTHER_ON = (
    ("Placeholder", "Ines", date(1972, 2, 9), "female"),
    ("Specimen", "Omar", date(1958, 7, 21), "male"),
    ("Mockford", "Lena", date(1995, 1, 17), "female"),
    ("Pretend", "Noah", date(1981, 9, 5), "male"),
)


def build() -> None:
    """Create people, patients and a handful of orders in different states."""
    practices = [
        Practice.objects.create(
            name=name, phone=phone, address=street, city=city, state="NC", zip_code="27514"
        )
        for name, phone, street, city in PRACTICES
    ]
    users = [_person(row, practices) for row in PEOPLE]
    ada, _, ben, phil = users[:4]
    patients = [_patient(row, practices[index == 3]) for index, row in enumerate(PATIENTS)]
    _orders(ada, ben, phil, patients)
    others = [_patient(row, practices[0]) for row in FURTHER_ON]
    demo_life.build(phil, signed=lambda at: _further_on(ada, others[at]), sign=_sign)


def _person(row: tuple[str, str, Role, int | None, str], practices: list[Practice]) -> User:
    name, email, role, place, npi = row
    practice = None if place is None else practices[place]
    user = User.objects.create_user(email, PASSWORD, name=name)
    duties = [Duty.PREPARE] if role == Role.DELEGATE else []
    Membership.objects.create(user=user, role=role, practice=practice, duties=duties)
    if practice and npi:
        given, family = name.split()
        prescriber = Prescriber.objects.create(
            user=user,
            given_name=given,
            family_name=family,
            credential=Credential.MD,
            npi=npi,
        )
        Licence.objects.create(
            prescriber=prescriber,
            state=practice.state,
            number=f"DEMO-{npi[-4:]}",
            expires_on=timezone.now().date() + timedelta(days=400),
        )
    return user


def _patient(row: tuple[str, str, date, str], practice: Practice) -> Patient:
    family, given, born, sex = row
    return Patient.objects.create(
        practice=practice,
        family_name=family,
        given_name=given,
        birth_date=born,
        sex=sex,
        address="12 Example Road",
        city="Sampleton",
        state="NC",
        zip_code="27514",
        phone="(555) 555-0133",
    )


def _orders(ada: User, ben: User, phil: User, patients: list[Patient]) -> None:
    maria, viktor, june, amara = patients
    draft_order(ada, june, "L80", "vitiligo", [("1.5", "LDN-CAP-1.5", None)])
    _signed(
        ada, maria, "L40.0", "psoriasis",
        [("1.5", "LDN-CAP-1.5", 14), ("3", "LDN-CAP-1.5", 14), ("4.5", "LDN-CAP-4.5", None)],
        treatment_status="new_start", days_supply=90,
    )  # fmt: skip
    _signed(
        ben, amara, "L29.9", "pruritus", [("4.5", "LDN-CAP-4.5", None)],
        treatment_status="restart", medicines="levothyroxine 50 mcg\nberberine 500 mg", urgent=True,
    )  # fmt: skip
    asked = _signed(ada, viktor, "L28.1", "prurigo-nodularis", [("3", "LDN-LIQ-1", None)])
    claims.claim(asked, by=phil)
    review.ask(
        asked,
        by=phil,
        reason=Reason.objects.get(kind=ReasonKind.CLARIFICATION, code="strength_form"),
        text="The liquid keeps for 30 days. Is one bottle a month with refills meant?",
    )


def draft_order(
    by: User,
    patient: Patient,
    icd_code: str,
    indication: str,
    steps: list[tuple[str, str, int | None]],
    *,
    treatment_status: str = "continuing",
    days_supply: int = 30,
    medicines: str = "",
    urgent: bool = False,
) -> Order:
    products = {product.code: product for product in Product.objects.all()}
    urgency = Reason.objects.filter(kind=ReasonKind.URGENCY, needs_text=False).first()
    draft = Draft(
        patient=patient,
        prescriber=by.prescriber,
        product=products[steps[0][1]],
        steps=tuple(
            DraftStep(
                product=products[code],
                dose_mg=Decimal(dose),
                times_per_day=1,
                timing="bedtime",
                days=days,
            )
            for dose, code, days in steps
        ),
        days_supply=days_supply,
        refills=2,
        indication=Indication.objects.get(slug=indication),
        icd_code=icd_code,
        reason=Reason.objects.get(kind=ReasonKind.COMPOUNDING, code="strength_not_marketed"),
        treatment_status=treatment_status,
        allergies="none_known",
        opioid_use="never",
        medicines=medicines,
        cautions=(),
        cautions_on=by.practice.today,
        seen_where=SeenWhere.PRACTICE,
        seen_state=by.practice.state,
        urgent_reason=urgency if urgent else None,
    )
    return save_draft(draft, by=by, token=uuid.uuid4())


def _further_on(by: User, patient: Patient) -> Order:
    return _signed(by, patient, "L66.11", "lichen-planopilaris", [("4.5", "LDN-CAP-4.5", None)])


def _signed(by: User, patient: Patient, *what: object, **how: object) -> Order:
    return _sign(draft_order(by, patient, *what, **how))  # type: ignore[arg-type]


def _sign(order: Order) -> Order:
    found = findings_now(order)
    reasons = {
        finding.key: Acknowledgement(
            Reason.objects.get(
                kind=ReasonKind.ACKNOWLEDGEMENT,
                code=found.formulary.answers_to(finding)[0].code,
            )
        )
        for finding in found.warnings
    }
    form = SigningForm(uuid.uuid4(), content_sha256(order), reasons)
    return sign(order, by=order.prescriber.user, form=form)
