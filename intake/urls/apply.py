"""The new-account form; opened by a private link, never by a sign-in."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter

from intake.urls.review import ReferenceConverter
from intake.views import papers
from intake.views.apply import accepting, after, further, pages, rows, sending, starting

register_converter(ReferenceConverter, "applied")

app_name = "apply"
_WHOSE = "<applied:reference>/<slug:whose>/"
urlpatterns: list[URLPattern] = [
    path("", starting.start, name="start"),
    path("begin/", starting.begin, name="begin"),
    path("lost/", starting.lost, name="lost"),
    path("return/<str:token>/", starting.resume, name="return"),
    path("accept/<str:token>/", accepting.accept, name="accept"),
    path("agreed/", accepting.agreed, name="agreed"),
    path("agreements/", accepting.agreement_list, name="agreement_list"),
    path("agreements/<slug:slug>/<str:version>/", accepting.agreement, name="agreement"),
    path("further/", further.further, name="further"),
    path("<applied:reference>/", pages.hub, name="hub"),
    path("<applied:reference>/papers/", sending.paper_list, name="papers"),
    path("<applied:reference>/papers/done/", sending.papers_done, name="papers_done"),
    path("<applied:reference>/papers/<int:pk>/open/", papers.of_application, name="paper"),
    path("<applied:reference>/papers/<int:pk>/remove/", sending.paper_remove, name="paper_remove"),
    path("<applied:reference>/agreements/", sending.agreements, name="agreements"),
    path("<applied:reference>/check/", sending.check, name="check"),
    path("<applied:reference>/send/", sending.send, name="send"),
    path("<applied:reference>/sent/", sending.sent, name="sent"),
    path("<applied:reference>/print/", sending.printed, name="print"),
    path("<applied:reference>/status/", after.status, name="status"),
    path("<applied:reference>/answer/", after.answer, name="answer"),
    path("<applied:reference>/delete/", starting.delete, name="delete"),
    path("<applied:reference>/prescribers/add/", pages.add_prescriber, name="add_prescriber"),
    path(_WHOSE + "remove/", pages.remove_prescriber, name="remove_prescriber"),
    path(_WHOSE + "ask-again/", after.ask_again, name="ask_again"),
    path(_WHOSE + "<slug:slug>/", pages.section, name="section"),
    path(_WHOSE + "<slug:slug>/<int:number>/", rows.row, name="row"),
    path(_WHOSE + "<slug:slug>/<int:number>/remove/", rows.remove, name="remove_row"),
    path(_WHOSE + "<slug:slug>/keep/<int:number>/", pages.keep, name="keep"),
]
