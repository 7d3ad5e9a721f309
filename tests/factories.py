"""Makes the rows that tests start from. Orders go through the services, as they do in life."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import factory
from django.utils import timezone

from accounts.models import Licence, Membership, Practice, Prescriber, User
from accounts.status import Credential, Duty, Role
from formulary.models import Indication, Product, Reason
from orders.models import Order, Patient
from orders.services.checks import findings_now
from orders.services.content import content_sha256
from orders.services.drafts import Draft, DraftStep, save_draft
from orders.services.signing import Acknowledgement, SigningForm, sign

PASSWORD = "scruple-test-passphrase"


class _User(factory.django.DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@example.org")
    password = factory.PostGenerationMethodCall("set_password", PASSWORD)

    @classmethod
    def _after_postgeneration(cls, instance: User, create: bool, results: Any = None) -> None:
        instance.save()


class _Practice(factory.django.DjangoModelFactory[Practice]):
    class Meta:
        model = Practice

    name = factory.Sequence(lambda n: f"Practice {n}")
    phone = "(555) 555-0142"
    address = "1 Sample Street"
    city = "Sampleton"
    state = "NC"
    zip_code = "27514"


class _Patient(factory.django.DjangoModelFactory[Patient]):
    class Meta:
        model = Patient

    practice = factory.SubFactory(_Practice)
    family_name = factory.Sequence(lambda n: f"Sample{n}")
    given_name = "Pat"
    birth_date = date(1980, 11, 22)
    sex = "female"
    address = "12 Example Road"
    city = "Sampleton"
    state = "NC"
    zip_code = "27514"
    phone = "(555) 555-0123"


# Calls of factories have the factory's type for mypy; these have the model's.
UserFactory: Callable[..., User] = _User.create
PracticeFactory: Callable[..., Practice] = _Practice.create
PatientFactory: Callable[..., Patient] = _Patient.create


def staff(role: Role, name: str) -> User:
    user = UserFactory(name=name, email=f"{name.split(maxsplit=1)[0].lower()}@example.org")
    Membership.objects.create(user=user, role=role)
    return user


def member(role: Role, name: str, practice: Practice) -> User:
    user = UserFactory(name=name, email=f"{name.rsplit(maxsplit=1)[-1].lower()}@example.org")
    duties = [Duty.PREPARE] if role == Role.DELEGATE else []
    Membership.objects.create(user=user, role=role, practice=practice, duties=duties)
    return user


def npi(seed: int) -> str:
    """An invented NPI whose check digit is right: Luhn over 80840 and the number."""
    body = f"1{seed:08d}"
    digits = [int(d) for d in reversed("80840" + body)]
    total = sum(sum(divmod(d * 2, 10)) if i % 2 == 0 else d for i, d in enumerate(digits))
    return f"{body}{-total % 10}"


_npis = iter(range(99000000, 99999999))


def prescriber(name: str, practice: Practice, *, state: str = "NC") -> User:
    """A prescriber approved by the pharmacy, with a licence that holds for a year."""
    user = member(Role.PRESCRIBER, name, practice)
    given, family = name.removeprefix("Dr ").split()[0], name.rsplit(maxsplit=1)[-1]
    row = Prescriber.objects.create(
        user=user,
        given_name=given,
        family_name=family,
        credential=Credential.MD,
        npi=npi(next(_npis)),
    )
    Licence.objects.create(
        prescriber=row,
        state=state,
        number="S-1",
        expires_on=timezone.now().date() + timedelta(days=365),
    )
    return user


def reason(kind: str, code: str | None = None) -> Reason:
    """A coded reason of the shipped formulary; the first of its kind without a code."""
    rows = Reason.objects.filter(kind=kind)
    return rows.get(code=code) if code else rows.order_by("id")[0]


def draft_step(dose: str = "4.5", product: str = "LDN-CAP-4.5", **kwargs: Any) -> DraftStep:
    given: dict[str, Any] = {"times_per_day": 1, "timing": "bedtime", "days": None} | kwargs
    return DraftStep(product=Product.objects.get(code=product), dose_mg=Decimal(dose), **given)


def draft(by: User, **kwargs: Any) -> Draft:
    """A complete order as the form reads it: 4.5 mg at bedtime, continuing, nothing to warn of."""
    steps = kwargs.pop("steps", None) or (draft_step(),)
    who = by.prescriber if by.role == Role.PRESCRIBER else Prescriber.objects.visible_to(by)[0]
    given: dict[str, Any] = {
        "prescriber": who,
        "product": steps[0].product,
        "steps": steps,
        "days_supply": 30,
        "refills": 2,
        "indication": Indication.objects.get(slug="psoriasis"),
        "icd_code": "L40.0",
        "reason": reason("compounding"),
        "treatment_status": "continuing",
        "allergies": "none_known",
        "opioid_use": "never",
        "medicines": "",
        # Every question has its answer, so that only what a test is about stands in the way.
        "cautions": (),
        "cautions_on": by.practice.today,
        "seen_where": "practice",
        "seen_state": by.practice.state,
    } | kwargs
    if "patient" not in given:
        given["patient"] = PatientFactory(practice=by.practice)
    return Draft(**given)


def draft_of(by: User, **kwargs: Any) -> Order:
    return save_draft(draft(by, **kwargs), by=by, token=uuid.uuid4())


def signing_form(order: Order, **kwargs: Any) -> SigningForm:
    """What the review page would send for the order as it stands, each warning acknowledged."""
    found = findings_now(order)
    reasons = {
        finding.key: Acknowledgement(
            Reason.objects.filter(
                kind="acknowledgement",
                code__in=[answer.code for answer in found.formulary.answers_to(finding)],
            )[0],
            "Reason in words, long enough.",
        )
        for finding in found.warnings
    }
    given: dict[str, Any] = {
        "token": uuid.uuid4(),
        "seen_sha256": content_sha256(order),
        "reasons": reasons,
        "ip": "127.0.0.1",
    } | kwargs
    return SigningForm(**given)


def signed_order(by: User, **kwargs: Any) -> Order:
    """An order on its way: drafted and signed by the prescriber `by`."""
    order = draft_of(by, **kwargs)
    return sign(order, by=by, form=signing_form(order))


def minutes_ago(minutes: int) -> Any:
    return timezone.now() - timedelta(minutes=minutes)
