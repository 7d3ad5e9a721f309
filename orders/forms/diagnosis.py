"""What is treated and why it is compounded: a code searched for, or one of the formulary's conditions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django import forms

from accounts.house_fields import PagePart, PlainText
from accounts.house_forms import HouseText
from accounts.models import User
from formulary.icd import Standing, look_up
from formulary.icd_typed import Typed, normal
from formulary.reference import (
    WELL_FORMED_CODE,
    CodeStanding,
    Formulary,
    Indication,
    Reason,
    ReasonKind,
)
from orders.diagnosis_list import DiagnosisList, diagnosis_list
from orders.forms.fields import ClinicalText
from orders.models import Order

OTHER_LEAST = 15
# Words of a reason that speaks of money alone, which is no reason to compound.
_MONEY = re.compile(
    r"\b(?:costs?|price[ds]?|cheap(?:er|est)?|afford\w*|expensive|money|less|lower|low|high(?:er)?|"
    r"too|much|is|it|the|of|a|because|insurance|coverage|not|covered|save[sd]?|saving|medicine|"
    r"patient|for|than|brand|and|can|cannot|to|on|due|reasons?|only|alone)\b|[^A-Za-z]+",
    re.I,
)
# The one condition of which a mechanical obstruction is asked.
CHOLESTASIS = "cholestasis"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A condition of the formulary, None for another diagnosis; and the full ICD-10-CM code, None
    while a prefix is not completed. `label` is the code's own words."""

    indication: Indication | None
    code: str | None
    standing: CodeStanding = CodeStanding.NOT_LOADED
    label: str = ""

    @property
    def is_documented(self) -> bool:
        known = self.indication
        return known is not None and known.documented_for(self.code).is_documented


class DiagnosisForm(PagePart):
    conditional: ClassVar[frozenset[str]] = frozenset(
        {
            "diagnosis_search", "diagnosis_code", "diagnosis", "icd_code", "reason_text",
            "obstruction_excluded",
        }
    )  # fmt: skip

    diagnosis_search = PlainText(
        label="Diagnosis: name or ICD-10-CM code", required=False, max_length=200
    )
    diagnosis_code = HouseText(label="Diagnosis code", required=False, max_length=20)
    diagnosis = forms.ChoiceField(label="Condition and ICD-10-CM code", required=False)
    icd_code = HouseText(
        label="Full burn code", required=False, max_length=20,
        help_text="For a burn only: all seven characters, such as T22.011D",
    )  # fmt: skip
    rationale = ClinicalText(
        label="Why low dose naltrexone for this diagnosis", required=False, max_length=300,
        multiline=True, no_doses=True,
        help_text="It is off-label and not documented here: a sentence helps the pharmacist",
    )  # fmt: skip
    obstruction_excluded = forms.ChoiceField(
        label="Was a mechanical obstruction of the bile ducts excluded?",
        required=False,
        choices=[("yes", "Yes, excluded"), ("no", "No, not excluded")],
        widget=forms.RadioSelect,
    )
    reason = forms.ChoiceField(label="Reason for compounding")
    reason_text = ClinicalText(
        label="Reason in words", required=False, max_length=300, multiline=True,
        help_text="At least 15 characters. Cost alone is not a reason",
    )  # fmt: skip

    def __init__(self, *args: Any, by: User, formulary: Formulary, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.formulary, self.today = formulary, by.practice.today
        self._choose("diagnosis", [("", "Choose the condition"), *_diagnoses(formulary)])
        compounding = [(r.code, r.label) for r in self.reasons]
        self._choose("reason", [("", "Choose a reason"), *compounding])

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  narrows the type
        field.choices = choices

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return self.formulary.reasons_of(ReasonKind.COMPOUNDING)

    @property
    def worded(self) -> str:
        """Codes of the reasons that ask for words, for the page's script."""
        return ",".join(r.code for r in self.reasons if r.needs_text)

    @property
    def copies(self) -> str:
        """Codes of the products whose reason is asked in words."""
        return ",".join(p.code for p in self.formulary.products.values() if p.copy_risk)

    # --- What the answers mean together ------------------------------------------------------
    def clean_icd_code(self) -> str:
        """Upper case, with its point: t22011d is read as T22.011D."""
        code = re.sub(r"[\s.]", "", str(self.cleaned_data["icd_code"])).upper()
        return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code

    def clean_diagnosis_code(self) -> str:
        code = str(self.cleaned_data["diagnosis_code"])
        kept = normal(code) if code.isascii() else ""
        if code and not WELL_FORMED_CODE.fullmatch(kept):
            self.add_error("diagnosis_code", "Choose one of the codes found, such as L40.0.")
        return kept

    def clean(self) -> dict[str, Any]:
        if "diagnosis_code" in self.errors:
            # Its radio buttons come and go with the list: the message stands at the search.
            messages = self._errors.pop("diagnosis_code")
            self.add_error("diagnosis_search", list(messages))
        elif "diagnosis_search" not in self.errors:
            self._clean_diagnosis()
        self._clean_reason()
        return self.cleaned_data

    def _clean_diagnosis(self) -> None:
        value, code = self.answer("diagnosis"), self._code_sent()
        if "diagnosis" in self.errors or "icd_code" in self.errors:
            return
        if value:
            self._from_list(str(value), str(self.answer("icd_code") or ""), code)
        elif code:
            self._from_code(code)
        elif self.answer("icd_code"):
            self.add_error("icd_code", "Clear the full burn code, or choose a burn from the list.")
        else:
            self.add_error("diagnosis_search", self._not_chosen())

    def _not_chosen(self) -> str:
        if self.answer("diagnosis_search"):
            return "Choose one of the codes found, or write the full code."
        return "Choose the diagnosis: search for its name or code, or take it from the list."

    def _code_sent(self) -> str:
        """The code chosen, or one that was typed in full."""
        if chosen := self.answer("diagnosis_code"):
            return str(chosen)
        typed = Typed.of(str(self.answer("diagnosis_search") or ""))
        if not typed.code or typed.rest or not WELL_FORMED_CODE.fullmatch(typed.code):
            return ""
        known = (CodeStanding.BILLABLE, CodeStanding.HEADER, CodeStanding.ENDED)
        return typed.code if self.standing_of(typed.code).standing in known else ""

    def _from_code(self, code: str) -> None:
        known = self.standing_of(code)
        if known.standing is CodeStanding.HEADER:
            self.add_error(
                "diagnosis_search",
                f"{code} is a heading, not a full code: choose one of its codes.",
            )
            return
        indications = self.formulary.indications.values()
        indication = next((row for row in indications if row.accepts(code)), None)
        row = indication.matching(code) if indication else None
        words = known.label or (row.label if row and not row.is_prefix else "")
        self.cleaned_data["coded"] = Diagnosis(indication, code, known.standing, words)

    def _from_list(self, value: str, full: str, searched: str) -> None:
        slug, _, code = value.partition("|")
        indication = self.formulary.indications[slug]
        row = next(row for row in indication.codes if row.code == code)
        if not row.is_prefix and full not in ("", code):
            self.add_error("icd_code", f"Clear the full burn code: {code} is chosen above.")
        elif row.is_prefix and full and not (full.startswith(code) and indication.accepts(full)):
            self.add_error(
                "icd_code", f"Enter the full burn code: {code} and four more characters, seven "
                "in all, such as T22.011D.",
            )  # fmt: skip
        elif row.is_prefix and not full:
            self.need("icd_code")
        meant = full if row.is_prefix else code
        if searched and searched != meant:
            self.add_error(
                "diagnosis", f"Choose one diagnosis: {searched} is chosen above, {code} here."
            )
        label = "" if row.is_prefix else row.label
        standing = self.standing_of(meant).standing if meant else CodeStanding.NOT_LOADED
        self.cleaned_data["coded"] = Diagnosis(indication, meant or None, standing, label)

    def standing_of(self, code: str) -> Standing:
        kept: dict[str, Standing] = self.__dict__.setdefault("_standings", {})
        if code not in kept:
            kept[code] = look_up(code, on=self.today)
        return kept[code]

    def _clean_reason(self) -> None:
        code = self.answer("reason")
        chosen = next((r for r in self.reasons if r.code == code), None)
        if chosen is not None and chosen.needs_text:
            self.need_words(chosen.min_chars or OTHER_LEAST)

    def need_words(self, least: int = OTHER_LEAST) -> None:
        """Ask for the reason in words; for who is told what it costs alone, the clinical reason."""
        text = self.answer("reason_text") or ""
        if "reason_text" in self.errors:
            return
        if len(text) < least:
            self.add_error(
                "reason_text",
                f"Write the reason in words, at least {least} characters; it has {len(text)} now.",
            )
        elif not _MONEY.sub("", text):
            self.add_error("reason_text", "Cost alone is not enough: add the clinical reason.")

    # --- Values ------------------------------------------------------------------------------
    @property
    def coded(self) -> Diagnosis | None:
        found: Diagnosis | None = self.answer("coded")
        return found

    @property
    def is_free(self) -> bool | None:
        """Whether a mechanical obstruction was excluded; None while not answered."""
        said = self.answer("obstruction_excluded")
        return None if said is None else said == "yes"

    @cached_property
    def found(self) -> DiagnosisList:
        """The list below the search, as it was left."""
        chosen = str(self["diagnosis_code"].value() or "")
        return diagnosis_list(
            str(self["diagnosis_search"].value() or ""),
            chosen=chosen if WELL_FORMED_CODE.fullmatch(normal(chosen[:20])) else "",
            on=self.today,
            formulary=self.formulary,
        )

    @staticmethod
    def initial_of(order: Order) -> dict[str, Any]:
        """A stored draft's answers as they would be typed."""
        excluded = {None: "", True: "yes", False: "no"}[order.obstruction_excluded]
        return {
            "diagnosis_code": order.icd_code,
            "rationale": order.rationale,
            "obstruction_excluded": excluded,
            "reason": order.reason.code,
            "reason_text": order.reason_text,
        }


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
