"""The practice's pages: ordering, signing, following an order."""

from __future__ import annotations

from django.urls import include, path, register_converter

from orders.views import (
    cart,
    diagnoses,
    handing,
    ordering,
    paper,
    practice,
    refills,
    revising,
    signing,
    verbal,
)


class ReferenceConverter:
    regex = "RX-[0-9A-Z]{8}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ReferenceConverter, "order")

app_name = "orders"
urlpatterns = [
    path("patients/", include("orders.patient_urls")),
    path("orders/", practice.orders, name="list"),
    path("orders/new/", ordering.new, name="new"),
    path("orders/new/<uuid:token>/", ordering.form, name="form"),
    path("orders/check/", ordering.check, name="check"),
    path("orders/diagnoses/", diagnoses.diagnoses, name="diagnoses"),
    path("orders/to-sign/", cart.to_sign, name="to_sign"),
    path("orders/to-sign/sign/", cart.sign_ticked, name="sign_ticked"),
    path("orders/to-sign/hand-over/", cart.hand_over_ticked, name="hand_over_ticked"),
    path("orders/<order:reference>/", practice.detail, name="detail"),
    path("orders/<order:reference>/edit/", ordering.edit, name="edit"),
    path("orders/<order:reference>/review/", signing.review, name="review"),
    path("orders/<order:reference>/sign/", signing.send, name="sign"),
    path("orders/<order:reference>/keep/", signing.keep, name="keep_reading"),
    path("orders/<order:reference>/hand-over/", handing.hand_over, name="hand_over"),
    path("orders/<order:reference>/take-back/", handing.take_back, name="take_back"),
    path("orders/<order:reference>/answer/", practice.answer, name="answer"),
    path("orders/<order:reference>/cancel/", practice.cancel, name="cancel"),
    path("orders/<order:reference>/revise/", revising.revise, name="revise"),
    path("orders/<order:reference>/again/", revising.again, name="again"),
    path("orders/<order:reference>/refill/", refills.refill, name="refill"),
    path("orders/<order:reference>/countersign/", verbal.countersign, name="countersign"),
    path("orders/<order:reference>/print/", practice.printed, name="print"),
    path("orders/<order:reference>/prescription.pdf", paper.paper, name="paper"),
]
