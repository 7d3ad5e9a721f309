"""The new-account form; opened by a private link, never by a sign-in."""

from __future__ import annotations

from django.urls import URLPattern, path

from intake.views import papers
from intake.views.apply import accepting, after, further, pages, rows, sending, starting

app_name = "apply"
_WHOSE = "<str:reference>/<slug:whose>/"
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
    path("<str:reference>/", pages.hub, name="hub"),
    path("<str:reference>/papers/", sending.paper_list, name="papers"),
    path("<str:reference>/papers/done/", sending.papers_done, name="papers_done"),
    path("<str:reference>/papers/<int:pk>/open/", papers.of_application, name="paper"),
    path("<str:reference>/papers/<int:pk>/remove/", sending.paper_remove, name="paper_remove"),
    path("<str:reference>/agreements/", sending.agreements, name="agreements"),
    path("<str:reference>/check/", sending.check, name="check"),
    path("<str:reference>/send/", sending.send, name="send"),
    path("<str:reference>/sent/", sending.sent, name="sent"),
    path("<str:reference>/print/", sending.printed, name="print"),
    path("<str:reference>/status/", after.status, name="status"),
    path("<str:reference>/answer/", after.answer, name="answer"),
    path("<str:reference>/delete/", starting.delete, name="delete"),
    path("<str:reference>/prescribers/add/", pages.add_prescriber, name="add_prescriber"),
    path(_WHOSE + "remove/", pages.remove_prescriber, name="remove_prescriber"),
    path(_WHOSE + "ask-again/", after.ask_again, name="ask_again"),
    path(_WHOSE + "<slug:slug>/", pages.section, name="section"),
    path(_WHOSE + "<slug:slug>/<int:number>/", rows.row, name="row"),
    path(_WHOSE + "<slug:slug>/<int:number>/remove/", rows.remove, name="remove_row"),
    path(_WHOSE + "<slug:slug>/keep/<int:number>/", pages.keep, name="keep"),
]
