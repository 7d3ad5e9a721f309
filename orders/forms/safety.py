"""The safety questions: what is on record confirmed by one answer, or asked in full; opioids always."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any, ClassVar

from django import forms

from accounts.house_dates import HouseDate
from accounts.house_fields import PagePart
from accounts.models import User
from formulary.amounts import display
from formulary.reference import Formulary, MedicineKind
from orders.forms.fields import ClinicalText, ComingDate, Measure
from orders.forms.known import Answers, Known, answers_of
from orders.models import Order
from orders.status import Allergies, Caution, OpioidKind, OpioidUse, Sex

OPIOID_MEANS = (
    "Opioid means any pain, cough, diarrhea or addiction medicine with an opioid: tramadol, "
    "tapentadol, codeine, diphenoxylate, patches, methadone and buprenorphine too; also kratom "
    "and street opioids."
)
NONE = "none"
_FULL_STRENGTH = frozenset({MedicineKind.NALTREXONE, MedicineKind.NALTREXONE_DEPOT})
_NOT_OF_MEN = frozenset({Caution.PREGNANT, Caution.NURSING})
# Asked in full only where nothing on record is confirmed.
IN_FULL = (
    "allergies", "allergies_text", "medicines_answer", "medicines", "cautions", "procedure_on",
)  # fmt: skip

# What is forgotten when another person is chosen: the names of the controls.
OF_THE_PERSON = (
    "changed", "allergies", "allergies_text", "medicines_answer", "medicines", "cautions",
    "opioid_use", "opioid_kind", "weight_kg", "height_cm",
    *(f"{day}_{part}" for day in ("procedure_on", "naltrexone_last_dose", "opioid_last_use")
      for part in range(3)),
)  # fmt: skip


class SafetyForm(PagePart):
    conditional: ClassVar[frozenset[str]] = frozenset(
        {
            "changed", *IN_FULL, "naltrexone_last_dose", "opioid_use", "opioid_kind",
            "opioid_last_use", "weight_kg",
        }
    )  # fmt: skip

    weight_kg = Measure(
        label="Weight", required=False, least="1", most="400", decimals=2, unit="kg",
        help_text="Asked under 18",
    )  # fmt: skip
    height_cm = Measure(
        label="Height", required=False, least="30", most="250", decimals=1, unit="cm"
    )
    changed = forms.ChoiceField(
        label="Has anything of this changed since then?",
        required=False,
        choices=[("no", "No, unchanged"), ("yes", "Yes, something changed")],
        widget=forms.RadioSelect,
    )
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
    cautions = forms.MultipleChoiceField(
        label="Does any of these apply?",
        required=False,
        choices=[*Caution.choices, (NONE, "None of these")],
        widget=forms.CheckboxSelectMultiple,
        help_text="Tick all that apply, or “None of these”",
    )
    procedure_on = ComingDate(label="Date of the planned procedure", required=False, days_ahead=730)
    naltrexone_last_dose = HouseDate(
        label="Last dose of full-strength naltrexone", required=False,
        help_text="The medicines hold one, such as ReVia, Contrave or Vivitrol",
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

    def __init__(
        self, *args: Any, by: User, formulary: Formulary, known: Known | None, sex: str,
        stored: Order | None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.formulary, self.today, self.stored = formulary, by.practice.today, stored
        self.record, self.known = known, known if known and known.fresh else None
        procedure, cautions = self.fields["procedure_on"], self.fields["cautions"]
        assert isinstance(procedure, ComingDate)  # noqa: S101  narrows the type
        assert isinstance(cautions, forms.MultipleChoiceField)  # noqa: S101  narrows the type
        procedure.today = self.today
        if sex == Sex.MALE:
            asked = [choice for choice in Caution.choices if choice[0] not in _NOT_OF_MEN]
            cautions.choices = [*asked, (NONE, "None of these")]

    # --- What the answers mean together ------------------------------------------------------
    def clean(self) -> dict[str, Any]:
        changed = self.answer("changed")
        if changed == "no" and self.known and not any(name in self.errors for name in IN_FULL):
            self._clean_unchanged()
        elif changed is None and self.known and "changed" not in self.errors:
            self._clean_open()
        else:
            self._clean_in_full()
        self._clean_opioids()
        return self.cleaned_data

    def refuse_unseen(self) -> None:
        """Nothing is confirmed unseen: another patient was chosen, or the record changed."""
        if self.known:
            text = "What is on record is not what this page showed: read it again, then answer."
            self.add_error("changed", text)
        else:
            self.add_error("allergies", "Answer anew: nothing on record can be confirmed.")

    def _clean_unchanged(self) -> None:
        if self._differs():
            self.add_error(
                "changed",
                "Choose “Yes, something changed”: the answers below are not the recorded.",
            )

    def _clean_open(self) -> None:
        """Shown with what is on record and not confirmed: no answer. Changed below: it is one."""
        if self._differs():
            self.need("changed")

    def _differs(self) -> bool:
        """Whether what was typed in full is other than what is on record; blank is not other."""
        if self.known is None:
            return False
        on_record = self.known.answers.typed()
        for name in IN_FULL:
            typed = self.answer(name)
            if typed in (None, []):
                continue
            recorded = on_record[name]
            same = set(typed) == set(recorded) if name == "cautions" else typed == recorded
            if not same:
                return True
        return False

    def _clean_in_full(self) -> None:
        self._clean_list("allergies", Allergies.LISTED, "allergies_text")
        self._clean_list("medicines_answer", "listed", "medicines")
        ticked = self.answer("cautions") or []
        if NONE in ticked and len(ticked) > 1:
            self.add_error("cautions", "Tick what applies, or “None of these”, not both.")
        elif (
            self.answer("procedure_on")
            and Caution.PROCEDURE not in ticked
            and "cautions" not in self.errors
        ):
            label = Caution.PROCEDURE.label
            self.add_error("cautions", f"Tick “{label}”, or clear its date.")

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

    # --- Values ------------------------------------------------------------------------------
    @property
    def confirms(self) -> bool:
        """Whether what is on record was confirmed as it stands."""
        return self.known is not None and self.answer("changed") == "no"

    @cached_property
    def said(self) -> Answers:
        """Allergies, medicines and cautions, from the record or as typed."""
        if self.confirms and self.known:
            return self.known.answers
        if self.known and self.answer("changed") != "yes":
            return Answers()
        ticked = self.answer("cautions")
        return Answers(
            self.answer("allergies") or "",
            self.answer("allergies_text") or "",
            self._medicines(),
            tuple(str(one) for one in Caution if one in ticked) if ticked else None,
            self.answer("procedure_on"),
        )

    def _medicines(self) -> str | None:
        answer = self.answer("medicines_answer")
        if answer is None:
            return None
        return "" if answer == "none" else self.answer("medicines")

    @property
    def cautions_on(self) -> date | None:
        """The day on which all cautions were asked; of a draft left as it was, that day."""
        if self.said.cautions is None:
            return None
        if self.confirms and self.known:
            return self.known.cautions_on
        if self.stored and self.stored.cautions_on and answers_of(self.stored) == self.said:
            return self.stored.cautions_on
        return self.today

    @property
    def medicine_lines(self) -> tuple[str, ...] | None:
        lines = self.said.medicines
        if lines is None:
            return None
        return tuple(line.strip() for line in lines.splitlines() if line.strip())

    @property
    def names_full_strength(self) -> bool:
        """Whether the medicines hold a full-strength naltrexone product."""
        kinds = self.formulary.medicines.kinds
        return any(kinds(line) & _FULL_STRENGTH for line in self.medicine_lines or ())

    @staticmethod
    def initial_of(order: Order, known: Known | None) -> dict[str, Any]:
        """A stored draft's answers as they would be typed."""
        names = ("opioid_use", "opioid_kind", "opioid_last_use", "naltrexone_last_dose")
        said = answers_of(order)
        typed = said.typed()
        changed = ""
        if known and known.fresh:
            if said == Answers():
                typed = known.answers.typed()
            else:
                same = said == known.answers and order.cautions_on == known.cautions_on
                changed = "no" if same else "yes"
        measured = {
            name: display(value) if (value := getattr(order, name)) else ""
            for name in ("weight_kg", "height_cm")
        }
        kept = {name: getattr(order, name) for name in names}
        return kept | measured | typed | {"changed": changed}
