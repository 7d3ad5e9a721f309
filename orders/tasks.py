"""Work that nobody waits for."""

from __future__ import annotations

from celery import shared_task

from orders.forms.patient_rows import Judging
from orders.services import claims, fills, holding, patient_imports, validity, verbal


@shared_task(name="orders.tasks.release_lapsed_claims")
def release_lapsed_claims() -> None:
    claims.release_lapsed_claims()


@shared_task(name="orders.tasks.end_holds_due")
def end_holds_due() -> None:
    holding.end_holds_due()


@shared_task(name="orders.tasks.expire_orders")
def expire_orders() -> None:
    validity.expire_due()


@shared_task(name="orders.tasks.tell_of_endings")
def tell_of_endings() -> None:
    validity.notice_due()
    fills.notice_last()


@shared_task(name="orders.tasks.ask_to_countersign")
def ask_to_countersign() -> None:
    verbal.remind_due()


@shared_task(name="orders.tasks.work_on_patient_imports")
def work_on_patient_imports() -> None:
    patient_imports.work_on_all(Judging())


@shared_task(name="orders.tasks.forget_patient_imports")
def forget_patient_imports() -> None:
    patient_imports.forget_old()
