from accounts.models.link import PrivateLink
from accounts.models.people import Licence, Membership, Prescriber, User
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
    "User",
    "validate_time_zone",
]
