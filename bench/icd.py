"""Diagnosis codes: how long a release takes to load, and each letter typed to find one."""

from __future__ import annotations

import statistics
from datetime import date
from time import perf_counter

from django.core.management import call_command

from formulary.icd import search
from formulary.models import DiagnosisCode
from formulary.reference import Formulary
from formulary.services import load_formulary

ON = date(2026, 11, 22)
BAR_SECONDS, BAR_MS = 30, 50
ROUNDS = 3
# Typed letter by letter, from the second on; some of the first hit half of all codes.
TYPED = (
    "plaque psoriasis",
    "atopic dermatitis",
    "burn second degree forearm initial",
    "T22.211D",
    "L40.0",
    "l6612",
    "Hailey-Hailey",
    "alopecia areata",
    "type 2 diabetes with neuropathy",
    "injury of unspecified nerve left initial encounter",
    "systemic sclerosis lung",
    "S06.1X7A",
)


def run() -> None:
    begin = perf_counter()
    call_command("load_icd", shipped=True, verbosity=0)
    _report_load(perf_counter() - begin)
    formulary = load_formulary()
    taken = sorted(
        _timed(text[:end], formulary)
        for _ in range(ROUNDS)
        for text in TYPED
        for end in range(2, len(text) + 1)
    )
    _report_search(taken)


def _timed(text: str, formulary: Formulary) -> float:
    begin = perf_counter()
    search(text, on=ON, formulary=formulary)
    return (perf_counter() - begin) * 1000


def _report_load(seconds: float) -> None:
    mark = "within" if seconds <= BAR_SECONDS else "OVER"
    rows = DiagnosisCode.objects.count()
    print(
        f"{'diagnosis codes, first load':<34} {seconds:8.1f} s    for {rows} codes   "
        f"({mark} {BAR_SECONDS} s)",
        flush=True,
    )


def _report_search(taken: list[float]) -> None:
    p95 = statistics.quantiles(taken, n=20)[-1]
    mark = "within" if p95 <= BAR_MS else "OVER"
    print(
        f"{'diagnosis search, p95':<34} {p95:8.2f} ms   median {statistics.median(taken):.2f} ms, "
        f"slowest {taken[-1]:.2f} ms of {len(taken)}   ({mark} {BAR_MS})",
        flush=True,
    )
