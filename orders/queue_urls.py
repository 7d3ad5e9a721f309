from __future__ import annotations

from django.urls import path, register_converter

from orders.urls import ReferenceConverter
from orders.views import deciding, holding, queue, refill_desk, verbal
from orders.views.what_would_change import what_would_change

register_converter(ReferenceConverter, "queued")

app_name = "queue"
urlpatterns = [
    path("", queue.show, name="list"),
    path("claim-next/", queue.claim_next, name="claim_next"),
    path("refills/", refill_desk.refills, name="refills"),
    path("what-would-change/<slug:reference>/", what_would_change, name="what_would_change"),
    path("<queued:reference>/", queue.review, name="review"),
    path("<queued:reference>/claim/", queue.claim, name="claim"),
    path("<queued:reference>/checklist/", deciding.checklist, name="checklist"),
    path("<queued:reference>/approve/", deciding.approve, name="approve"),
    path("<queued:reference>/ask/", deciding.ask, name="ask"),
    path("<queued:reference>/reject/", deciding.reject, name="reject"),
    path("<queued:reference>/give-back/", deciding.give_back, name="give_back"),
    path("<queued:reference>/release/", deciding.release, name="release"),
    path("<queued:reference>/hold/", holding.hold, name="hold"),
    path("<queued:reference>/end-hold/", holding.end_hold, name="end_hold"),
    path("<queued:reference>/verbal/", verbal.write, name="verbal"),
    path("<queued:reference>/withdraw/", holding.withdraw, name="withdraw"),
    path("<queued:reference>/fills/<int:number>/", refill_desk.refill, name="refill"),
    path(
        "<queued:reference>/fills/<int:number>/release/",
        refill_desk.release,
        name="release_refill",
    ),
    path("<queued:reference>/fills/<int:number>/refuse/", refill_desk.refuse, name="refuse_refill"),
]
