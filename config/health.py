"""/livez: the process answers. /readyz: what it leans on; Redis or worker away is `degraded`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache

from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from notifications import wake
from notifications.models import Heartbeat

WORKER_SILENT_AFTER = timedelta(seconds=30)


class HealthChecks:
    """Answer probes before the host and redirect rules, which a probe from inside fails."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = {"/livez": livez, "/readyz": readyz}.get(request.path)
        return answer(request) if answer else self.get_response(request)


def livez(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """503 only when the database or a migration is missing: orders are taken without the rest."""
    database = _database()
    checks = {
        "database": database,
        "migrations": _migrations() if database == "ok" else "unknown",
        "broker": _broker(),
        "worker": _worker() if database == "ok" else "unknown",
    }
    return JsonResponse(
        {"status": _status(checks), **checks}, status=503 if _status(checks) == "down" else 200
    )


def _status(checks: dict[str, str]) -> str:
    if checks["database"] != "ok" or checks["migrations"] != "ok":
        return "down"
    return "ok" if checks["broker"] == checks["worker"] == "ok" else "degraded"


def _database() -> str:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '1s'")
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "down"
    return "ok"


def _migrations() -> str:
    try:
        return _all_applied()
    except (DatabaseError, LookupError):
        return "pending"


@cache
def _all_applied() -> str:
    """Remembered once true: this process's migrations cannot become unapplied. Else LookupError."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise LookupError
    return "ok"


def _broker() -> str:
    return "ok" if wake.answers() else "down"


def _worker() -> str:
    """Ok when a task ran lately: the beat, Redis and a worker together keep this row fresh."""
    try:
        fresh = Heartbeat.objects.filter(at__gt=timezone.now() - WORKER_SILENT_AFTER).exists()
    except DatabaseError:
        return "unknown"
    return "ok" if fresh else "silent"
