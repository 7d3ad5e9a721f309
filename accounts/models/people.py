from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import F
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.models.practice import Practice
from accounts.permissions import Right, rights_of
from accounts.querysets import (
    LicenceQuerySet,
    MembershipQuerySet,
    PrescriberQuerySet,
    UserManager,
)
from accounts.status import (
    PRACTICE_ROLES,
    PRESCRIBER_MOVES,
    AccountStatus,
    Credential,
    Duty,
    Role,
)
from accounts.triggers import account_moves_by_the_table


class User(AbstractBaseUser):
    """One person, one account, known by the e-mail address."""

    email = models.EmailField(unique=True, max_length=254)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    # The practice worked for now, by people who belong to several.
    chosen_practice = models.ForeignKey(
        Practice, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="user_email_is_lower_case"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def membership(self) -> Membership | None:
        """What the person is now; read anew with each request, so a lost right acts at once.

        Of several practices it is the chosen one, else the one joined last; one that has left the
        pharmacy only for who has no other.
        """
        is_chosen = models.ExpressionWrapper(
            models.Q(practice_id=F("user__chosen_practice_id")), models.BooleanField()
        )
        has_left = models.Case(
            models.When(practice__status=AccountStatus.DEACTIVATED, then=1), default=0
        )
        mine = self._open_memberships()
        return mine.order_by(
            has_left, is_chosen.desc(nulls_last=True), "-started_at", "-pk"
        ).first()

    @property
    def role(self) -> Role | None:
        return Role(self.membership.role) if self.membership else None

    @property
    def practice(self) -> Practice:
        """The practice worked for now. Raises PermissionDenied for who works for none."""
        if self.membership is None or self.membership.practice is None:
            raise PermissionDenied("This is a matter of a practice, and you work for none.")
        return self.membership.practice

    @property
    def practice_id(self) -> int | None:
        return self.membership.practice_id if self.membership else None

    @property
    def rights(self) -> frozenset[Right]:
        """What the person may do now. Members of a deactivated practice may nothing there, and
        deactivated prescribers nothing in any practice."""
        return self._rights_by(self.membership)

    @property
    def rights_anywhere(self) -> frozenset[Right]:
        """What the person may do in any of their places, whichever they work for now."""
        return frozenset[Right]().union(*map(self._rights_by, self._open_memberships()))

    def rights_at(self, practice_id: int) -> frozenset[Right]:
        """What the person may do in that practice, whether or not they work for it now."""
        return self._rights_by(self._open_memberships().filter(practice_id=practice_id).first())

    def _rights_by(self, here: Membership | None) -> frozenset[Right]:
        if not self.is_active or here is None:
            return frozenset()
        has_left = getattr(here, "prescriber_status", None) == AccountStatus.DEACTIVATED
        if here.practice and (here.practice.is_closed or has_left):
            return frozenset()
        return rights_of(Role(here.role), here.duties)

    def _open_memberships(self) -> MembershipQuerySet:
        """With what rights depend on: the practice, and where the prescriber's account stands."""
        mine = self.memberships.open().select_related("practice")
        found: MembershipQuerySet = mine.annotate(prescriber_status=F("user__prescriber__status"))
        return found

    def has_right(self, right: Right) -> bool:
        return right in self.rights

    # What Django's admin asks of a user: administrators may do all there, everybody else nothing.
    @property
    def is_staff(self) -> bool:
        return self.has_right(Right.USE_ADMIN_SITE)

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class Membership(models.Model):
    """A person's role: in a practice for prescribers and delegates, in the pharmacy for staff."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    practice = models.ForeignKey(
        Practice, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    role = models.CharField(max_length=20, choices=Role.choices)
    # What a delegate does here; empty for every other role.
    duties = ArrayField(models.CharField(max_length=20, choices=Duty.choices), default=list)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=PRACTICE_ROLES, practice__isnull=False)
                | (~models.Q(role__in=PRACTICE_ROLES) & models.Q(practice=None)),
                name="practice_roles_have_a_practice_and_staff_none",
            ),
            models.CheckConstraint(
                condition=models.Q(role=Role.DELEGATE) | models.Q(duties=[]),
                name="only_delegates_have_duties",
            ),
            models.UniqueConstraint(
                fields=["user", "practice"],
                condition=models.Q(ended_at=None),
                nulls_distinct=False,
                name="a_person_holds_one_role_in_a_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class Prescriber(models.Model):
    """A person who may sign orders, as the pharmacy approved them; for which practices, the
    memberships tell."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="prescriber")
    given_name = models.CharField(max_length=60)
    family_name = models.CharField(max_length=60)
    credential = models.CharField(max_length=5, choices=Credential.choices)
    # What the credential is called, where it is none of the list.
    other_credential = models.CharField(max_length=60, blank=True)
    npi = models.CharField(max_length=10, unique=True)
    dea = models.CharField(max_length=9, blank=True)
    dea_expires_on = models.DateField(null=True, blank=True)
    status = models.CharField(
        max_length=20, choices=AccountStatus.choices, default=AccountStatus.APPROVED
    )
    # Why the account was suspended or deactivated; empty while it is open.
    status_reason = models.CharField(max_length=300, blank=True)

    objects = PrescriberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(npi__regex=r"^[12][0-9]{9}$"), name="npi_has_ten_digits"
            ),
        ]
        triggers = [account_moves_by_the_table("prescriber", PRESCRIBER_MOVES)]

    def __str__(self) -> str:
        return self.printed_name

    @property
    def printed_name(self) -> str:
        return f"{self.given_name} {self.family_name}, {self.printed_credential}"

    @property
    def printed_credential(self) -> str:
        return self.other_credential or self.credential

    def may_order_for(self, practice: Practice) -> bool:
        """Whether the pharmacy takes orders from this person for that practice now.

        Read anew: what this object says of them may be older than a suspension.
        """
        here = self.user.memberships.open().filter(practice=practice, role=Role.PRESCRIBER)
        return here.filter(
            practice__status=AccountStatus.APPROVED,
            user__is_active=True,
            user__prescriber__status=AccountStatus.APPROVED,
        ).exists()

    def practises_at(self, practice: Practice) -> bool:
        """Whether the person prescribes in the practice now."""
        mine = self.user.memberships.open()
        return mine.filter(practice=practice, role=Role.PRESCRIBER).exists()

    def licence_for(self, state: str, *, on: date) -> Licence | None:
        """A licence that holds in `state` on that day, or None."""
        return self.licences.valid_on(on, state=state).order_by("-expires_on").first()


class Licence(models.Model):
    """A state's permission to prescribe."""

    prescriber = models.ForeignKey(Prescriber, on_delete=models.PROTECT, related_name="licences")
    state = models.CharField(max_length=2)
    kind = models.CharField(max_length=40, default="Medical")
    number = models.CharField(max_length=30)
    expires_on = models.DateField()
    # Prescriptive-authority number, where the state gives nurses and assistants one.
    authority = models.CharField(max_length=30, blank=True)

    objects = LicenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["prescriber", "state", "number"], name="licence_stands_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.number}"


class Supervision(models.Model):
    """The physician who supervises a nurse or assistant, where a state puts the name on the
    prescription."""

    prescriber = models.ForeignKey(
        Prescriber, on_delete=models.PROTECT, related_name="supervisions"
    )
    name = models.CharField(max_length=120)
    npi = models.CharField(max_length=10)
    licence_state = models.CharField(max_length=2)
    licence_number = models.CharField(max_length=30)
    phone = models.CharField(max_length=20)
    address = models.CharField(max_length=200)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(npi__regex=r"^[12][0-9]{9}$"),
                name="supervisor_npi_has_ten_digits",
            ),
            models.UniqueConstraint(
                fields=["prescriber", "licence_state"],
                condition=models.Q(ended_at=None),
                name="a_prescriber_has_one_supervisor_a_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.licence_state}"
