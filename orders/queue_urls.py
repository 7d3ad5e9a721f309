from __future__ import annotations

from django.urls import path, register_converter

from orders.urls import ReferenceConverter
from orders.views import deciding, queue

register_converter(ReferenceConverter, "queued")

app_name = "queue"
urlpatterns = [
    path("", queue.show, name="list"),
    path("claim-next/", queue.claim_next, name="claim_next"),
    path("<queued:reference>/", queue.review, name="review"),
    path("<queued:reference>/claim/", queue.claim, name="claim"),
    path("<queued:reference>/checklist/", deciding.checklist, name="checklist"),
    path("<queued:reference>/approve/", deciding.approve, name="approve"),
    path("<queued:reference>/ask/", deciding.ask, name="ask"),
    path("<queued:reference>/reject/", deciding.reject, name="reject"),
    path("<queued:reference>/give-back/", deciding.give_back, name="give_back"),
    path("<queued:reference>/release/", deciding.release, name="release"),
]
