"""The pages about the practice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from accounts.house_fields import STATES, Named, PlainText, UsPhone, ZipCode
from accounts.status import BillTo, Duty, Reach, ShipTo
from intake.forms import zip_areas, zones
from intake.forms.base import SectionForm
from intake.forms.fields import (
    EinField,
    MailField,
    NpiField,
    StateField,
    StreetAddress,
    TimeZoneField,
    WebsiteField,
)

PRACTICE_KINDS = (
    "Solo practice", "Group practice", "Hospital or health system", "University clinic",
    "Community health center", "Telehealth practice", "Other",
)  # fmt: skip


class PracticeForm(SectionForm):
    place_tokens: ClassVar[Mapping[str, str]] = {"name": "organization", "website": "url"}
    widths: ClassVar[Mapping[str, str]] = {"group_npi": "w-16", "tax_id": "w-16"}

    name = Named(label="Legal name", max_length=120)
    trade_name = Named(
        label="Trade name", max_length=120, required=False, help_text="If patients know another"
    )
    kind = forms.ChoiceField(
        label="Type of practice",
        choices=[("", "Choose a type"), *((kind, kind) for kind in PRACTICE_KINDS)],
    )
    group_npi = NpiField(label="Group NPI", required=False)
    tax_id = EinField(label="Tax ID", required=False, help_text="The EIN, such as 12-3456789")
    website = WebsiteField(label="Website", required=False)


class AddressForm(SectionForm):
    place_tokens: ClassVar[Mapping[str, str]] = {
        "address": "address-line1", "city": "address-level2", "state": "address-level1",
        "zip_code": "postal-code", "phone": "work tel", "fax": "fax tel",
    }  # fmt: skip
    widths: ClassVar[Mapping[str, str]] = {"zip_code": "w-10", "phone": "w-24", "fax": "w-24"}

    address = StreetAddress(
        label="Street address", max_length=120, help_text="Where patients are seen; no PO box"
    )
    city = Named(label="City", max_length=60)
    state = StateField(label="State")
    zip_code = ZipCode(label="ZIP code")
    mailing_address = Named(
        label="Mailing address", max_length=250, required=False, multiline=True,
        help_text="If letters go elsewhere; a PO box is fine here",
    )  # fmt: skip
    phone = UsPhone(label="Phone", help_text="US number with area code")
    fax = UsPhone(label="Fax", required=False)
    time_zone = TimeZoneField(label="Time zone", help_text="Deadlines count in its hours")

    def clean(self) -> dict[str, Any]:
        zone = zones.OF_STATE.get(self.answer("state") or "")
        if zone and self.answer("time_zone") is None and not self.data.get("time_zone"):
            state = dict(STATES)[self.answer("state")]
            self.errors.pop("time_zone", None)
            words = f"Choose the time zone; most of {state} is on {zones.NAMES[zone]}."
            self.add_error("time_zone", words)
        return self.cleaned_data

    def notes(self) -> list[str]:
        return _note_on_zip(self.cleaned_data)


class ContactsForm(SectionForm):
    ROLES: ClassVar[tuple[str, ...]] = ("office_manager", "clinical", "payable")
    widths: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("office_manager_phone", "clinical_phone", "payable_phone"), "w-24"
    )
    together: ClassVar[tuple[frozenset[str], ...]] = tuple(
        frozenset({f"{role}_name", f"{role}_email", f"{role}_phone"})
        for role in ("office_manager", "clinical", "payable")
    )
    headings: ClassVar[Mapping[str, str]] = {
        "office_manager_name": "Office manager",
        "clinical_name": "Clinical contact",
        "payable_name": "Accounts payable",
        "reach_by": "Reaching the practice",
    }

    office_manager_name = Named(label="Office manager’s name", max_length=120, required=False)
    office_manager_email = MailField(label="Office manager’s e-mail address", required=False)
    office_manager_phone = UsPhone(label="Office manager’s phone", required=False)
    clinical_name = Named(label="Clinical contact’s name", max_length=120, required=False)
    clinical_email = MailField(label="Clinical contact’s e-mail address", required=False)
    clinical_phone = UsPhone(label="Clinical contact’s phone", required=False)
    payable_name = Named(label="Accounts payable: name", max_length=120, required=False)
    payable_email = MailField(label="Accounts payable: e-mail address", required=False)
    payable_phone = UsPhone(label="Accounts payable: phone", required=False)
    reach_by = forms.ChoiceField(
        label="How shall we reach you first?", choices=Reach.choices, widget=forms.RadioSelect
    )
    clarifiers = PlainText(
        label="Who may answer questions about an order", max_length=200, required=False,
        help_text="Names or roles; the prescriber always may",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        for role in self.ROLES:
            if self.answer(f"{role}_email") or self.answer(f"{role}_phone"):
                self.need(f"{role}_name")
        place = self.part("address")
        if self.answer("reach_by") == Reach.FAX and place and not place.get("fax"):
            words = "Choose another way, or give a fax number on the page “Address”."
            self.add_error("reach_by", words)
        return self.cleaned_data


class DeliveryForm(SectionForm):
    default_ship_to = forms.ChoiceField(
        label="Where shall orders go as a rule?",
        choices=[(ShipTo.PATIENT, "To the patient"), (ShipTo.PRACTICE, "To the practice")],
        widget=forms.RadioSelect,
        help_text="Each order can say otherwise",
    )
    signature_required = forms.BooleanField(
        label="Somebody signs for each parcel (optional)", required=False
    )
    bill_to = forms.ChoiceField(
        label="Who pays?",
        choices=[(BillTo.PATIENT, "The patient"), (BillTo.PRACTICE, "The practice")],
        widget=forms.RadioSelect,
    )


class ShipToForm(SectionForm):
    widths: ClassVar[Mapping[str, str]] = {"zip_code": "w-10", "phone": "w-24"}

    name = Named(label="Name of the place", max_length=120)
    address = StreetAddress(label="Street address", max_length=120, help_text="No PO box")
    city = Named(label="City", max_length=60)
    state = StateField(label="State")
    zip_code = ZipCode(label="ZIP code")
    phone = UsPhone(label="Phone", required=False)

    def notes(self) -> list[str]:
        return _note_on_zip(self.cleaned_data)


def _note_on_zip(of: Mapping[str, Any]) -> list[str]:
    return zip_areas.note(of["zip_code"], of["state"], dict(STATES)[of["state"]])


class DelegateForm(SectionForm):
    name = Named(label="Name", max_length=120)
    email = MailField(
        label="E-mail address",
        help_text="Their own: every person signs in with an account of theirs",
    )
    duties = forms.MultipleChoiceField(
        label="What may this person do?",
        choices=Duty.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="Signing stays with the prescriber",
    )

    def clean(self) -> dict[str, Any]:
        email = self.answer("email")
        if email and any(row.get("email") == email for row in self.others):
            self.add_error("email", "This person is on the list already: change that row.")
        return self.cleaned_data
