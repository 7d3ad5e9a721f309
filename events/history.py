"""Every version of a tracked table's rows: who wrote it, when, and what it said before.

The database writes the versions by triggers, so `QuerySet.update` and raw SQL are caught as well.
`@tracked("patient")` above a model makes its append-only table of versions; a row's own versions
are its `versions`. `acting(...)` tells the database on whose behalf the statements inside it come.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeVar

import pghistory
from django.db import connection, models
from django.db.migrations import RunPython

from events.triggers import never_truncated

_Model = TypeVar("_Model", bound=type[models.Model])


def tracked(table: str, *, exclude: Sequence[str] = ()) -> Callable[[_Model], _Model]:
    """Keep all columns of every version, but `exclude`. `table` names the trigger's refusal.

    The migration that adds it ends with `keep_what_stands(app, model)`.
    """
    return pghistory.track(  # type: ignore[no-any-return]
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        exclude=list(exclude),
        append_only=True,
        obj_field=pghistory.ObjForeignKey(related_name="versions"),
        # With the row, not in a table of its own: one insert a change.
        context_field=pghistory.ContextJSONField(),
        context_id_field=None,  # type: ignore[arg-type]
        meta={"triggers": [never_truncated(f"{table}_history")], "ordering": ["pgh_id"]},
    )


class _Acting(threading.local):
    """Who acts in this thread; None outside `acting`."""

    said: dict[str, object] | None = None


_now = _Acting()
_WRITES = ("insert", "update", "delete", "merge", "with", "do ", "call")
# What the library's triggers read; it ends with the transaction.
_TELL = "SELECT set_config('pghistory.context_metadata', {}, true)"


@contextmanager
def acting(
    *, user: int | None = None, request: str = "", task: str = "", command: str = ""
) -> Iterator[None]:
    """Note on each version written inside who acts: a user in a request, a task, a command."""
    said = {"user": user, "request": request, "task": task, "command": command}
    before = _now.said
    _now.said = {**(before or {}), **{key: value for key, value in said.items() if value}}
    try:
        with nullcontext() if before is not None else connection.execute_wrapper(_tell):
            yield
    finally:
        _now.said = before


def _tell(execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Say who acts in front of a statement that may write, in the same round trip.

    `pghistory.context` does so too, but breaks a statement without parameters that holds a
    percent sign, and each `executemany`; it also adds to every savepoint.
    """
    if not isinstance(sql, str) or not sql.lstrip()[:6].lower().startswith(_WRITES):
        return execute(sql, params, many, context)
    said = json.dumps(_now.said)
    if many:
        execute(_TELL.format("%s"), [(said,)], many, context)
        return execute(sql, params, many, context)
    if isinstance(params, dict):
        told, both = _TELL.format("%(acting)s"), {**params, "acting": said}
        done = execute(f"{told}; {sql}", both, many, context)
    else:
        rest = sql if params is not None else sql.replace("%", "%%")
        done = execute(f"{_TELL.format('%s')}; {rest}", (said, *(params or ())), many, context)
    # The statement's own result is the last one.
    while done is not None and done.nextset():
        pass
    return done


@dataclass(frozen=True, slots=True)
class Change:
    """One column of one version; the values as the model has them."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Version:
    """`kind` is insert, update or delete; `changes` is empty for the first.

    `user` is None where a task or a command wrote, or somebody at the database itself.
    """

    at: dt.datetime
    kind: str
    user: int | None
    source: str
    changes: tuple[Change, ...]


def versions(row: models.Model, *, but: Sequence[str] = ()) -> list[Version]:
    """The row's versions, oldest first; two statements' versions are two even in one request.

    Columns named in `but` are left out, and so are versions in which nothing else changed.
    """
    kept: list[Any] = list(row.versions.order_by("pgh_id"))  # type: ignore[attr-defined]
    names = [field.attname for field in row._meta.concrete_fields if field.name not in but]
    found = []
    for before, after in zip([None, *kept], kept, strict=False):
        changes = _changes(before, after, names) if before is not None else ()
        if changes or before is None or after.pgh_label == "delete":
            found.append(_version(after, changes))
    return found


def _changes(before: Any, after: Any, names: list[str]) -> tuple[Change, ...]:
    pairs = [(name, getattr(before, name), getattr(after, name)) for name in names]
    return tuple(Change(name, was, now) for name, was, now in pairs if was != now)


def _version(row: Any, changes: tuple[Change, ...]) -> Version:
    told = row.pgh_context or {}
    source = told.get("task") or told.get("command") or ""
    return Version(row.pgh_created_at, row.pgh_label, told.get("user"), source, changes)


def keep_what_stands(app: str, model: str) -> RunPython:
    """For the migration that begins to track `model`: its rows as they stand are first versions."""

    def keep(apps: Any, schema_editor: Any) -> None:
        rows = apps.get_model(app, model)
        kept = apps.get_model(app, f"{model}Event")
        names = {field.attname for field in kept._meta.concrete_fields}
        shared = [f.attname for f in rows._meta.concrete_fields if f.attname in names]
        for row in rows.objects.order_by("pk").iterator():
            values = {name: getattr(row, name) for name in shared}
            kept.objects.create(pgh_label="insert", pgh_obj_id=row.pk, **values)

    return RunPython(keep, RunPython.noop)
