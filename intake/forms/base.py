"""The base of every page of the account form: typed text in, plain JSON out, and back again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils.datastructures import MultiValueDict

from accounts.house_dates import MONTHS, HouseDate
from accounts.house_fields import PagePart

Stored = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """A field on the page; `shown_for` as in SectionForm."""

    field: forms.BoundField
    heading: str
    width: str
    shown_for: str


class SectionForm(PagePart):
    """One page. `beside` holds the other answers of the same prescriber or practice, `others` the
    rows of the same list; `only` names the fields that may be corrected, when not all may."""

    # Autocomplete tokens of what people type about themselves (F16), and of places.
    own_tokens: ClassVar[Mapping[str, str]] = {}
    place_tokens: ClassVar[Mapping[str, str]] = {}
    # Width classes of static/css/forms.css.
    widths: ClassVar[Mapping[str, str]] = {}
    # Fields that are corrected together, because one judges the other.
    together: ClassVar[tuple[frozenset[str], ...]] = ()
    # Field → the heading above it.
    headings: ClassVar[Mapping[str, str]] = {}
    # Field → "other=value,value": shown by scripts once that answer is given.
    shown_for: ClassVar[Mapping[str, str]] = {}

    def __init__(
        self,
        *args: Any,
        beside: Stored | None = None,
        others: Sequence[Stored] = (),
        own: bool = False,
        only: Collection[str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.beside: Stored = beside or {}
        self.others = others
        self._name_tokens({**self.place_tokens, **(self.own_tokens if own else {})})
        for name, field in self.fields.items():
            field.disabled = only is not None and name not in only

    def _name_tokens(self, tokens: Mapping[str, str]) -> None:
        for name, token in tokens.items():
            widget = self.fields[name].widget
            if isinstance(widget, forms.MultiWidget):
                for part, word in zip(widget.widgets, ("month", "day", "year"), strict=True):
                    part.attrs["autocomplete"] = f"{token}-{word}"
            else:
                widget.attrs["autocomplete"] = token

    def _keys(self, name: str, field: forms.Field) -> list[str]:
        """A list of ticks is sent once for each."""
        return [] if isinstance(field, forms.MultipleChoiceField) else super()._keys(name, field)

    def part(self, section: str) -> Stored:
        """Another section's answers, empty when there are none."""
        found = self.beside.get(section)
        return found if isinstance(found, dict) else {}

    def drop(self, *names: str) -> None:
        """What another answer made meaningless is neither judged nor kept."""
        for name in names:
            self.errors.pop(name, None)
            self.cleaned_data[name] = ""

    def stored(self) -> dict[str, Any]:
        """The answers as JSON keeps them. Only after is_valid()."""
        return {name: _plain(self.cleaned_data.get(name)) for name in self.fields}

    def lines(self) -> Iterator[Line]:
        """The fields that may be answered, with what the page puts around them."""
        for name in self.fields:
            if not self.fields[name].disabled:
                yield Line(
                    self[name],
                    self.headings.get(name, ""),
                    self.widths.get(name, ""),
                    self.shown_for.get(name, ""),
                )

    def notes(self) -> list[str]:
        """What to know about answers that were taken. Only after is_valid()."""
        return []

    @classmethod
    def with_companions(cls, names: frozenset[str]) -> frozenset[str]:
        """The fields asked for, and those that must be open along with them."""
        return names.union(*(group for group in cls.together if group & names))

    @classmethod
    def words(cls, name: str, value: Any) -> str:
        """A stored answer as people read it; "" for none."""
        field = cls.base_fields[name]
        if isinstance(field, HouseDate):
            day = _day(value)
            return f"{MONTHS[day.month - 1]} {day.day}, {day.year}" if day else ""
        if isinstance(field, forms.BooleanField):
            return "Yes" if value is True else "No"
        if isinstance(field, forms.ChoiceField):
            told = _flat(field.choices)
            picked = value if isinstance(value, list) else [value]
            return ", ".join(told.get(str(one), str(one)) for one in picked if one)
        return str(value or "")

    @classmethod
    def shown(cls, stored: Stored) -> dict[str, Any]:
        """Stored answers as the values that fields start with."""
        return {
            name: _day(stored.get(name)) if isinstance(field, HouseDate) else stored.get(name)
            for name, field in cls.base_fields.items()
        }

    @classmethod
    def typed(cls, stored: Stored) -> MultiValueDict[str, str]:
        """Stored answers as if they had just been typed, to be judged once more."""
        data: MultiValueDict[str, str] = MultiValueDict()
        for name, value in cls.shown(stored).items():
            widget = cls.base_fields[name].widget
            if isinstance(widget, forms.MultiWidget):
                for at, part in enumerate(widget.decompress(value) or []):
                    data[f"{name}_{at}"] = part
            elif isinstance(value, list):
                data.setlist(name, [str(one) for one in value])
            elif value not in (None, "", False):
                data[name] = str(value)
        return data


def _flat(choices: Any) -> dict[str, str]:
    """Value → label, out of groups too."""
    found: dict[str, str] = {}
    for value, label in choices:
        found |= _flat(label) if isinstance(label, list | tuple) else {str(value): str(label)}
    return found


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else value


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
