"""Time zones of the United States by name, and which one most of a state keeps."""

from __future__ import annotations

# The first group covers most of the country; the second keeps other summers or history.
USUAL = (
    ("America/New_York", "Eastern"),
    ("America/Chicago", "Central"),
    ("America/Denver", "Mountain"),
    ("America/Phoenix", "Mountain, no daylight saving (Arizona)"),
    ("America/Los_Angeles", "Pacific"),
    ("America/Anchorage", "Alaska"),
    ("Pacific/Honolulu", "Hawaii"),
)
LOCAL = (
    ("America/Adak", "Alaska, western Aleutians"),
    ("America/Boise", "Idaho, south"),
    ("America/Detroit", "Michigan"),
    ("America/Indiana/Indianapolis", "Indiana"),
    ("America/Indiana/Knox", "Indiana, Knox"),
    ("America/Indiana/Tell_City", "Indiana, Tell City"),
    ("America/Juneau", "Alaska, Juneau"),
    ("America/Kentucky/Louisville", "Kentucky, Louisville"),
    ("America/Kentucky/Monticello", "Kentucky, Monticello"),
    ("America/Menominee", "Michigan, Wisconsin border"),
    ("America/North_Dakota/Center", "North Dakota, Oliver"),
    ("America/Sitka", "Alaska, Sitka"),
    ("America/Puerto_Rico", "Atlantic (Puerto Rico, Virgin Islands)"),
    ("Pacific/Guam", "Chamorro (Guam, Northern Mariana Islands)"),
    ("Pacific/Pago_Pago", "Samoa"),
)
NAMES = dict((*USUAL, *LOCAL))

_BY_ZONE = {
    "America/New_York": "CT DC DE FL GA KY ME MD MA NH NJ NY NC OH PA RI SC VT VA WV",
    "America/Detroit": "MI",
    "America/Indiana/Indianapolis": "IN",
    "America/Chicago": "AL AR IL IA KS LA MN MS MO NE ND OK SD TN TX WI",
    "America/Denver": "CO MT NM UT WY",
    "America/Boise": "ID",
    "America/Phoenix": "AZ",
    "America/Los_Angeles": "CA NV OR WA",
    "America/Anchorage": "AK",
    "Pacific/Honolulu": "HI",
    "America/Puerto_Rico": "PR VI",
    "Pacific/Guam": "GU MP",
    "Pacific/Pago_Pago": "AS",
}
# The zone of most people in a state: a suggestion, never a choice made for anybody. Military
# addresses (AA, AE, AP) are in many.
OF_STATE = {state: zone for zone, states in _BY_ZONE.items() for state in states.split()}
