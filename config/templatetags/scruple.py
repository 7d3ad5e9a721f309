"""The house's words for templates: icons, dates, amounts, errors. Built in, never loaded."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path

from django import template
from django.apps import apps
from django.forms import BaseForm, BaseFormSet, BoundField, MultiWidget
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from accounts.house_dates import MONTHS
from formulary.amounts import display

register = template.Library()

_NBSP = "\u00a0"
_ICONS = Path(apps.get_app_config("fontawesome").path) / "static" / "fontawesome" / "svgs"


# --- Icons -----------------------------------------------------------------------------------
@register.simple_tag
@cache
def icon(name: str, style: str = "solid") -> SafeString:
    """A Font Awesome drawing as inline SVG: no font to load, and it takes the text's colour.

    Always beside a word: the drawing is hidden from screen readers.
    """
    if not re.fullmatch(r"[a-z0-9-]+", name) or style not in {"solid", "regular"}:
        raise template.TemplateSyntaxError(f"no such icon: {style} {name}")
    source = (_ICONS / f"{style}/{name}.svg").read_text(encoding="utf-8")
    box = re.search(r'viewBox="([\d .]+)"', source)
    paths = "".join(re.findall(r"<path[^>]*/>", source))
    if box is None or not paths:
        raise template.TemplateSyntaxError(f"{name} is not a drawing of one or more paths")
    return mark_safe(  # noqa: S308  a file of the installed wheel
        f'<svg class="icon" viewBox="{box[1]}" aria-hidden="true" focusable="false">{paths}</svg>'
    )


# --- Dates: month in letters, four-digit year, never the browser's or the server's locale -------
def _date_words(day: dt.date) -> str:
    return f"{MONTHS[day.month - 1]}{_NBSP}{day.day}, {day.year}"


def _clock_words(when: dt.datetime) -> str:
    return f"{when:%H:%M}{_NBSP}{when.tzname() or ''}".rstrip(_NBSP)


def _local(value: dt.datetime) -> dt.datetime:
    return timezone.localtime(value) if timezone.is_aware(value) else value


@register.filter
def day(value: dt.date | None) -> SafeString:
    """`Nov 22, 2026` in a <time>; nothing known reads as such."""
    if not value:
        return SafeString("Not recorded")
    when = _local(value).date() if isinstance(value, dt.datetime) else value
    return format_html('<time datetime="{}">{}</time>', when.isoformat(), _date_words(when))


@register.filter
def moment(value: dt.datetime | None) -> SafeString:
    """`Nov 22, 2026, 16:31 UTC`: staff read times of several zones, so the zone is said."""
    if not value:
        return SafeString("Not recorded")
    when = _local(value)
    return format_html(
        '<time datetime="{}">{}, {}</time>',
        when.isoformat(timespec="seconds"),
        _date_words(when.date()),
        _clock_words(when),
    )


@register.filter
def clock(value: dt.datetime) -> SafeString:
    """`16:31 UTC`, where the day is plain from the context."""
    when = _local(value)
    return format_html(
        '<time datetime="{}">{}</time>', when.isoformat(timespec="seconds"), _clock_words(when)
    )


@register.filter
def duration(value: dt.timedelta | float) -> str:
    """`3 h 10 m`, `2 d 4 h`, `12 m`: two units at most, rounded down."""
    seconds = value.total_seconds() if isinstance(value, dt.timedelta) else value
    minutes = max(0, int(seconds // 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        parts = [(days, "d"), (hours, "h")]
    elif hours:
        parts = [(hours, "h"), (minutes, "m")]
    else:
        parts = [(minutes, "m")]
    shown = [part for part in parts if part[0]] or parts[-1:]
    return " ".join(f"{number}{_NBSP}{unit}" for number, unit in shown)


@register.filter
def years(born: dt.date, on: dt.date | None = None) -> int:
    """Whole years of age today, or on the day given."""
    today = on or timezone.localdate()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


# --- Amounts ----------------------------------------------------------------------------------
@register.filter
def dose(value: Decimal | int) -> str:
    """An amount as ISMP wants it printed, with the comma of screens: 0.5, 4.5, 1,500."""
    return display(Decimal(value), comma=True)


# --- Errors -----------------------------------------------------------------------------------
def _forms(parts: Iterable[object]) -> Iterator[BaseForm | BaseFormSet[BaseForm]]:
    for part in parts:
        if isinstance(part, BaseForm | BaseFormSet):
            yield part
        elif isinstance(part, list | tuple):
            yield from _forms(part)


def control_id(field: BoundField) -> str:
    """The id of the control itself; of a group, that of its first control."""
    if field.id_for_label:
        return field.id_for_label
    if isinstance(field.field.widget, MultiWidget):
        return f"{field.auto_id}_0"
    return next((widget.id_for_label for widget in field.subwidgets), field.auto_id) or ""


def _first_control(form: BaseForm) -> str:
    return next((control_id(field) for field in form.visible_fields()), "")


def _entries(form: BaseForm | BaseFormSet[BaseForm]) -> Iterator[tuple[str, str]]:
    if isinstance(form, BaseFormSet):
        first = _first_control(form.forms[0]) if form.forms else ""
        yield from ((first, str(text)) for text in form.non_form_errors())
        for member in form.forms:
            yield from _entries(member)
        return
    yield from ((_first_control(form), str(text)) for text in form.non_field_errors())
    for field in form:
        target = _first_control(form) if field.is_hidden else control_id(field)
        yield from ((target, str(text)) for text in field.errors)


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: object, extra: Iterable[tuple[str, str]] = ()) -> dict[str, object]:
    """All that stands in the way, each linked to its control. Forms, formsets, lists of them.

    extra: (control id, text) pairs that no form holds, such as a dose rule's stop.
    """
    found = [entry for form in _forms(forms) for entry in _entries(form)]
    return {"entries": [*dict.fromkeys([*found, *extra])]}


@register.simple_tag
def error_prefix(*forms: object) -> str:
    """`Error: ` at the head of the title of a page that came back."""
    for form in _forms(forms):
        broken = form.is_bound and (
            not form.is_valid() if isinstance(form, BaseFormSet) else bool(form.errors)
        )
        if broken:
            return "Error: "
    return ""
