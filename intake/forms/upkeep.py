"""What a practice changes about itself, in the words of the account form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from accounts.house_fields import Named, UsPhone
from accounts.models import Location, Practice
from accounts.status import Duty, Reach
from intake.forms.base import SectionForm
from intake.forms.fields import WebsiteField
from intake.forms.practice import ContactsForm, DelegateForm, DeliveryForm, ShipToForm

# Each duty with what it does and does not bring, for whoever hands it out.
DUTIES = (
    (Duty.PREPARE, "Prepare orders: write drafts for a prescriber to sign, and see all orders"),
    (Duty.CLARIFY, "Answer the pharmacist’s questions, and see all orders"),
    (Duty.VIEW, "View orders: see all orders, change nothing"),
    (Duty.BILLING, "Delivery and billing: keep these settings, see no orders"),
)
_PATIENTS, _PARCELS = "patients", "parcels"


class InviteForm(DelegateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["duties"].choices = DUTIES  # type: ignore[attr-defined]


class DutiesForm(SectionForm):
    duties = forms.MultipleChoiceField(
        label="What may this person do?",
        choices=DUTIES,
        widget=forms.CheckboxSelectMultiple,
        help_text="Signing stays with the prescriber. The change acts at once",
    )


class DetailsForm(ContactsForm):
    """How the practice is reached; who is asked first; people besides the prescribers."""

    PLACE: ClassVar[tuple[str, ...]] = ("phone", "fax", "website", "mailing_address")
    field_order = [*PLACE, "reach_by"]
    widths: ClassVar[Mapping[str, str]] = {**ContactsForm.widths, "phone": "w-24", "fax": "w-24"}

    phone = UsPhone(label="Phone", help_text="US number with area code")
    fax = UsPhone(label="Fax", required=False)
    website = WebsiteField(label="Website", required=False)
    mailing_address = Named(
        label="Mailing address", max_length=250, required=False, multiline=True,
        help_text="If letters go elsewhere; a PO box is fine here",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Who may answer is told by the duties of the people now.
        del self.fields["clarifiers"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        by_fax = self.answer("reach_by") == Reach.FAX
        if by_fax and "fax" not in self.errors and self.answer("fax") is None:
            self.add_error("fax", "Enter the fax number, or choose another way to reach you.")
        return self.cleaned_data

    def details(self, practice: Practice) -> dict[str, Any]:
        """As the practice stores it. Only after is_valid()."""
        of = self.cleaned_data
        kept = [row for row in practice.contacts if row.get("role") not in self.ROLES]
        people = [
            {"role": role, **{part: of[f"{role}_{part}"] for part in ("name", "email", "phone")}}
            for role in self.ROLES
            if of[f"{role}_name"]
        ]
        return {name: of[name] for name in (*self.PLACE, "reach_by")} | {"contacts": people + kept}

    @classmethod
    def initial_of(cls, practice: Practice) -> dict[str, Any]:
        found: dict[str, Any] = {name: getattr(practice, name) for name in cls.PLACE}
        for row in practice.contacts:
            for part in ("name", "email", "phone"):
                found[f"{row.get('role')}_{part}"] = row.get(part, "")
        return found | {"reach_by": practice.reach_by}


class BillingForm(DeliveryForm):
    @staticmethod
    def initial_of(practice: Practice) -> dict[str, Any]:
        names = ("default_ship_to", "signature_required", "bill_to")
        return {name: getattr(practice, name) for name in names}


class LocationForm(ShipToForm):
    uses = forms.MultipleChoiceField(
        label="What is this place for?",
        choices=[(_PATIENTS, "Patients are seen here"), (_PARCELS, "Orders can be shipped here")],
        widget=forms.CheckboxSelectMultiple,
    )

    def place(self) -> dict[str, Any]:
        """As a location stores it. Only after is_valid()."""
        given = dict(self.cleaned_data)
        uses = given.pop("uses")
        return given | {"sees_patients": _PATIENTS in uses, "takes_deliveries": _PARCELS in uses}

    @staticmethod
    def initial_of(location: Location) -> dict[str, Any]:
        names = ("name", "address", "city", "state", "zip_code", "phone")
        uses = [_PATIENTS] * location.sees_patients + [_PARCELS] * location.takes_deliveries
        return {name: getattr(location, name) for name in names} | {"uses": uses}
