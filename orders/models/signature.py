from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Prescriber
from accounts.status import ProvedBy
from events.triggers import append_only
from formulary.models import FormularyEdition, Reason
from orders.models.order import Order
from orders.status import SignatureKind


class _WhileUnsigned(pgtrigger.Trigger):
    """Refuse rows of a signature for an order that has left draft, or of another prescriber."""

    when = pgtrigger.Before
    operation = pgtrigger.Insert
    declare = [("order_now", "orders_order%ROWTYPE")]

    def __init__(self, *, name: str, wrong: str = "FALSE") -> None:
        super().__init__(name=name)
        self.func = f"""
            SELECT * INTO order_now FROM orders_order WHERE id = NEW.order_id;
            IF order_now.status NOT IN ('draft', 'awaiting_signature') OR {wrong} THEN
                RAISE EXCEPTION 'pgtrigger: order % cannot be signed like this', NEW.order_id;
            END IF;
            RETURN NEW;
        """  # noqa: S608  no text from outside


class Signature(models.Model):
    """What the prescriber signed, word for word, and who, when and from where."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="signature")
    prescriber = models.ForeignKey(Prescriber, on_delete=models.PROTECT, related_name="+")
    token = models.UUIDField()
    # What the signing form sent: the hash of the content shown and the reasons given.
    form_sha256 = models.CharField(max_length=64)
    meaning = models.CharField(max_length=200)
    printed_name = models.CharField(max_length=140)
    credential = models.CharField(max_length=60, blank=True)
    npi = models.CharField(max_length=10)
    licence = models.CharField(max_length=60)
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    ip = models.GenericIPAddressField(null=True)
    # How the signer proved in the same act who they are; blank of the first release.
    method = models.CharField(max_length=10, choices=ProvedBy.choices, blank=True)
    kind = models.CharField(
        max_length=10, choices=SignatureKind.choices, default=SignatureKind.SIGNED
    )
    # The formulary that was in force, with which the approval compares.
    edition = models.ForeignKey(
        FormularyEdition, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Of a verbal order: who wrote it down, who spoke and when, and that it was read back.
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    spoke_with = models.CharField(max_length=120, blank=True)
    spoken_at = models.DateTimeField(null=True)
    read_back = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["prescriber", "token"], name="a_signing_form_signs_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="signed", recorded_by=None, read_back=False)
                | Q(
                    kind="verbal",
                    recorded_by__isnull=False,
                    spoken_at__isnull=False,
                    read_back=True,
                )
                & ~Q(spoke_with=""),
                name="a_verbal_order_was_read_back",
            ),
        ]
        indexes = [
            models.Index(fields=["signed_at"], name="verbal_orders", condition=Q(kind="verbal"))
        ]
        triggers = [
            *append_only("signature"),
            _WhileUnsigned(
                name="signature_is_of_a_draft_and_its_prescriber",
                wrong="order_now.prescriber_id <> NEW.prescriber_id",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.printed_name}, {self.order_id}"


class OrderFinding(models.Model):
    """What the check found at signing, with the prescriber's coded reason for each warning."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="findings")
    code = models.CharField(max_length=40)
    level = models.CharField(max_length=20)
    step = models.PositiveSmallIntegerField(null=True)
    text = models.TextField()
    # `Finding.key`, by which a later check knows it again; empty in orders of the first release.
    key = models.CharField(max_length=80, blank=True)
    source = models.CharField(max_length=300, blank=True)
    reason = models.ForeignKey(Reason, on_delete=models.PROTECT, null=True, related_name="+")
    # The reason as it read on the page, a confirmed dose in words included.
    reason_label = models.CharField(max_length=200, blank=True)
    reason_text = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(level="warn") | Q(reason__isnull=False),
                name="a_warning_is_signed_with_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(level__in=["stop", "not_answered"]),
                name="a_stop_is_never_signed",
            ),
        ]
        triggers = [
            *append_only("orderfinding"),
            _WhileUnsigned(name="findings_are_stored_with_the_signature"),
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.level})"
