from intake.models.application import (
    Acceptance,
    Applicant,
    Application,
    InfoItem,
    InfoRequest,
)
from intake.models.check import (
    CheckPlan,
    CredentialCheck,
    Exclusion,
    ExclusionList,
    LicenceVerification,
    Settlement,
)
from intake.models.licence_notice import LicenceNotice, LicenceRenewal
from intake.models.paper import Upload
from intake.models.question import Question

__all__ = [
    "Acceptance",
    "Applicant",
    "Application",
    "CheckPlan",
    "CredentialCheck",
    "Exclusion",
    "ExclusionList",
    "InfoItem",
    "InfoRequest",
    "LicenceNotice",
    "LicenceRenewal",
    "LicenceVerification",
    "Question",
    "Settlement",
    "Upload",
]
