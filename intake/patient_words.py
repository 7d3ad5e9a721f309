"""What in a question looks like a patient's data, as far as it can be told from the text. Pure."""

from __future__ import annotations

import re

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
# A full date is a patient's as a rule: years alone, as in “SKIN 2023”, are let through.
_DATE = (
    r"\b\d{1,2}[/.\-]\d{1,2}[/.\-](?:\d{4}|\d{2})\b|\b(?:19|20)\d{2}[/.\-]\d{1,2}[/.\-]\d{1,2}\b|"
    rf"\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+(?:19|20)\d{{2}}\b|"
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH},?\s+(?:19|20)\d{{2}}\b"
)
_RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "a date of birth",
        re.compile(
            r"\bd\.?\s?o\.?\s?b\b|\bdates? of birth\b|\bbirth\s?-?dates?\b|\bborn on\b", re.I
        ),
    ),
    ("a full date", re.compile(_DATE, re.I)),
    (
        "a patient’s name",
        re.compile(
            r"(?i:\b(?:patient|pt)(?:['’]s)?\s*(?:full |first |last )?name\b)|"
            r"(?i:\b(?:patient|pt)\.?\s*(?:is|named|called|:|=)\s*(?:named|called)?)\s*"
            r"(?-i:[A-Z][a-z]+,?\s+[A-Z][a-z]+)|"
            r"(?i:\bmy (?:patient|pt)),?\s+(?-i:[A-Z][a-z]+\s+[A-Z][a-z]+)|"
            r"(?i:\b(?:mr|mrs|ms|miss)\b\.?)\s+(?-i:[A-Z][a-z]+)"
        ),
    ),
    (
        "a record or insurance number",
        re.compile(
            r"\bmrn\b|\b(?:medical record|chart|member|policy|insurance|patient|rx)\s*"
            r"(?:id|no\b|number|#)",
            re.I,
        ),
    ),
    (
        "a Social Security number",
        re.compile(r"\b\d{3}[- ]\d{2}[- ]\d{4}\b|\bssn\b|\bsocial security\b", re.I),
    ),
    (
        "a telephone number",
        re.compile(r"(?<![\d.])(?:\+?1[ .\-]?)?(?:\(\d{3}\)|\d{3})[ .\-]?\d{3}[ .\-]?\d{4}(?!\d)"),
    ),
    ("an e-mail address", re.compile(r"(?<![\w.+\-])[\w.+\-]{1,64}@[\w\-]{1,63}\.\w")),
    (
        "a street address",
        re.compile(
            r"\b\d{1,5}\s+(?:[A-Z][a-z]+\s+){1,3}"
            r"(?:Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Lane|Ln|Boulevard|Blvd|Court|Ct)\b"
        ),
    ),
)


def patient_words(text: str) -> list[str]:
    """The kinds of data that the text seems to hold, in words; empty when nothing was recognised."""
    return [what for what, pattern in _RULES if pattern.search(text)]


def refusal(found: list[str]) -> str:
    """The error that asks for the data to be taken out; the data itself is never repeated."""
    listed = found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"
    return (
        f"Remove what looks like {listed}: a question is asked and answered without patient data."
    )
