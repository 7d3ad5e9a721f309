"""The formulary as typed values, for rules and forms. Pure: read from the database or the file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from formulary.amounts import amount
from formulary.dosing import Product, Regimen, Step, Timing, require_decimal
from formulary.findings import Code, Finding


class Documented(StrEnum):
    """What the pharmacy's article says of a condition."""

    TREATABLE = "treatable"
    EMERGENT = "emergent"
    AUTOIMMUNE_ONLY = "autoimmune_only"
    NOT_DOCUMENTED = "not_documented"

    @property
    def is_documented(self) -> bool:
        return self in (Documented.TREATABLE, Documented.EMERGENT)


class CodeStanding(StrEnum):
    """What the loaded release of ICD-10-CM says of a code; headers have billable children."""

    BILLABLE = "billable"
    HEADER = "header"
    ENDED = "ended"
    UNKNOWN = "unknown"
    NOT_LOADED = "not_loaded"


class ReasonKind(StrEnum):
    COMPOUNDING = "compounding"
    URGENCY = "urgency"
    CLARIFICATION = "clarification"
    REJECTION = "rejection"
    CANCELLATION = "cancellation"
    GIVE_BACK = "give_back"
    RELEASE = "release"
    ANSWER = "answer"
    ACKNOWLEDGEMENT = "acknowledgement"
    CLEARANCE = "clearance"
    INFO_REQUEST = "info_request"
    APPLICATION_REJECTION = "application_rejection"
    SETTLEMENT = "settlement"
    HOLD = "hold"
    EARLY_REFILL = "early_refill"
    REFILL_REFUSAL = "refill_refusal"
    CORRECTION = "correction"


class MedicineKind(StrEnum):
    """NEUTRAL medicines carry no caution; FILLER words (tablet, daily) say nothing by themselves;
    a LONG_ACTING_MARK (er, patch) makes a short-acting opioid a long-acting one."""

    OPIOID_SHORT = "opioid_short"
    OPIOID_LONG = "opioid_long"
    OPIOID_MARKER = "opioid_marker"
    # Naloxone and nalmefene, kept against an overdose.
    OPIOID_RESCUE = "opioid_rescue"
    NALTREXONE = "naltrexone"
    NALTREXONE_DEPOT = "naltrexone_depot"
    LOW_DOSE_NALTREXONE = "low_dose_naltrexone"
    SAMIDORPHAN = "samidorphan"
    # Thioridazine, disulfiram.
    INTERACTING = "interacting"
    THYROID = "thyroid"
    ANTIDEPRESSANT = "antidepressant"
    IMMUNOSUPPRESSANT = "immunosuppressant"
    LONG_ACTING_MARK = "long_acting_mark"
    NEUTRAL = "neutral"
    FILLER = "filler"


@dataclass(frozen=True, slots=True)
class DocumentedRange:
    """Daily total in mg of one drug by one route. `starts` and `ends` are both included; None is open."""

    drug: str
    route: str
    min_mg: Decimal
    max_mg: Decimal
    source: str
    starts: date | None = None
    ends: date | None = None

    def __post_init__(self) -> None:
        require_decimal(self.min_mg, "min_mg")
        require_decimal(self.max_mg, "max_mg")
        if self.min_mg > self.max_mg:
            raise ValueError("min_mg must not exceed max_mg")

    def in_force(self, on: date) -> bool:
        return (self.starts or date.min) <= on <= (self.ends or date.max)

    def text(self, *, comma: bool = False) -> str:
        """`0.5 mg to 5 mg a day`."""
        low, high = (amount(mg, "mg", comma=comma) for mg in (self.min_mg, self.max_mg))
        return f"{low} to {high} a day"


@dataclass(frozen=True, slots=True)
class IndicationCode:
    """One ICD-10-CM code, or the beginning of `full_length` characters long codes (the point not
    counted). `documented` None means as the indication."""

    code: str
    label: str
    is_prefix: bool = False
    full_length: int = 0
    documented: Documented | None = None

    def accepts(self, code: str) -> bool:
        if not self.is_prefix:
            return code == self.code
        return (
            code.startswith(self.code)
            and WELL_FORMED_CODE.fullmatch(code) is not None
            and len(code.replace(".", "")) == self.full_length
        )


WELL_FORMED_CODE = re.compile(r"[A-Z][0-9A-Z]{2}(?:\.[0-9A-Z]{1,4})?")


@dataclass(frozen=True, slots=True)
class Indication:
    slug: str
    name: str
    documented: Documented
    text: str
    source: str
    reviewed: date
    codes: tuple[IndicationCode, ...] = ()
    # What the condition's page says, in words; blank: not documented.
    documented_dose: str = ""
    time_to_effect: str = ""
    evidence: str = ""
    not_documented: str = ""
    cautions: str = ""
    elsewhere: str = ""
    further_sources: str = ""

    def matching(self, code: str) -> IndicationCode | None:
        """The row that accepts this full code; an exact row wins over a prefix."""
        hits = [row for row in self.codes if row.accepts(code)]
        return min(hits, key=lambda row: row.is_prefix) if hits else None

    def accepts(self, code: str) -> bool:
        return self.matching(code) is not None

    def documented_for(self, code: str | None) -> Documented:
        row = self.matching(code) if code else None
        return (row.documented if row else None) or self.documented


@dataclass(frozen=True, slots=True)
class ShipState:
    """A state the pharmacy is licensed to send medicines into, from the day `since`."""

    state: str
    source: str
    since: date
    active: bool = True

    def serves(self, on: date) -> bool:
        return self.active and self.since <= on


class PortalOrders(StrEnum):
    """Whether a state takes an order sent by this site as a prescription."""

    ACCEPTED = "accepted"
    WITH_EXCEPTION = "with_exception"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class StateRule:
    """What a state asks of a prescription. `validity_months` counts from the date written, None: the
    state sets no end. `unlicensed_ship_to_stops`: a prescriber without a licence in the state shipped
    to is refused there, not only warned of."""

    state: str
    source: str
    portal_orders: PortalOrders = PortalOrders.ACCEPTED
    exception: str = ""
    validity_months: int | None = 12
    needs_supervisor: bool = False
    unlicensed_ship_to_stops: bool = False


# Of a state that has no row of its own.
USUAL_RULE = StateRule(state="", source="1 year from the date written, the usual validity")


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures that rules compare with; each is a row that a pharmacist keeps, this the start."""

    # Wash-out before naltrexone, in full days: label of the 50 mg tablet (DailyMed).
    short_acting_days: int = 7
    short_acting_caution_days: int = 10
    long_acting_days: int = 14
    recent_opioid_days: int = 30
    depot_naltrexone_days: int = 28
    # A first dose in mg a day above which it is read back, and what counts as a steep rise.
    confirm_first_dose_above_mg: Decimal = Decimal(3)
    largest_rise_mg: Decimal = Decimal("1.5")
    least_days_before_a_rise: int = 7
    large_change: int = 5
    most_units_a_dose: int = 4
    procedure_days: int = 14
    adult_years: int = 18
    caution_facts_months: int = 12
    # A fill never exceeds the beyond-use days minus the days in transit.
    transit_days: int = 5
    early_refill_percent: int = 75
    validity_notice_days: int = 30
    last_fill_notice_days: int = 14


def figures_of(rows: Mapping[str, Decimal]) -> Figures:
    """Stored figures by key; one that is missing keeps its start value, an unknown key is no field."""
    kept = Figures()
    known = {f.name: type(getattr(kept, f.name)) for f in fields(Figures)}
    return replace(kept, **{key: known[key](value) for key, value in rows.items() if key in known})


@dataclass(frozen=True, slots=True)
class Reason:
    """A coded reason. `finding` limits an acknowledgement or clearance to one finding code."""

    kind: ReasonKind
    code: str
    label: str
    needs_text: bool = False
    min_chars: int = 0
    finding: str = ""

    def label_for(self, finding: Finding) -> str:
        """The label with the read-back dose in place of {dose}."""
        return self.label.replace("{dose}", finding.words)


@dataclass(frozen=True, slots=True)
class TemplateStep:
    """`product` blank: the titration's own."""

    dose_mg: Decimal
    times_per_day: int
    days: int | None
    timing: Timing = Timing.BEDTIME
    product: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """A usual titration, to start a regimen from."""

    slug: str
    name: str
    product: str
    days_supply: int
    steps: tuple[TemplateStep, ...]
    source: str

    def regimen(self, products: Mapping[str, Product]) -> Regimen:
        steps = (
            Step(
                products[step.product or self.product],
                step.dose_mg,
                step.times_per_day,
                step.days,
                step.timing,
            )
            for step in self.steps
        )
        return Regimen(products[self.product], tuple(steps), self.days_supply)


def medicine_words(text: str) -> list[str]:
    """Letters and digits alone, of any script: `MS-Contin` and `ms contin` are the same two words,
    and a name in another script is a word on no list."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.findall(r"[^\W_]+", re.sub(r"['’]", "", plain))


@dataclass(frozen=True, slots=True)
class Medicines:
    """Names that a typed medicines list is searched for, each in `medicine_words` spelling."""

    names: Mapping[str, MedicineKind]

    def kinds(self, text: str) -> frozenset[MedicineKind | None]:
        """Every kind named in `text`, whole words only, the longest name first; None stands for
        words on no list. Numbers and strengths such as 10mg are passed over."""
        words, found, at = medicine_words(text), set[MedicineKind | None](), 0
        while at < len(words):
            for length in range(min(_LONGEST_NAME, len(words) - at), 0, -1):
                kind = self.names.get(" ".join(words[at : at + length]))
                if kind is not None:
                    break
            if kind is not None or not _STRENGTH.fullmatch(words[at]):
                found.add(kind)
            at += length
        return frozenset(found)

    def opioid(self, text: str) -> MedicineKind | None:
        """The opioid kind the text names, the strictest first; None when it names none."""
        return opioid_among(self.kinds(text))

    def recognises(self, text: str) -> bool:
        """True only when every word is known and at least one names a medicine."""
        return names_a_medicine(self.kinds(text))


def opioid_among(kinds: frozenset[MedicineKind | None]) -> MedicineKind | None:
    if {MedicineKind.OPIOID_SHORT, MedicineKind.LONG_ACTING_MARK} <= kinds:
        return MedicineKind.OPIOID_LONG
    order = (MedicineKind.OPIOID_LONG, MedicineKind.OPIOID_SHORT, MedicineKind.OPIOID_MARKER)
    return next((kind for kind in order if kind in kinds), None)


def names_a_medicine(kinds: frozenset[MedicineKind | None]) -> bool:
    return bool(kinds - _SAY_NOTHING) and None not in kinds


_SAY_NOTHING = frozenset({MedicineKind.FILLER, MedicineKind.LONG_ACTING_MARK})
_LONGEST_NAME = 4
_STRENGTH = re.compile(r"[0-9]+(?:mg|mcg|ml|g|iu|units?)?")


@dataclass(frozen=True, slots=True)
class Formulary:
    """Everything that may be ordered, and what is documented of it."""

    products: Mapping[str, Product]
    ranges: tuple[DocumentedRange, ...]
    indications: Mapping[str, Indication]
    reasons: tuple[Reason, ...]
    templates: tuple[Template, ...]
    medicines: Medicines
    ship_states: tuple[ShipState, ...] = ()
    figures: Figures = field(default_factory=Figures)
    state_rules: Mapping[str, StateRule] = field(default_factory=dict)
    # Names the rows it was read from; None of the shipped file.
    stamp: UUID | None = field(default=None, compare=False)

    def rule_of(self, state: str) -> StateRule:
        """The state's own rule, or the usual one."""
        return self.state_rules.get(state, USUAL_RULE)

    def served_states(self, on: date) -> tuple[str, ...]:
        """Codes of the states that are served on a day, in their order."""
        return tuple(sorted(row.state for row in self.ship_states if row.serves(on)))

    def range_for(self, product: Product, on: date) -> DocumentedRange | None:
        """The one range in force for the product's drug and route; None when absent or not single."""
        found = [
            row
            for row in self.ranges
            if row.drug == product.drug and row.route == product.route and row.in_force(on)
        ]
        return found[0] if len(found) == 1 else None

    def reasons_of(self, kind: ReasonKind) -> tuple[Reason, ...]:
        return tuple(reason for reason in self.reasons if reason.kind is kind)

    def answers_to(self, finding: Finding) -> tuple[Reason, ...]:
        """Coded reasons for acknowledging a warn or clearing a not-checked: its own, then the general."""
        kinds = (ReasonKind.ACKNOWLEDGEMENT, ReasonKind.CLEARANCE)
        kind = kinds[finding.level == "not_checked"]
        fitting = [r for r in self.reasons_of(kind) if r.finding in ("", finding.code)]
        if finding.code is Code.ACTIVE_ORDER:
            # What becomes of the other order hangs on the answer: nothing else is one.
            fitting = [reason for reason in fitting if reason.finding]
        return tuple(sorted(fitting, key=lambda reason: reason.finding == ""))
