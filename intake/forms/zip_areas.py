"""In which state a ZIP code lies, by its first three digits (USPS, labeling list L002)."""

from __future__ import annotations

# State → ranges of first digits. A few codes reach across a border: what differs is told, not refused.
_RANGES = {
    "AK": "995-999", "AL": "350-369", "AR": "716-729 755", "AZ": "850-865",
    "CA": "900-961", "CO": "800-816", "CT": "060-069", "DC": "200 202-205 569",
    "DE": "197-199", "FL": "320-339 341-349", "GA": "300-319 398-399", "HI": "967-968",
    "IA": "500-528", "ID": "832-838", "IL": "600-629", "IN": "460-479", "KS": "660-679",
    "KY": "400-427", "LA": "700-714", "MA": "010-027 055", "MD": "206-219", "ME": "039-049",
    "MI": "480-499", "MN": "550-567", "MO": "630-658", "MS": "386-397", "MT": "590-599",
    "NC": "270-289", "ND": "580-588", "NE": "680-693", "NH": "030-038", "NJ": "070-089",
    "NM": "870-884", "NV": "889-898", "NY": "005 063 100-149", "OH": "430-459",
    "OK": "730-732 734-749", "OR": "970-979", "PA": "150-196", "RI": "028-029",
    "SC": "290-299", "SD": "570-577", "TN": "370-385", "TX": "733 750-799 885", "UT": "840-847",
    "VA": "201 220-246", "VT": "050-059", "WA": "980-994", "WI": "530-549", "WV": "247-268",
    "WY": "820-831 834",
}  # fmt: skip


def _areas() -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for state, ranges in _RANGES.items():
        for part in ranges.split():
            first, _, last = part.partition("-")
            found.setdefault(state, set()).update(range(int(first), int(last or first) + 1))
    return found


_AREAS = _areas()


def lies_in(zip_code: str, state: str) -> bool:
    """Whether the code may be one of the state; of a place that is not listed, any may."""
    return state not in _AREAS or int(zip_code[:3]) in _AREAS[state]


def note(zip_code: str, state: str, name: str) -> list[str]:
    """What to look at again, for SectionForm.notes; `name` is the state's."""
    if lies_in(zip_code, state):
        return []
    return [f"The ZIP code {zip_code} is none of {name}, as far as we know: check both."]
