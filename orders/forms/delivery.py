"""Who prescribes, where the patient was seen, where the order goes, who pays and how soon."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from accounts.house_fields import STATES, PagePart
from accounts.models import Licence, Location, Practice, Prescriber, Supervision, User
from accounts.status import SUPERVISED, Role
from formulary.reference import Formulary, ReasonKind
from orders.forms.fields import ClinicalText
from orders.models import Order
from orders.status import BillTo, SeenWhere, ShipTo, Urgency


class DeliveryForm(PagePart):
    conditional: ClassVar[frozenset[str]] = frozenset(
        {"supervision", "seen_where", "seen_state", "urgent_reason"}
    )

    prescriber = forms.ChoiceField(label="Prescriber")
    seen_where = forms.ChoiceField(
        label="Where was the patient seen?", required=False, widget=forms.RadioSelect
    )
    seen_state = forms.ChoiceField(
        label="State where the patient was", required=False, help_text="For telehealth",
        choices=[("", "Choose a state"), *STATES],
    )  # fmt: skip
    supervision = forms.ChoiceField(
        label="Supervising physician", required=False,
        help_text="Printed on the prescription where the state asks for it",
    )  # fmt: skip
    ship_to = forms.ChoiceField(
        label="Ship to",
        choices=ShipTo.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose where to ship to."},
    )
    bill_to = forms.ChoiceField(
        label="Bill to",
        choices=BillTo.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who pays."},
    )
    urgency = forms.ChoiceField(
        label="Urgency",
        choices=[(Urgency.ROUTINE, "Routine: reviewed within 24 hours"),
                 (Urgency.URGENT, "Urgent: reviewed within 4 hours")],
        widget=forms.RadioSelect,
    )  # fmt: skip
    urgent_reason = forms.ChoiceField(label="Reason for urgency", required=False)
    note = ClinicalText(
        label="Note to the pharmacy", required=False, max_length=210, multiline=True,
        no_doses=True,
        help_text="Up to 210 characters. No doses here: only the steps above are dispensed",
    )  # fmt: skip

    def __init__(
        self, *args: Any, by: User, formulary: Formulary, live: bool = False, **kwargs: Any
    ) -> None:
        """`live`: only read, never shown, so that places nobody names are not looked up."""
        super().__init__(*args, **kwargs)
        self.by, self.live = by, live
        self.prescribers = list(_prescribers(by))
        self._offer_prescribers()
        self._offer_supervisors()
        self._offer_places()
        # An urgent order stores the code alone, so reasons in words are not offered.
        urgent = formulary.reasons_of(ReasonKind.URGENCY)
        coded = [(r.code, r.label) for r in urgent if not r.needs_text]
        self._choose("urgent_reason", [("", "Choose a reason"), *coded])

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  narrows the type
        field.choices = choices

    def _offer_prescribers(self) -> None:
        """A prescriber orders in the own name; only a delegate is asked."""
        if self.by.role == Role.PRESCRIBER:
            del self.fields["prescriber"]
            return
        named = [(p.npi, f"{p.printed_name} · NPI {p.npi}") for p in self.prescribers]
        self._choose("prescriber", [("", "Choose the prescriber"), *named])

    def _offer_supervisors(self) -> None:
        """The physicians on file of those who prescribe under one; nobody else is asked."""
        self.supervised = [p for p in self.prescribers if p.credential in SUPERVISED]
        if not self.supervised:
            del self.fields["supervision"]
            return
        rows = Supervision.objects.filter(prescriber__in=self.supervised, ended_at=None)
        self.supervisions = {str(row.pk): row for row in rows.order_by("licence_state", "pk")}
        offered = [
            (key, _supervisor_words(row, self.prescribers))
            for key, row in self.supervisions.items()
        ]
        self._choose("supervision", [("", "Choose the physician"), *offered])

    def _offer_places(self) -> None:
        rows = list(Location.objects.visible_to(self.by).active()) if self._needs_places() else []
        self.goes = {_place_value(row): row for row in rows if row.takes_deliveries}
        self.sees = {_place_value(row): row for row in rows if row.sees_patients}
        further = [(value, _place_label(row)) for value, row in self.goes.items()]
        self._choose("ship_to", [*ShipTo.choices, *further])
        seen = [(value, _seen_label(row)) for value, row in self.sees.items()]
        here = [(SeenWhere.PRACTICE, _seen_label(self.by.practice)), *seen]
        self._choose("seen_where", [*here, (SeenWhere.TELEHEALTH, SeenWhere.TELEHEALTH.label)])

    def _needs_places(self) -> bool:
        named = (str(self.data.get(name, "")) for name in ("ship_to", "seen_where"))
        return not self.live or any(value.startswith(_PLACE) for value in named)

    @property
    def supervised_npis(self) -> str:
        """For the page's script: of whom a supervising physician is asked."""
        return ",".join(p.npi for p in self.supervised)

    # --- What the answers mean together ------------------------------------------------------
    def clean(self) -> dict[str, Any]:
        if not self.prescribers:
            self.add_error(None, _NO_PRESCRIBER[self.by.role == Role.PRESCRIBER])
        self._clean_urgency()
        self._clean_seen()
        self._clean_supervision()
        return self.cleaned_data

    def _clean_urgency(self) -> None:
        urgency = self.answer("urgency")
        if urgency == Urgency.URGENT:
            self.need("urgent_reason")
        elif urgency and self.answer("urgent_reason"):
            self.add_error("urgency", "Choose “Urgent”, or clear the reason for urgency.")

    def _clean_seen(self) -> None:
        where = self.answer("seen_where")
        if self.answer("seen_state") and where != SeenWhere.TELEHEALTH and not self.errors:
            self.add_error(
                "seen_where", "Choose “By telehealth”, or clear the state where the patient was."
            )

    def _clean_supervision(self) -> None:
        row, prescriber = self.supervisor, self.chosen_prescriber
        if row is None or prescriber is None:
            return
        if row.prescriber_id != prescriber.pk:
            self.add_error(
                "supervision",
                f"Choose a physician who supervises {prescriber.printed_name}, or none.",
            )
        elif self.was_in not in (None, row.licence_state):
            self.add_error(
                "supervision",
                f"Choose a physician licensed in {self.was_in}, where the patient was seen.",
            )

    # --- Values ------------------------------------------------------------------------------
    @property
    def chosen_prescriber(self) -> Prescriber | None:
        """None while a delegate has chosen nobody, or when nobody is open for orders."""
        if self.by.role == Role.PRESCRIBER:
            return self.prescribers[0] if self.prescribers else None
        npi = self.answer("prescriber")
        return next((p for p in self.prescribers if p.npi == npi), None)

    @property
    def licence_states(self) -> tuple[str, ...] | None:
        """Where the prescriber holds a licence today; None while nobody is chosen."""
        prescriber = self.chosen_prescriber
        return tuple(vars(prescriber)["held"]) if prescriber else None

    @property
    def place(self) -> Location | None:
        """The further address chosen; None for the usual two, or while nothing is."""
        return self.goes.get(self.answer("ship_to") or "")

    @property
    def goes_to(self) -> str:
        """The chosen kind of place; empty while nothing is chosen."""
        return ShipTo.PRACTICE if self.place else self.answer("ship_to") or ""

    @property
    def seen_location(self) -> Location | None:
        return self.sees.get(self.answer("seen_where") or "")

    @property
    def was_seen(self) -> str:
        return SeenWhere.PRACTICE if self.seen_location else self.answer("seen_where") or ""

    @property
    def was_in(self) -> str | None:
        """The code of the state where the patient was; None while it is not known."""
        if not self.was_seen:
            return None
        if self.was_seen == SeenWhere.TELEHEALTH:
            state: str | None = self.answer("seen_state")
            return state
        return (self.seen_location or self.by.practice).state

    @property
    def supervisor(self) -> Supervision | None:
        if "supervision" not in self.fields:
            return None
        return self.supervisions.get(self.answer("supervision") or "")

    @staticmethod
    def initial_new(by: User) -> dict[str, Any]:
        """Where orders go and who pays as a rule is the practice's own setting."""
        return {
            "urgency": Urgency.ROUTINE,
            "ship_to": by.practice.default_ship_to,
            "bill_to": by.practice.bill_to,
        }

    @staticmethod
    def initial_of(order: Order) -> dict[str, Any]:
        """A stored draft's answers as they would be typed."""
        to, seen = order.ship_to_location, order.seen_location
        telehealth = order.seen_where == SeenWhere.TELEHEALTH
        return {
            "prescriber": order.prescriber.npi,
            "seen_where": _place_value(seen) if seen else order.seen_where,
            "seen_state": order.seen_state if telehealth else "",
            "supervision": str(order.supervision_id or ""),
            "ship_to": _place_value(to) if to else order.ship_to,
            "bill_to": order.bill_to or order.practice.bill_to,
            "urgency": Urgency.URGENT if order.is_urgent else Urgency.ROUTINE,
            "urgent_reason": order.urgent_reason.code if order.urgent_reason else "",
            "note": order.note,
        }


_NO_PRESCRIBER = (
    "No prescriber of this practice is open for new orders. Call the pharmacy.",
    "Your account is not open for new orders. Call the pharmacy.",
)


_PLACE = "location-"


def _place_value(place: Location) -> str:
    return f"{_PLACE}{place.pk}"


def _place_label(place: Location) -> str:
    return f"{place.name}: {place.address}, {place.city}, {place.state} {place.zip_code}"


def _seen_label(place: Location | Practice) -> str:
    return f"{place.name}, {place.city}, {place.state}"


def _supervisor_words(row: Supervision, prescribers: list[Prescriber]) -> str:
    words = f"{row.name}, {row.licence_state} licence {row.licence_number}"
    if len(prescribers) == 1:
        return words
    named = next(p for p in prescribers if p.pk == row.prescriber_id)
    return f"{words}, for {named.printed_name}"


def _prescribers(by: User) -> Any:
    """Who may be named on the order: oneself, or for a delegate the practice's prescribers."""
    mine = Prescriber.objects.approved().visible_to(by).order_by("family_name", "given_name")
    held = Licence.objects.filter(prescriber=OuterRef("pk"), expires_on__gte=by.practice.today)
    mine = mine.annotate(held=ArraySubquery(held.order_by("state").values("state").distinct()))
    return mine.filter(user=by) if by.role == Role.PRESCRIBER else mine
