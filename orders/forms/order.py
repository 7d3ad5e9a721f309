"""What is ordered, why, and the clinical answers: the order page's one long form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet

from accounts.house_dates import HouseDate
from accounts.house_fields import PagePart
from accounts.house_forms import HouseInteger, HouseText
from accounts.models import Location, Prescriber, User
from accounts.status import Role
from formulary.dosing import MAX_DAYS
from formulary.reference import Formulary, Reason, ReasonKind
from orders.forms.fields import ClinicalText
from orders.models import Order
from orders.status import Allergies, OpioidKind, OpioidUse, ShipTo, TreatmentStatus, Urgency

MAX_REFILLS = 11
OTHER_LEAST = 15
OPIOID_MEANS = (
    "Opioid means any pain, cough, diarrhea or addiction medicine with an opioid: tramadol, "
    "tapentadol, codeine, diphenoxylate, patches, methadone and buprenorphine too; also kratom "
    "and street opioids."
)
# Words of a reason that speaks of money alone, which is no reason to compound.
_MONEY = re.compile(
    r"\b(?:costs?|price[ds]?|cheap(?:er|est)?|afford\w*|expensive|money|less|lower|low|high(?:er)?|"
    r"too|much|is|it|the|of|a|because|insurance|coverage|not|covered|save[sd]?|saving|medicine|"
    r"patient|for|than|brand|and|can|cannot|to|on|due|reasons?|only|alone)\b|[^A-Za-z]+",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The condition's slug and the full ICD-10-CM code, None while a prefix is not completed."""

    slug: str
    code: str | None


class OrderForm(PagePart):
    conditional: ClassVar[frozenset[str]] = frozenset(
        {
            "treatment_status", "allergies", "allergies_text", "medicines_answer", "medicines",
            "opioid_use", "opioid_kind", "opioid_last_use", "icd_code", "urgent_reason",
            "reason_text",
        }
    )  # fmt: skip

    prescriber = forms.ChoiceField(label="Prescriber")
    product = forms.ChoiceField(label="Product", widget=forms.RadioSelect)
    days_supply = HouseInteger(
        label="Days’ supply", min_value=1, max_value=MAX_DAYS, unit="days",
        help_text="How long one fill lasts; the steps add up to it",
    )  # fmt: skip
    refills = HouseInteger(
        label="Refills", min_value=0, max_value=MAX_REFILLS,
        help_text="0 to 11. A refill repeats the last step alone",
    )  # fmt: skip
    diagnosis = forms.ChoiceField(label="Condition and ICD-10-CM code")
    icd_code = HouseText(
        label="Full burn code", required=False, max_length=20,
        help_text="For a burn only: all seven characters, such as T22.011D",
    )  # fmt: skip
    reason = forms.ChoiceField(label="Reason for compounding")
    reason_text = ClinicalText(
        label="Reason in words", required=False, max_length=300, multiline=True,
        help_text="At least 15 characters. Cost alone is not a reason",
    )  # fmt: skip
    treatment_status = forms.ChoiceField(
        label="Treatment status", required=False, choices=TreatmentStatus.choices,
        widget=forms.RadioSelect,
    )  # fmt: skip
    allergies = forms.ChoiceField(
        label="Allergies", required=False, choices=Allergies.choices, widget=forms.RadioSelect
    )
    allergies_text = ClinicalText(
        label="Which allergies", required=False, max_length=300, multiline=True
    )
    medicines_answer = forms.ChoiceField(
        label="Does the patient take other medicines now?",
        required=False,
        choices=[("none", "No, takes none"), ("listed", "Yes, these")],
        widget=forms.RadioSelect,
    )
    medicines = ClinicalText(
        label="Current medicines", required=False, max_length=1000, multiline=True,
        help_text="One a line. Include pain, cough and addiction medicines and any naltrexone",
    )  # fmt: skip
    opioid_use = forms.ChoiceField(
        label="Has the patient taken an opioid?", required=False, choices=OpioidUse.choices,
        widget=forms.RadioSelect, help_text=OPIOID_MEANS,
    )  # fmt: skip
    opioid_kind = forms.ChoiceField(
        label="Kind of opioid", required=False,
        choices=[("", "Choose the kind"), *OpioidKind.choices],
    )  # fmt: skip
    opioid_last_use = HouseDate(
        label="Last day an opioid was taken", required=False,
        help_text="For example Nov 2 2026; the month may be a number",
    )  # fmt: skip
    ship_to = forms.ChoiceField(
        label="Ship to",
        choices=ShipTo.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose where to ship to."},
    )
    urgency = forms.ChoiceField(
        label="Urgency",
        choices=[(Urgency.ROUTINE, "Routine: reviewed within 24 hours"),
                 (Urgency.URGENT, "Urgent: reviewed within 4 hours")],
        widget=forms.RadioSelect,
    )  # fmt: skip
    urgent_reason = forms.ChoiceField(label="Reason for urgency", required=False)
    note = ClinicalText(
        label="Note to the pharmacy", required=False, max_length=210, multiline=True,
        no_doses=True,
        help_text="Up to 210 characters. No doses here: only the steps above are dispensed",
    )  # fmt: skip

    def __init__(self, *args: Any, by: User, formulary: Formulary, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.formulary = by, formulary
        self.prescribers = list(_prescribers(by))
        products = [(p.code, p.label) for p in formulary.products.values() if p.active]
        self._choose("product", products)
        self._choose("diagnosis", [("", "Choose the condition"), *_diagnoses(formulary)])
        compounding = [(r.code, r.label) for r in self.reasons(ReasonKind.COMPOUNDING)]
        self._choose("reason", [("", "Choose a reason"), *compounding])
        # An urgent order stores the code alone, so reasons in words are not offered.
        urgent = [(r.code, r.label) for r in self.reasons(ReasonKind.URGENCY) if not r.needs_text]
        self._choose("urgent_reason", [("", "Choose a reason"), *urgent])
        self._offer_prescribers()
        self.places = {_place_value(row): row for row in _places(by)}
        further = [(value, _place_label(row)) for value, row in self.places.items()]
        self._choose("ship_to", [*ShipTo.choices, *further])

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  narrows the type
        field.choices = choices

    def _offer_prescribers(self) -> None:
        """A prescriber orders in the own name; only a delegate is asked."""
        if self.by.role == Role.PRESCRIBER:
            del self.fields["prescriber"]
            return
        named = [(p.npi, f"{p.printed_name} · NPI {p.npi}") for p in self.prescribers]
        self._choose("prescriber", [("", "Choose the prescriber"), *named])

    @property
    def worded(self) -> str:
        """Codes of the reasons that ask for words, for the page's script."""
        return ",".join(r.code for r in self.reasons(ReasonKind.COMPOUNDING) if r.needs_text)

    def reasons(self, kind: ReasonKind) -> tuple[Reason, ...]:
        return self.formulary.reasons_of(kind)

    # --- What the answers mean together ------------------------------------------------------
    def clean_icd_code(self) -> str:
        """Upper case, with its point: t22011d is read as T22.011D."""
        code = re.sub(r"[\s.]", "", str(self.cleaned_data["icd_code"])).upper()
        return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code

    def clean(self) -> dict[str, Any]:
        if not self.prescribers:
            self.add_error(None, _NO_PRESCRIBER[self.by.role == Role.PRESCRIBER])
        self._clean_diagnosis()
        self._clean_reason()
        self._clean_list("allergies", Allergies.LISTED, "allergies_text")
        self._clean_list("medicines_answer", "listed", "medicines")
        self._clean_opioids()
        self._clean_urgency()
        return self.cleaned_data

    def _clean_diagnosis(self) -> None:
        value, full = self.answer("diagnosis"), self.answer("icd_code")
        if not value or "icd_code" in self.errors:
            return
        slug, _, code = str(value).partition("|")
        indication = self.formulary.indications[slug]
        is_prefix = any(row.code == code and row.is_prefix for row in indication.codes)
        if not is_prefix and full not in (None, code):
            self.add_error("icd_code", f"Clear the full burn code: {code} is chosen above.")
        elif is_prefix and full and not (full.startswith(code) and indication.accepts(full)):
            self.add_error(
                "icd_code", f"Enter the full burn code: {code} and four more characters, seven "
                "in all, such as T22.011D.",
            )  # fmt: skip
        elif is_prefix and not full:
            self.need("icd_code")
        self.cleaned_data["coded"] = Diagnosis(slug, full if is_prefix else code)

    def _clean_reason(self) -> None:
        code, text = self.answer("reason"), self.answer("reason_text") or ""
        chosen = next((r for r in self.reasons(ReasonKind.COMPOUNDING) if r.code == code), None)
        if chosen is None or "reason_text" in self.errors or not chosen.needs_text:
            return
        least = chosen.min_chars or OTHER_LEAST
        if len(text) < least:
            self.add_error(
                "reason_text",
                f"Write the reason in words, at least {least} characters; it has {len(text)} now.",
            )
        elif not _MONEY.sub("", text):
            self.add_error("reason_text", "Cost alone is not enough: add the clinical reason.")

    def _clean_list(self, question: str, listed: str, list_name: str) -> None:
        """A list goes with the answer that says there is one, and with no other."""
        if question in self.errors or list_name in self.errors:
            return
        answer, words = self.answer(question), self.answer(list_name)
        label = str(self.fields[list_name].label).lower()
        if answer == listed and not words:
            self.add_error(list_name, f"Enter the {label.removeprefix('which ')}.")
        elif words and answer != listed:
            options = dict(self.fields[question].choices)  # type: ignore[attr-defined]
            self.add_error(
                question,
                f"Choose “{options[listed]}”, or clear the {label.removeprefix('which ')}.",
            )

    def _clean_opioids(self) -> None:
        use = self.answer("opioid_use")
        details = self.answer("opioid_kind") or self.answer("opioid_last_use")
        if details and use in (None, OpioidUse.NEVER) and "opioid_use" not in self.errors:
            self.add_error(
                "opioid_use",
                "Choose when an opioid was taken, or clear its kind and its last day.",
            )

    def _clean_urgency(self) -> None:
        urgency = self.answer("urgency")
        if urgency == Urgency.URGENT:
            self.need("urgent_reason")
        elif urgency and self.answer("urgent_reason"):
            self.add_error("urgency", "Choose “Urgent”, or clear the reason for urgency.")

    # --- Values ------------------------------------------------------------------------------
    @property
    def chosen_prescriber(self) -> Prescriber:
        npi = self.answer("prescriber")
        return next(p for p in self.prescribers if npi in (None, p.npi))

    @property
    def place(self) -> Location | None:
        """The further address chosen; None for the usual two, or while nothing is."""
        return self.places.get(self.answer("ship_to") or "")

    @property
    def goes_to(self) -> str:
        """The chosen kind of place; empty while nothing is chosen."""
        return ShipTo.PRACTICE if self.place else self.answer("ship_to") or ""

    @property
    def coded(self) -> Diagnosis | None:
        found: Diagnosis | None = self.answer("coded")
        return found

    @property
    def medicine_lines(self) -> str | None:
        """None: not answered. Empty: takes none."""
        answer = self.answer("medicines_answer")
        if answer is None:
            return None
        return "" if answer == "none" else self.answer("medicines")

    @staticmethod
    def initial_new(by: User) -> dict[str, Any]:
        """No clinical default. Low dose naltrexone is not marketed: that reason is preselected.

        Where orders go as a rule is the practice's own setting.
        """
        return {
            "urgency": Urgency.ROUTINE,
            "reason": "strength_not_marketed",
            "ship_to": by.practice.default_ship_to,
        }

    @staticmethod
    def initial_of(order: Order, formulary: Formulary) -> dict[str, Any]:
        """A stored draft's answers as they would be typed."""
        same = (
            "days_supply", "refills", "treatment_status", "allergies", "allergies_text",
            "reason_text", "opioid_use", "opioid_kind", "opioid_last_use", "note",
        )  # fmt: skip
        slug = order.indication.slug if order.indication else ""
        indication = formulary.indications.get(slug)
        row = indication.matching(order.icd_code) if indication else None
        medicines = order.medicines
        place = order.ship_to_location
        return {name: getattr(order, name) for name in same} | {
            "ship_to": _place_value(place) if place else order.ship_to,
            "prescriber": order.prescriber.npi,
            "product": order.product.code,
            "diagnosis": f"{slug}|{row.code if row else order.icd_code}",
            "icd_code": order.icd_code if row and row.is_prefix else "",
            "reason": order.reason.code,
            "medicines_answer": {None: "", "": "none"}.get(medicines, "listed"),
            "medicines": medicines or "",
            "urgency": Urgency.URGENT if order.is_urgent else Urgency.ROUTINE,
            "urgent_reason": order.urgent_reason.code if order.urgent_reason else "",
        }


_NO_PRESCRIBER = (
    "No prescriber of this practice is open for new orders. Call the pharmacy.",
    "Your account is not open for new orders. Call the pharmacy.",
)


def _places(by: User) -> QuerySet[Location]:
    return Location.objects.visible_to(by).active().filter(takes_deliveries=True)


def _place_value(place: Location) -> str:
    return f"location-{place.pk}"


def _place_label(place: Location) -> str:
    return f"{place.name}: {place.address}, {place.city}, {place.state} {place.zip_code}"


def _prescribers(by: User) -> QuerySet[Prescriber]:
    """Who may be named on the order: oneself, or for a delegate the practice's prescribers."""
    mine = Prescriber.objects.approved().visible_to(by).order_by("family_name", "given_name")
    return mine.filter(user=by) if by.role == Role.PRESCRIBER else mine


def _diagnoses(formulary: Formulary) -> list[tuple[str, list[tuple[str, str]]]]:
    """One group a condition; a prefix says that the full code is typed."""
    return [
        (
            indication.name,
            [
                (
                    f"{indication.slug}|{row.code}",
                    f"{row.code}… {row.label} (full code below)"
                    if row.is_prefix
                    else f"{row.code} {row.label}",
                )
                for row in indication.codes
            ],
        )
        for indication in formulary.indications.values()
    ]
