"""Questions to the pharmacist: strangers', members' and the staff's pages."""

from __future__ import annotations

from django.urls import path, register_converter

from intake.views import question_desk, questions


class ReferenceConverter:
    regex = "QU-[0-9A-HJKMNP-TV-Z]{8}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ReferenceConverter, "question")

app_name = "questions"
urlpatterns = [
    path("", questions.published, name="list"),
    path("ask/", questions.ask, name="ask"),
    path("sent/", questions.sent, name="sent"),
    path("mine/", questions.mine, name="mine"),
    path("queue/", question_desk.queue, name="queue"),
    path("queue/<question:reference>/", question_desk.review, name="review"),
    path("queue/<question:reference>/claim/", question_desk.claim, name="claim"),
    path("queue/<question:reference>/give-back/", question_desk.give_back, name="give_back"),
    path("queue/<question:reference>/answer/", question_desk.answer, name="answer"),
    path("queue/<question:reference>/close/", question_desk.close, name="close"),
    path("queue/<question:reference>/publish/", question_desk.publish, name="publish"),
    path("queue/<question:reference>/unpublish/", question_desk.unpublish, name="unpublish"),
    path("<slug:slug>/", questions.page, name="page"),
]
