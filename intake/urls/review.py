"""The staff's queue of applications."""

from __future__ import annotations

from django.urls import path, register_converter

from intake.views import papers, review, review_deciding


class ReferenceConverter:
    regex = "NA-[0-9A-HJKMNP-TV-Z]{8}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ReferenceConverter, "reviewed")

_ONE = "<reviewed:reference>/"
_PERSON = f"{_ONE}prescribers/<int:position>/"

app_name = "applications"
urlpatterns = [
    path("", review.show, name="list"),
    path("claim-next/", review.claim_next, name="claim_next"),
    path("papers/<int:pk>/", papers.for_review, name="paper"),
    path(_ONE, review.review, name="review"),
    path(f"{_ONE}claim/", review.claim, name="claim"),
    path(f"{_ONE}give-back/", review_deciding.give_back, name="give_back"),
    path(f"{_ONE}release/", review_deciding.release, name="release"),
    path(f"{_ONE}ask/", review_deciding.ask, name="ask"),
    path(f"{_ONE}recheck/", review_deciding.recheck, name="recheck"),
    path(f"{_ONE}checks/<int:pk>/settle/", review_deciding.settle, name="settle"),
    path(f"{_PERSON}licences/<int:number>/verify/", review_deciding.verify, name="verify"),
    path(f"{_PERSON}approve/", review_deciding.approve, name="approve"),
    path(f"{_PERSON}reject/", review_deciding.reject, name="reject"),
]
