"""What a revision changes, told from the content of both orders. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from formulary.dosing import Timing
from formulary.words import TIMING_LABELS
from orders import said

_NBSP = "\u00a0"


class Difference(NamedTuple):
    """One answer as it was and as it is; blank where there was or is none."""

    label: str
    before: str
    after: str

    @property
    def words(self) -> str:
        """`dose 4.5 mg → 3 mg`, on one line."""
        was, now = (text.replace("\n", ", ") or "none" for text in (self.before, self.after))
        return f"{self.label[:1].lower()}{self.label[1:]} {was} → {now}"


def differences(before: said.Content, after: said.Content) -> list[Difference]:
    """By the answers' labels, in the order in which an order is read."""
    one_step = len(before["steps"]) == len(after["steps"]) == 1
    old, new = (dict(_answers(content, one_step)) for content in (before, after))
    labels = list(dict.fromkeys([*new, *old]))
    order = {label: at for at, label in enumerate(sorted(labels, key=_place))}
    found = [Difference(label, old.get(label, ""), new.get(label, "")) for label in labels]
    changed = [one for one in found if one.before != one.after]
    return sorted(changed, key=lambda one: order[one.label])


def _place(label: str) -> int:
    """The regimen first, steps in their order; everything else as it comes."""
    first = ("Product", "Step", "Dose")
    return 0 if label.startswith(first) else 1


def _answers(content: said.Content, one_step: bool) -> Iterable[tuple[str, str]]:
    yield from _regimen(content, one_step)
    # The code's own words follow from the code, and were not always kept.
    yield from (answer for answer in said.clinical(content) if answer.term != "Words of the code")
    yield "Supervising physician", said.supervisor(content)
    yield from said.delivery(content)
    yield from said.patient(content)


def _regimen(content: said.Content, one_step: bool) -> Iterable[tuple[str, str]]:
    says, steps = content["says"], content["steps"]
    names: Mapping[str, str] = says.get("products") or {}
    yield "Product", names.get(content["product"], content["product"])
    for number, step in enumerate(steps, start=1):
        own = step["product"] if step["product"] != content["product"] else ""
        label = "Dose" if one_step else f"Step {number}"
        yield label, _step(step, names.get(own, own))
    yield "Days’ supply", f"{content['days_supply']}{_NBSP}days"
    yield "Quantity", str(says.get("quantity") or "")
    yield "Refills", str(content["refills"])


def _step(step: Mapping[str, Any], product: str) -> str:
    times, days = step["times_per_day"], step["days"]
    timing = Timing(step["timing"])
    often = "once a day" if times == 1 else f"{times} times a day"
    words = [
        f"{step['dose_mg']}{_NBSP}mg",
        # Its own words say how often.
        "" if timing is Timing.MORNING_AND_BEDTIME else often,
        "" if timing is Timing.ANY else TIMING_LABELS[timing],
        f"for {days} day{'s' * (days != 1)}" if days else "to the end of the supply",
    ]
    return ", ".join(filter(None, [*words, product]))
