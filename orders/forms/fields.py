"""Text that a pharmacist reads: no dose in it, no error-prone abbreviation."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError

from accounts.house_fields import PlainText
from accounts.house_forms import in_a_sentence

# ISMP's error-prone abbreviations and numbers, with what to write instead. BT and U only in
# capitals: both are also parts of words and initials.
_AVOID = (
    (re.compile(r"[µμ]g"), "mcg instead of µg"),
    (re.compile(r"\bcc\b", re.I), "mL instead of cc"),
    (re.compile(r"\bq\.?\s?hs\b", re.I), "“at bedtime” instead of QHS"),
    (re.compile(r"\bq\.?\s?d\b", re.I), "“daily” instead of QD"),
    (re.compile(r"\bBT\b"), "“at bedtime” instead of BT"),
    (re.compile(r"\d\s?U\b"), "“units” instead of U"),
    (re.compile(r"(?<![\w.])\.\d"), "a zero before the point, such as 0.5"),
    (re.compile(r"\d\.\d*0(?![\w.])"), "the number without the zero at its end, such as 5 or 0.5"),
)
_COUNT = r"(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|half)"
_UNIT = r"(?:mg|mcg|ml|milligrams?|micrograms?|millilit(?:er|re)s?|capsules?|caps?|tablets?|tabs?|drops?)"
_DOSE = re.compile(rf"\b{_COUNT}(?:\s|-)*(?:a\s)?{_UNIT}\b", re.I)


class ClinicalText(PlainText):
    """Words that a pharmacist reads. `no_doses`: a dose has its own field, and only there counts."""

    def __init__(self, *, no_doses: bool = False, **kwargs: Any) -> None:
        self.no_doses = no_doses
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        name = in_a_sentence(str(self.label))
        for pattern, instead in _AVOID:
            if pattern.search(text):
                raise ValidationError(f"In the {name}, write {instead}.")
        if self.no_doses and (found := _DOSE.search(text)):
            raise ValidationError(
                f"Take “{found[0]}” out of the {name}: doses and amounts stand in the steps alone."
            )
        return text
