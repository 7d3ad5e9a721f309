from accounts.models.link import PrivateLink
from accounts.models.people import Licence, Membership, Prescriber, Supervision, User
from accounts.models.practice import Location, Practice, validate_time_zone
from accounts.models.standing import StandingReason

__all__ = [
    "Licence",
    "Location",
    "Membership",
    "Practice",
    "Prescriber",
    "PrivateLink",
    "StandingReason",
    "Supervision",
    "User",
    "validate_time_zone",
]
