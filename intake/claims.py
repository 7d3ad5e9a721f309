"""Words that no public page may say of a medicine (domain.md §8). Pure."""

from __future__ import annotations

import re

_CLAIMS = re.compile(
    r"\b(?:safe|safer|safest|safely|safety|harmless|risk[- ]free|effective\w*|efficac\w+|"
    r"non-?toxic|fda[- ]approved|approved by (?:the )?fda|(?<!not )approved for|proven|cures?|"
    r"cured|curing|best|better|superior|miracle|guarantee[sd]?|relie(?:f|ves?|ved)|"
    r"heal(?:s|ed|ing)?|treats|benefits?|beneficial|remission|"
    r"(?:ldn|naltrexone|medicine|treatment|therapy|compound) works|"
    r"(?:no|without|free of|free from) side[- ]effects?)\b",
    re.IGNORECASE,
)
# Sentences that deny instead of claiming; nothing else that holds such a word may be said.
_DENIALS = re.compile(
    r"\bnot (?:reviewed|approved) by the fda\b|\bnot fda[- ]approved\b", re.IGNORECASE
)


def claims_in(text: str) -> list[str]:
    """The words of `text` that would claim something of a medicine, each once, as written."""
    plain = _DENIALS.sub(" ", " ".join(text.split()))
    return list(dict.fromkeys(found[0] for found in _CLAIMS.finditer(plain)))
