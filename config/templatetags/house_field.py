"""A field of a form as templates/bootstrap5/field.html draws it, ten times as fast.

Pages that are one form after the other spend most of their time there. tests/ui/test_house_field.py
holds the two alike, for every kind of control.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from django import forms, template
from django.forms import BoundField
from django.utils.safestring import SafeString, mark_safe

from config.templatetags.scruple import icon

register = template.Library()


@register.filter
def house_field(field: BoundField) -> SafeString:
    """Label, help, error and control; groups in a fieldset with the label as its legend."""
    widget, around = field.field.widget, _help(field) + _errors(field)
    if isinstance(widget, forms.CheckboxInput):
        inner = around + _tick(field)
    elif widget.use_fieldset:
        described = _attributes({"aria-describedby": field.aria_describedby or None})
        legend = f'<legend class="form-label">{_label(field)}</legend>'
        inner = f"<fieldset{described}>{legend}{around}{_control(field)}</fieldset>"
    else:
        to = _text(field.id_for_label)
        label = f'<label for="{to}" class="form-label">{_label(field)}</label>'
        inner = f"{label}{around}{_control(field)}"
    wrong = " field-wrong" if field.errors else ""
    return _safe(f'<div id="div_{_text(field.auto_id)}" class="field{wrong}">{inner}</div>')


@register.filter
def house_facts(rows: Iterable[Mapping[str, Any]]) -> SafeString:
    """Answers to check, as templates/components/dl.html without a title draws them."""
    return _safe(f'<dl class="facts">{"".join(map(_fact, rows))}</dl>')


def _fact(row: Mapping[str, Any]) -> str:
    term, value, url = row["term"], row.get("value"), row.get("change_url")
    lines = "<br>".join(_text(line) for line in str(value).split("\n"))
    said = f"<dd>{lines}</dd>" if value else '<dd class="absent">Not provided</dd>'
    what = _text(row.get("change_what") or term)
    link = f'<a href="{_text(url)}">Change<span class="visually-hidden"> {what}</span></a>'
    change = f'<dd class="fact-change">{link}</dd>' if url else ""
    return f'<div class="fact"><dt>{_text(term)}</dt>{said}{change}</div>'


def _safe(html: str) -> SafeString:
    """Every text that went into `html` has been through _text()."""
    return mark_safe(html)  # noqa: S308


def _text(value: object) -> str:
    return value if isinstance(value, SafeString) else escape(str(value))


def _attributes(attrs: Mapping[str, Any]) -> str:
    """As django.forms.utils.flatatt: True is a bare name, None and False are left out."""
    return "".join(
        f" {name}" if value is True else f' {name}="{_text(value)}"'
        for name, value in attrs.items()
        if value is not None and value is not False
    )


def _label(field: BoundField) -> str:
    unit = getattr(field.field, "unit", "")
    said = f' <span class="visually-hidden">in {_text(unit)}</span>' if unit else ""
    asked = field.field.required or field.name in getattr(field.form, "conditional", ())
    optional = "" if asked else ' <span class="optional">(optional)</span>'
    return f"{_text(field.label)}{said}{optional}"


def _help(field: BoundField) -> str:
    if not field.help_text:
        return ""
    said = _text(field.help_text)
    return f'<div id="{_text(field.auto_id)}_helptext" class="form-text">{said}</div>'


def _errors(field: BoundField) -> str:
    if not field.errors:
        return ""
    mark = icon("circle-exclamation")
    lines = "".join(
        f'<p>{mark}<span><span class="visually-hidden">Error: </span>{_text(error)}</span></p>'
        for error in field.errors
    )
    return f'<div id="{_text(field.auto_id)}_error" class="field-message">{lines}</div>'


def _attrs(field: BoundField, css: str) -> dict[str, Any]:
    """What the control says besides its name and value; as BoundField.as_widget puts it together."""
    wrong = " is-invalid" if field.errors else ""
    attrs = field.build_widget_attrs({"class": f"{css}{wrong}", "id": field.auto_id})
    told: dict[str, Any] = field.field.widget.build_attrs(field.field.widget.attrs, attrs)
    return told


def _control(field: BoundField) -> str:
    widget = field.field.widget
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return _options(field)
    if isinstance(widget, forms.MultiWidget):
        return _date_parts(field)
    if isinstance(widget, forms.Select):
        return _select(field)
    if isinstance(widget, forms.Textarea):
        attrs = {"name": field.html_name, **_attrs(field, "form-control")}
        said = _text(widget.format_value(field.value()) or "")
        return f"<textarea{_attributes(attrs)}>\n{said}</textarea>"
    if isinstance(widget, forms.TextInput):
        said = widget.format_value(field.value())
        return _with_unit(
            field, _input(widget, field.html_name, said, _attrs(field, "form-control"))
        )
    return field.as_widget(
        attrs={"class": "form-control" + (" is-invalid" if field.errors else "")}
    )


def _input(widget: forms.TextInput, name: str, value: object, attrs: dict[str, Any]) -> str:
    said = None if value is None or value == "" else str(value)
    return (
        f"<input{_attributes({'type': widget.input_type, 'name': name, 'value': said, **attrs})}>"
    )


def _with_unit(field: BoundField, control: str) -> str:
    unit = getattr(field.field, "unit", "")
    shown = f'<span class="input-group-text" aria-hidden="true">{_text(unit)}</span>'
    return f'<div class="input-group">{control}{shown}</div>' if unit else control


def _select(field: BoundField) -> str:
    widget = field.field.widget
    picked = {str(value) for value in widget.format_value(field.value())}
    attrs = {"name": field.html_name, **_attrs(field, "form-select")}
    return f"<select{_attributes(attrs)}>{''.join(_choices(widget.choices, picked))}</select>"


def _choices(choices: Iterable[Any], picked: set[str]) -> Iterator[str]:
    """Escaped options; a choice whose label is a list is a group."""
    for value, label in choices:
        if isinstance(label, list | tuple):
            inner = "".join(_choices(label, picked))
            yield f'<optgroup label="{_text(value)}">{inner}</optgroup>'
            continue
        known = "" if value is None else str(value)
        selected = " selected" if known in picked else ""
        yield f'<option value="{_text(known)}"{selected}>{_text(label)}</option>'


def _options(field: BoundField) -> str:
    widget = field.field.widget
    attrs = field.build_widget_attrs({"id": field.auto_id})
    groups = widget.optgroups(field.html_name, widget.format_value(field.value()), attrs)
    wrong = " is-invalid" if field.errors else ""
    found = "".join(_option(field, one, wrong) for _, options, _ in groups for one in options)
    return f'<div class="options">{found}</div>'


def _option(field: BoundField, option: Mapping[str, Any], wrong: str) -> str:
    first = {"type": option["type"], "class": f"form-check-input{wrong}"}
    attrs = {**first, "name": field.html_name, "value": option["value"], **option["attrs"]}
    label = f'<label for="{_text(attrs["id"])}" class="form-check-label">{_text(option["label"])}</label>'
    return f'<div class="form-check"><input{_attributes(attrs)}>{label}</div>'


def _tick(field: BoundField) -> str:
    widget = field.field.widget
    own = field.build_widget_attrs({"class": "form-check-input", "id": field.auto_id})
    attrs = {"type": "checkbox", "name": field.html_name, **widget.build_attrs(widget.attrs, own)}
    attrs["checked"] = widget.check_test(field.value())
    to, said = _text(field.id_for_label), _text(field.label)
    label = f'<label for="{to}" class="form-check-label">{said}</label>'
    return f'<div class="form-check"><input{_attributes(attrs)}>{label}</div>'


def _date_parts(field: BoundField) -> str:
    """As templates/components/date_parts.html: month, day and year, each with its label."""
    widget, value = field.field.widget, field.value()
    parts = value if isinstance(value, list) else widget.decompress(value)
    shared = widget.build_attrs(widget.attrs, field.build_widget_attrs({"id": field.auto_id}))
    found = ""
    for at, (part, label) in enumerate(zip(widget.widgets, ("Month", "Day", "Year"), strict=True)):
        attrs = part.build_attrs(part.attrs, {**shared, "id": f"{field.auto_id}_{at}"})
        said = part.format_value(parts[at])
        control = _input(part, f"{field.html_name}_{at}", said, attrs)
        found += f'<div><label for="{_text(attrs["id"])}">{label}</label>{control}</div>'
    return f'<div class="date-parts">{found}</div>'
