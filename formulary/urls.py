"""The formulary, kept by pharmacists and read by the pharmacy's staff."""

from __future__ import annotations

from django.urls import path

from formulary.views import deciding, explaining, proposing, reading

app_name = "formulary"
_change = "changes/<slug:reference>/"
_row = "<slug:kind>/<int:pk>/"
urlpatterns = [
    path("", reading.overview, name="overview"),
    path("changes/", reading.changes, name="changes"),
    path(_change, deciding.show, name="change"),
    path(f"{_change}edit/", proposing.edit, name="edit"),
    path(f"{_change}send/", deciding.send, name="send"),
    path(f"{_change}approve/", deciding.approve, name="approve"),
    path(f"{_change}refuse/", deciding.refuse, name="refuse"),
    path(f"{_change}withdraw/", deciding.withdraw, name="withdraw"),
    path(f"{_change}put-in-force/", deciding.put_in_force, name="put_in_force"),
    path("why/<slug:code>/", explaining.why, name="why"),
    path("<slug:kind>/", reading.rows, name="rows"),
    path("<slug:kind>/add/", proposing.add, name="add"),
    path(_row, reading.row, name="row"),
    path(f"{_row}change/", proposing.change, name="change_row"),
    path(f"{_row}retire/", proposing.retire, name="retire"),
    path(f"{_row}restore/", proposing.restore, name="restore"),
    path(f"{_row}confirm/", proposing.confirm, name="confirm"),
]
