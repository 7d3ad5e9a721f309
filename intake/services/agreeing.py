"""Accepting the agreements in person, and asking those who have not yet."""

from __future__ import annotations

import re
import unicodedata

from django.db import transaction

from accounts import links
from accounts.models import PrivateLink
from accounts.status import LinkPurpose
from intake.agreements import CURRENT, Agreement
from intake.facts import applicant_facts
from intake.models import Acceptance, Applicant
from intake.services.moves import Refused, note_applicant
from intake.status import DONE, Decision


class LinkUsed(Exception):
    """The private link was used up by somebody faster, or is no more."""


def missing(applicant: Applicant) -> list[Agreement]:
    """The present agreements that this prescriber has not accepted under the present name.

    A name corrected to another person's is another person, who has accepted nothing yet.
    """
    who = applicant_facts(applicant)
    # In Python: callers have prefetched the rows.
    have = {
        (row.agreement, row.agreement_version)
        for row in applicant.acceptances.all()
        if name_fits(row.typed_name, who.given_name, who.family_name)
    }
    return [one for one in CURRENT if (one.slug, one.version) not in have]


def name_fits(typed: str, given_name: str, family_name: str) -> bool:
    """Whether the typed name holds the first word of the given name and all of the family name.

    Capitals, accents, hyphens and the order do not matter.
    """
    words, given, family = _words(typed), _words(given_name), _words(family_name)
    if not given or not family:
        return False
    return given[0] in words and all(word in words for word in family)


@transaction.atomic
def accept(applicant: Applicant, *, typed_name: str, ip: str | None) -> None:
    """The prescriber, present in person, accepts what is still to be accepted."""
    Applicant.objects.select_for_update().get(pk=applicant.pk)
    fresh = missing(Applicant.objects.prefetch_related("acceptances").get(pk=applicant.pk))
    Acceptance.objects.bulk_create(
        Acceptance(
            applicant=applicant,
            agreement=one.slug,
            agreement_version=one.version,
            text_sha256=one.sha256,
            typed_name=typed_name,
            ip=ip,
        )
        for one in fresh
    )
    if fresh:
        note_applicant(applicant, "applicant.agreed", by=None)


@transaction.atomic
def accept_by_link(applicant: Applicant, link: PrivateLink, *, typed_name: str, ip: str) -> None:
    """The same, by the private link, which is used up with it. Raises LinkUsed."""
    if not links.spend(link):
        raise LinkUsed
    accept(applicant, typed_name=typed_name, ip=ip)
    links.take_back(LinkPurpose.ACCEPT, applicant.pk)


@transaction.atomic
def ask(applicant: Applicant) -> None:
    """Send the prescriber a private link to the agreements. Raises Refused when none are open."""
    if applicant.decision != Decision.PENDING or applicant.application.status in DONE:
        raise Refused("This prescriber is decided on already.")
    if not missing(applicant):
        raise Refused("This prescriber has accepted the agreements already.")
    note_applicant(applicant, "applicant.acceptance_asked", by=None)


def forget(applicant: Applicant) -> None:
    """Acceptances of a draft fall with the name they were typed for."""
    Acceptance.objects.filter(applicant=applicant).delete()


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return re.findall(r"[^\W\d_]+", letters.replace("'", "").replace("\u2019", ""))
