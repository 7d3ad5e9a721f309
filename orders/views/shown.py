"""What the prescriber's pages print: the check's panel, the facts of an order, what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from formulary.amounts import amount
from formulary.chart import DoseChart, dose_chart, scale_top
from formulary.dosing import Quantity, Regimen
from formulary.facts import QUESTION_LABELS, Question
from formulary.findings import Finding, Level
from formulary.reference import DocumentedRange
from formulary.services import load_formulary
from formulary.words import milligrams_in_words, read_back
from orders import said
from orders.forms.places import NOTED, control_of, note_of
from orders.models import Order, OrderFinding, Patient
from orders.my_orders import MARKS
from orders.prescription import Sum, sums
from orders.said import Said
from orders.services.checks import Evaluation
from orders.services.content import order_content
from orders.status import Status


# --- The check's panel --------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Mark:
    x: int
    label: str
    outside: bool

    @property
    def left(self) -> int:
        return self.x - 7


@dataclass(frozen=True, slots=True)
class RangeBar:
    """Daily totals against the documented range, on 0 to 6 mg; x in SVG units of 0 to 300."""

    low: Mark
    high: Mark
    marks: tuple[Mark, ...]
    end: str

    @property
    def band(self) -> int:
        return self.high.x - self.low.x


def range_bar(regimen: Regimen, limits: DocumentedRange | None) -> RangeBar | None:
    if limits is None:
        return None
    top = scale_top([*regimen.daily_mg, limits.max_mg])

    def mark(mg: Decimal) -> Mark:
        outside = not limits.min_mg <= mg <= limits.max_mg
        return Mark(10 + int(mg * 280 / top), amount(mg, "mg", comma=True), outside)

    marks = tuple(mark(mg) for mg in dict.fromkeys(regimen.daily_mg))
    return RangeBar(mark(limits.min_mg), mark(limits.max_mg), marks, amount(top, "mg", comma=True))


@dataclass(frozen=True, slots=True)
class Total:
    """One step's daily total, in words and figures."""

    step: int
    words: str
    outside: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything that the live check, the form and the review page show of a regimen."""

    totals: tuple[Total, ...]
    limits: str
    source: str
    bar: RangeBar | None
    sums: list[Sum]
    quantities: tuple[str, ...]
    directions: str
    chart: DoseChart | None
    evaluation: Evaluation
    whole: bool

    @property
    def open_questions(self) -> list[tuple[str, str]]:
        """(control id, words) of each question still without an answer."""
        found = self.evaluation.unanswered
        return [(control_of(f), QUESTION_LABELS[Question(f.subject)]) for f in found]

    @property
    def doses(self) -> list[Finding]:
        """Stops, warnings and what was not checked; the rest stands beside its field."""
        shown = (Level.STOP, Level.NOT_CHECKED, Level.WARN)
        return [finding for finding in self.evaluation.findings if finding.level in shown]


def panel(evaluation: Evaluation, *, whole: bool = True) -> Panel:
    regimen = evaluation.regimen
    limits = None
    if regimen is not None:
        limits = evaluation.formulary.range_for(regimen.product, timezone.localdate())
    counted = regimen if whole else None
    return Panel(
        totals=_totals(regimen, limits) if regimen else (),
        limits=limits.text(comma=True) if limits else "",
        source=limits.source if limits else "",
        bar=range_bar(regimen, limits) if regimen else None,
        sums=sums(counted) if counted else [],
        quantities=quantities(counted) if counted else (),
        directions=(evaluation.directions or "") if counted else "",
        chart=dose_chart(counted, limits) if counted else None,
        evaluation=evaluation,
        whole=whole and regimen is not None,
    )


def _totals(regimen: Regimen, limits: DocumentedRange | None) -> tuple[Total, ...]:
    return tuple(
        Total(
            number,
            read_back(mg, comma=True),
            limits is not None and not limits.min_mg <= mg <= limits.max_mg,
        )
        for number, mg in enumerate(regimen.daily_mg, 1)
    )


def quantities(regimen: Regimen) -> tuple[str, ...]:
    """`228 capsules`; of several strengths one each: `14 capsules of 1.5 mg`."""
    found = regimen.quantities()
    if found is None:
        return ()
    products = {product.code: product for product in regimen.products}
    texts = [
        (Quantity(value, products[code].unit).text(comma=True), products[code].strength)
        for code, value in found.items()
    ]
    return tuple(text if len(texts) == 1 else f"{text} of {strength}" for text, strength in texts)


def notes(findings: Iterable[Finding], steps: int) -> dict[str, list[Finding]]:
    """Findings by the place on the page that shows them while typing; every place is there."""
    places: dict[str, list[Finding]] = {name: [] for name in NOTED}
    places |= {f"step-{number}": [] for number in range(1, steps + 1)}
    for finding in findings:
        # An open question is no remark on what was typed: the panel counts them.
        if finding.level is not Level.NOT_ANSWERED and (place := note_of(finding)) in places:
            places[place].append(finding)
    return places


@dataclass(frozen=True, slots=True)
class Blocking:
    """A finding that stands in the way, with the link to what changes it."""

    finding: Finding
    url: str
    verb: str


def blocking(findings: Iterable[Finding], form: str = "") -> list[Blocking]:
    """`form` is the address of the order form, empty on that page itself."""
    return [
        Blocking(f, f"{form}#{control_of(f)}", _verb(f)) for f in findings if f.level.blocks_signing
    ]


def _verb(finding: Finding) -> str:
    if finding.level is Level.NOT_ANSWERED:
        return "Answer"
    return "Change answer" if finding.step is None else "Change dose"


# --- One order ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Fact:
    """For components/dl.html."""

    term: str
    value: str
    change_url: str = ""
    change_what: str = ""


def _facts(rows: Iterable[Said]) -> list[Fact]:
    return [Fact(row.term, row.value) for row in rows]


def patient_facts(patient: Mapping[str, str]) -> list[Fact]:
    """From a patient as signed: plain strings."""
    return _facts(said.patient({"patient": patient}))


def patient_rows(patient: Patient) -> list[Fact]:
    names = (
        "family_name", "given_name", "birth_date", "sex", "address", "city", "state", "zip_code",
        "phone", "reference",
    )  # fmt: skip
    return patient_facts({name: str(getattr(patient, name)) for name in names})


def clinical_facts(order: Order) -> list[Fact]:
    content = _content(order)
    named = said.supervisor(content)
    supervisor = [Said("Supervising physician", named)] if named else []
    return _facts([*said.clinical(content), *supervisor])


def delivery_facts(order: Order) -> list[Fact]:
    return _facts(said.delivery(_content(order)))


def _content(order: Order) -> said.Content:
    """The order's answers as they would be signed: screen and paper tell them by one function."""
    return order_content(order, Evaluation((), None, load_formulary()))


def changeable(facts: Iterable[Fact], form: str) -> list[Fact]:
    """The same facts, each with a link to its control on the order form; none without a form."""
    if not form:
        return list(facts)
    return [
        Fact(fact.term, fact.value, f"{form}#{control}", fact.term.lower()) if control else fact
        for fact in facts
        for control in [_CONTROLS.get(fact.term, "")]
    ]


_CONTROLS = {
    "Treatment status": "id_treatment_status_0",
    "First dose": "id_effective_on_0",
    "Allergies": "id_allergies_0",
    "Current medicines": "id_medicines_answer_0",
    "Opioids": "id_opioid_use_0",
    "Kind of opioid": "id_opioid_kind",
    "Last opioid taken": "id_opioid_last_use_0",
    "Last full-strength naltrexone": "id_naltrexone_last_dose_0",
    "Cautions": "id_cautions_0",
    "Day of the procedure": "id_procedure_on_0",
    "Weight": "id_weight_kg",
    "Height": "id_height_cm",
    "Diagnosis": "id_diagnosis_search",
    "Rationale": "id_rationale",
    "Mechanical obstruction": "id_obstruction_excluded_0",
    "Reason for compounding": "id_reason",
    "Leave out": "id_avoid",
    "Patient seen": "id_seen_where_0",
    "Supervising physician": "id_supervision",
    "Ship to": "id_ship_to_0",
    "Bill to": "id_bill_to_0",
    "Urgency": "id_urgency_0",
    "Note to the pharmacy": "id_note",
}


def mark(order: Order) -> dict[str, str]:
    """The order's state for components/badge.html."""
    tone, icon = MARKS[Status(order.status)]
    return {"word": order.get_status_display(), "tone": tone, "icon": icon}


@dataclass(frozen=True, slots=True)
class SignedFinding:
    """For components/finding.html."""

    level: str
    text: str
    step: int | None
    reason: str


def signed_findings(order: Order, regimen: Regimen) -> list[SignedFinding]:
    """What the check found at signing, with the reasons in the words they were chosen in."""
    return [
        SignedFinding(f.level, f.text, f.step, _reason(f, regimen)) for f in order.findings.all()
    ]


def _reason(finding: OrderFinding, regimen: Regimen) -> str:
    if finding.reason is None:
        return ""
    label = finding.reason.label
    if finding.step is not None and "{dose}" in label:
        label = label.replace("{dose}", milligrams_in_words(regimen.daily_mg[finding.step - 1]))
    return f"{label}: {finding.reason_text}" if finding.reason_text else label
