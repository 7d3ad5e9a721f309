"""The practice's own pages."""

from __future__ import annotations

from django.urls import path

from intake.views import papers, practice, practice_licences, practice_people, practice_places

app_name = "practice"
urlpatterns = [
    path("", practice.home, name="home"),
    path("switch/", practice.switch, name="switch"),
    path("people/", practice_people.people, name="people"),
    path("people/invite/", practice_people.invite_delegate, name="invite"),
    path("people/leave/", practice_people.leave, name="leave"),
    path("people/<int:pk>/duties/", practice_people.duties, name="duties"),
    path("people/<int:pk>/resend/", practice_people.resend, name="resend"),
    path("people/<int:pk>/remove/", practice_people.remove, name="remove"),
    path("licences/", practice_licences.licences, name="licences"),
    path("licences/<int:pk>/renew/", practice_licences.renew, name="renew"),
    path("prescribers/<int:pk>/licence/", practice_licences.new_licence, name="licence"),
    path("locations/", practice_places.locations, name="locations"),
    path("locations/new/", practice_places.new_location, name="new_location"),
    path("locations/<int:pk>/", practice_places.location, name="location"),
    path("locations/<int:pk>/close/", practice_places.closing, name="close_location"),
    path("papers/<int:pk>/", papers.of_practice, name="paper"),
    path("delivery/", practice_places.billing, name="billing"),
    path("details/", practice_places.details, name="details"),
]
