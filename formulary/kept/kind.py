"""One kind of row that pharmacists keep: its columns as plain JSON and as words, and its writing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import models

from accounts.house_dates import MONTHS
from formulary.amounts import display
from formulary.reference import Formulary
from formulary.status import Act, ChangeKind

Values = dict[str, Any]
Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its name on screen; `words` prints its JSON value."""

    name: str
    label: str
    words: Callable[[Any], str] = lambda value: "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Line:
    """One column before and after, in words; `before` "" of a row that is added."""

    label: str
    before: str
    after: str
    changed: bool


class Kind(Generic[Row]):
    """What pages, forms and services need to know of one kind."""

    kind: ClassVar[ChangeKind]
    model: ClassVar[type[models.Model]]
    many: ClassVar[str]
    lead: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    # The names of what a foreign key points to.
    natural: ClassVar[Mapping[str, str]] = {}
    # Whether the row has a source of its own, which a change of it replaces.
    has_source: ClassVar[bool] = True
    can_retire: ClassVar[bool] = True
    # Whether the row itself keeps the day on which it was last compared with its source.
    dates_a_look: ClassVar[bool] = False
    can_be_added: ClassVar[bool] = True

    # The columns in which a list is searched.
    searched: ClassVar[tuple[str, ...]] = ()

    # --- reading --------------------------------------------------------------------------------
    def rows(self) -> models.QuerySet[Any]:
        """All of them, retired ones too, with what a list shows."""
        return self.model._default_manager.all()

    def standing(self, *, retired: bool) -> models.QuerySet[Any]:
        """Those in use, or those that are not any more."""
        if not self._has_active:
            return self.rows().none() if retired else self.rows()
        return self.rows().filter(active=not retired)

    @property
    def _has_active(self) -> bool:
        return any(field.name == "active" for field in self.model._meta.get_fields())

    def counts(self) -> tuple[int, int]:
        """In use, and retired."""
        if not self._has_active:
            return self.rows().count(), 0
        found = dict(
            self.rows()
            .order_by()
            .values_list("active")
            .annotate(many=models.Count("pk"))
            .values_list("active", "many")
        )
        return found.get(True, 0), found.get(False, 0)

    def key(self, values: Values) -> str:
        """What the row is known by among its kind."""
        raise NotImplementedError

    def name(self, row: Row) -> str:
        """The row in a few words, for headings."""
        return str(row)

    def brief(self, row: Row) -> str:
        """What a list says of the row beside its name."""
        return ""

    def is_active(self, row: Row) -> bool:
        return bool(getattr(row, "active", True))

    def acts(self, row: Row) -> tuple[Act, ...]:
        if not self.is_active(row):
            return (Act.RESTORE,)
        return (Act.CHANGE, Act.CONFIRM, *([Act.RETIRE] if self.can_retire else []))

    def snapshot(self, row: Row) -> Values:
        """The row as plain JSON: what a change is compared with."""
        values = {column.name: self._plain(row, column.name) for column in self.columns}
        return values | self.parts(row)

    def parts(self, row: Row) -> Values:
        """Rows below this one, as lists."""
        return {}

    def _plain(self, row: Row, name: str) -> Any:
        value = getattr(row, name, None)
        if name in self.natural:
            return getattr(value, self.natural[name])
        return plain(value)

    def lines(self, before: Values | None, after: Values) -> list[Line]:
        """Each column in words. A row that is added has no before."""
        found = []
        for column in self.columns:
            was = column.words(before[column.name]) if before else ""
            now = column.words(after[column.name])
            found.append(Line(column.label, was, now, was != now))
        return found

    def told(self, name: str, before: Any, after: Any) -> str:
        """One column of a kept version: `Figure: 3 → 9`."""
        column = next((c for c in self.columns if c.name == name), Column(name, spoken(name)))
        was, now = (column.words(plain(value)) or "empty" for value in (before, after))
        return f"{column.label}: {was} → {now}"

    # --- judging --------------------------------------------------------------------------------
    def needs_second(self, act: Act, before: Values | None, after: Values) -> bool:
        """Whether a second pharmacist has to agree; confirming changes nothing and never needs one."""
        return False

    def warnings(
        self, act: Act, before: Values | None, after: Values, formulary: Formulary
    ) -> Sequence[str]:
        """What to think of before it is sent, in words."""
        return ()

    def after(self, act: Act, before: Values, on: date) -> Values:
        """What retiring, bringing back or confirming makes of the row."""
        if act is Act.CONFIRM:
            return dict(before)
        return before | {"active": act is Act.RESTORE}

    # --- writing --------------------------------------------------------------------------------
    def write(self, row: Row | None, act: Act, after: Values, on: date) -> Row:
        """Store the row as `after` says, from the day `on`; `row` is locked, None adds one.

        Raises ValidationError, with the columns it is about, or IntegrityError.
        """
        written: Any = row or self.model()
        for column in self.columns:
            self._set(written, column.name, after[column.name])
        written.full_clean()
        written.save()
        self.write_parts(written, after)
        return written  # type: ignore[no-any-return]

    def write_parts(self, row: Row, after: Values) -> None:
        """Store the rows below this one."""

    def _set(self, row: Any, name: str, value: Any) -> None:
        field: Any = self.model._meta.get_field(name)
        if name in self.natural:
            setattr(row, name, self.pointed(name, value))
        else:
            setattr(row, name, field.to_python(value))

    def pointed(self, name: str, value: str) -> models.Model:
        """The row that a foreign key names. Raises ValidationError when there is none."""
        field: Any = self.model._meta.get_field(name)
        found: models.Model | None = field.related_model._default_manager.filter(
            **{self.natural[name]: value}
        ).first()
        if found is None:
            raise ValidationError({name: f"“{value}” is not on file any more."})
        return found


def plain(value: Any) -> Any:
    """A column's value as JSON keeps it."""
    if isinstance(value, Decimal):
        return display(value)
    return value.isoformat() if isinstance(value, date) else value


# --- words of columns ---------------------------------------------------------------------------
def mg(value: str | None) -> str:
    return f"{value} mg" if value else ""


def day_words(value: str | None) -> str:
    if not value:
        return ""
    day = date.fromisoformat(value)
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


def yes_no(value: bool) -> str:
    return "Yes" if value else "No"


def spoken(value: str) -> str:
    """A stored word as people read it: `opioid_short` → `Opioid short`."""
    return str(value).replace("_", " ").capitalize()
