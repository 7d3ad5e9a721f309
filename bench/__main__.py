"""Run by `make bench` on a throw-away stack. Prints what was measured; nothing here fails a build."""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Callable
from time import perf_counter

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def prepare() -> None:
    """Migrate and seed the empty database, and serve the reference views beside our pages."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test import override_settings

    settings.ROOT_URLCONF = "bench.reference"
    # Pages are measured, not the way to a second factor.
    settings.REQUIRE_MFA = False
    settings.ALLOWED_HOSTS = ["testserver"]
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    # Told to all who have read the setting already, as a model with a file field has.
    override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}).enable()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("seed_formulary", verbosity=0)
    from bench.reference import ROWS, Row
    from orders import demo

    with connection.schema_editor() as editor:
        editor.create_model(Row)
    Row.objects.bulk_create(
        Row(name=f"Sample {n}", city="Sampleton", state="NC", amount=4, days=n + 1)
        for n in range(ROWS * 4)
    )
    demo.build()


def side_by_side(
    ours: Callable[[], object], bare: Callable[[], object], times: int
) -> tuple[float, float]:
    """Median seconds of both, taken in turns so that a noisy machine disturbs both alike."""
    for act in (ours, bare, ours, bare):
        act()
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for act, list_ in zip((ours, bare), taken, strict=True):
            start = perf_counter()
            act()
            list_.append(perf_counter() - start)
    return statistics.median(taken[0]), statistics.median(taken[1])


def report(name: str, ours: float, bare: float, bar: float, versus: str) -> None:
    ratio = ours / bare
    mark = "within" if ratio <= bar else "OVER"
    print(
        f"{name:<34} {ours * 1000:8.2f} ms   {versus} {bare * 1000:7.2f} ms   "
        f"ratio {ratio:5.2f}   ({mark} {bar:g})",
        flush=True,
    )


def main() -> int:
    django.setup()
    prepare()
    from bench import (
        applications,
        apply,
        checking,
        icd,
        leie,
        notify,
        paper,
        queue,
        signing,
        verify,
    )
    from bench.dosing import milliseconds_for_an_order, three_step_regimens_per_second

    rate = three_step_regimens_per_second()
    print(f"{'dosing core':<34} {rate:8.0f} three-step regimens a second (bar 10000)", flush=True)
    taken = milliseconds_for_an_order()
    mark = "within" if taken <= 0.3 else "OVER"
    print(f"{'all rules, order of three steps':<34} {taken:8.3f} ms   ({mark} 0.3 ms)", flush=True)
    signing.run(side_by_side, report)
    checking.run(side_by_side, report)
    apply.run(side_by_side, report)
    queue.run(side_by_side, report)
    applications.run(side_by_side, report)
    notify.run()
    leie.run()
    verify.run()
    icd.run()
    paper.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
