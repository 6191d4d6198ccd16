"""Who people are and what they may do: rules without I/O.

A member has one status (what he or she is to the Party) and any number of roles (what he or she does here). Rights follow from
roles through the few functions below and are never decided inline elsewhere. A visitor is `None`, not a kind of member.
"""

import enum
import itertools
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ..core.errors import Conflict, Forbidden, Unprocessable
from .common_passwords import COMMON_PASSWORDS

PASSWORD_LEAST = 10
PASSWORD_MOST = 128
NAME_MOST = 40
BRANCH_NAME_MOST = 60
CITY_MOST = 40
REF_MOST = 32
VISITOR_NAME_MOST = 12

# Eleven digits that begin with 1: the demo's numbers begin with 100, which no operator hands out, so no finer rule.
_MOBILE = re.compile(r"1[0-9]{10}\Z")
_MOBILE_FILLING = re.compile(r"[\s()\-‐‑–—.]+")
_MOBILE_PREFIX = re.compile(r"\A(?:\+|00)?86(?=1[0-9]{10}\Z)")


class Role(enum.StrEnum):
    """Code names of the glossary; `label` is what people read."""

    COMMITTEE_SECRETARY = "committee_secretary"
    COMMITTEE_DEPUTY_SECRETARY = "committee_deputy_secretary"
    BRANCH_SECRETARY = "branch_secretary"
    BRANCH_DEPUTY_SECRETARY = "branch_deputy_secretary"
    DISCIPLINE_SECRETARY = "discipline_secretary"
    AFFAIRS_STAFF = "affairs_staff"
    RED_HOST = "red_host"
    MODERATOR = "moderator"
    ORGANISER = "organiser"
    ADMINISTRATOR = "administrator"
    UNION_STAFF = "union_staff"
    BRANCH_ORGANISER = "branch_organiser"
    BRANCH_PUBLICITY = "branch_publicity"
    BRANCH_DISCIPLINE = "branch_discipline"
    APPRAISAL_CLERK = "appraisal_clerk"

    @property
    def label(self) -> str:
        return _ROLE_LABELS[self]


SECRETARIES = (
    Role.COMMITTEE_SECRETARY,
    Role.COMMITTEE_DEPUTY_SECRETARY,
    Role.BRANCH_SECRETARY,
    Role.BRANCH_DEPUTY_SECRETARY,
)


class Status(enum.StrEnum):
    """`employee` is not a Party member; the other three are."""

    FULL = "full"
    PROBATIONARY = "probationary"
    RETIRED = "retired"
    EMPLOYEE = "employee"

    @property
    def label(self) -> str:
        return _STATUS_LABELS[self]


class MemberSort(enum.StrEnum):
    """A heading of the roster; a minus turns it round."""

    NAME = "name"
    NAME_DOWN = "-name"
    BRANCH = "branch"
    BRANCH_DOWN = "-branch"
    SIGNED_IN = "last_sign_in"
    SIGNED_IN_DOWN = "-last_sign_in"


class MemberState(enum.StrEnum):
    """Of an account: `invited` has no password yet, `disabled` cannot sign in."""

    ACTIVE = "active"
    INVITED = "invited"
    DISABLED = "disabled"

    @property
    def label(self) -> str:
        return _STATE_LABELS[self]


_ROLE_LABELS = {
    Role.COMMITTEE_SECRETARY: "党委书记",
    Role.COMMITTEE_DEPUTY_SECRETARY: "党委副书记",
    Role.BRANCH_SECRETARY: "支部书记",
    Role.BRANCH_DEPUTY_SECRETARY: "支部副书记",
    Role.DISCIPLINE_SECRETARY: "纪委书记",
    Role.AFFAIRS_STAFF: "专职党务干部",
    Role.RED_HOST: "红色主播",
    Role.MODERATOR: "审核员",
    Role.ORGANISER: "组织者",
    Role.ADMINISTRATOR: "管理员",
    Role.UNION_STAFF: "工会工作人员",
    Role.BRANCH_ORGANISER: "组织委员",
    Role.BRANCH_PUBLICITY: "宣传委员",
    Role.BRANCH_DISCIPLINE: "纪检委员",
    Role.APPRAISAL_CLERK: "评议工作人员",
}
_STATUS_LABELS = {
    Status.FULL: "正式党员",
    Status.PROBATIONARY: "预备党员",
    Status.RETIRED: "退休党员",
    Status.EMPLOYEE: "非党员职工",
}
_STATE_LABELS = {MemberState.ACTIVE: "已激活", MemberState.INVITED: "待激活", MemberState.DISABLED: "已停用"}


@dataclass(frozen=True, slots=True)
class Member:
    """A signed-in person as of at most a few seconds ago, and the session that proves it."""

    id: str
    name: str
    branch_id: str | None
    branch_name: str | None
    status: Status
    roles: frozenset[Role]
    session_id: str
    is_member: ClassVar[bool] = True

    def has(self, *roles: Role) -> bool:
        """Whether at least one of `roles` is held."""
        return not self.roles.isdisjoint(roles)

    @property
    def is_party_member(self) -> bool:
        return self.status is not Status.EMPLOYEE

    @property
    def is_secretary(self) -> bool:
        """Of the committee or of a branch, deputies included."""
        return self.has(*SECRETARIES)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody from outside who has proven a mobile number, and the session that says so. No right of a member's follows."""

    id: str
    name: str
    session_id: str
    is_member: ClassVar[bool] = False


Speaker = Member | Visitor
"""Whoever can write, where it is allowed: nobody does without having proven who they are."""


@dataclass(frozen=True, slots=True)
class Person:
    """What other people may see of somebody."""

    id: str
    name: str
    branch_id: str | None
    branch_name: str | None
    status: Status
    roles: frozenset[Role]
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """What staff see of somebody."""

    id: str
    ref: str | None
    name: str
    mobile: str
    branch_id: str | None
    branch_name: str | None
    status: Status
    roles: frozenset[Role]
    state: MemberState
    last_sign_in_at: datetime | None

    @property
    def person(self) -> Person:
        disabled = self.state is MemberState.DISABLED
        return Person(self.id, self.name, self.branch_id, self.branch_name, self.status, self.roles, disabled)


@dataclass(frozen=True, slots=True)
class Branch:
    """`members` counts those not disabled."""

    id: str
    name: str
    city: str
    members: int


# Rights ---------------------------------------------------------------------------------------------------------------

MEMBER_STAFF = (Role.ADMINISTRATOR, Role.AFFAIRS_STAFF)


def check_may_grant(actor_roles: Collection[Role]) -> None:
    """Roles are given and taken by administrators alone."""
    if Role.ADMINISTRATOR not in actor_roles:
        raise Forbidden("role_needed", "只有管理员可以授予或收回角色")


def may_act_on_account(actor_roles: Collection[Role], target_roles: Iterable[Role]) -> bool:
    """Whether the actor may change what signs somebody in: mobile, activation code, disabling, sessions.

    With a new mobile and a fresh code one could enter as that member. So nobody but an administrator may do it to people who
    hold a role the actor does not hold; otherwise affairs staff could make themselves administrators by a detour.
    """
    return Role.ADMINISTRATOR in actor_roles or set(target_roles) <= set(actor_roles)


def check_may_act_on_account(actor_roles: Collection[Role], target_roles: Iterable[Role]) -> None:
    if not may_act_on_account(actor_roles, target_roles):
        raise Forbidden("account_protected", "该成员担任职务，请由管理员办理")


def check_administrator_remains(effective: Collection[str], leaving: str) -> None:
    """`effective`: ids of administrators who can sign in. Refuse to lose the last of them."""
    if leaving in effective and len(effective) == 1:
        raise Conflict("last_administrator", "这是最后一名管理员，请先授予他人管理员角色")


def state_of(*, has_password: bool, disabled: bool) -> MemberState:
    if disabled:
        return MemberState.DISABLED
    return MemberState.ACTIVE if has_password else MemberState.INVITED


# Texts ----------------------------------------------------------------------------------------------------------------


def normalise_mobile(text: str) -> str | None:
    """Eleven digits, or None. Full-width digits, spaces, hyphens and +86 are forgiven."""
    plain = _MOBILE_FILLING.sub("", unicodedata.normalize("NFKC", text))
    plain = _MOBILE_PREFIX.sub("", plain)
    return plain if _MOBILE.match(plain) else None


def mobile_tail(mobile: str) -> str:
    """The last four digits, by which people recognise their own number."""
    return mobile[-4:]


def normalise_line(text: str) -> str:
    """NFC, trimmed, inner white space as single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def has_control(text: str) -> bool:
    """Whether `text` holds control, formatting or surrogate characters, which can hide or reorder what is read.

    Unassigned and private ones pass: rare characters of names are younger than Python's tables, or live in old private areas.
    """
    return any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in text)


def normalise_password(text: str) -> str:
    """NFKC, so that the same keys on another keyboard give the same bytes (NIST SP 800-63B section 3.1.1.2)."""
    return unicodedata.normalize("NFKC", text)


def password_fault(password: str, *, mobile: str) -> str | None:
    """What is wrong with a new password, in words for the one who chose it; None if nothing. Any Unicode is welcome."""
    plain = normalise_password(password)
    folded = plain.casefold()
    if len(plain) < PASSWORD_LEAST:
        return f"密码至少需要 {PASSWORD_LEAST} 个字符"
    if len(plain) > PASSWORD_MOST:
        return f"密码最多 {PASSWORD_MOST} 个字符"
    if mobile in plain:
        return "密码不能包含手机号"
    if len(set(folded)) < 4 or folded in COMMON_PASSWORDS or _is_run(folded):
        return "这个密码太常见，容易被猜到，请换一个"
    return None


def check_password(password: str, *, mobile: str) -> None:
    """Raise Unprocessable `password_weak` for a new password that breaks a rule."""
    if (fault := password_fault(password, mobile=mobile)) is not None:
        raise Unprocessable("password_weak", fault)


def _is_run(text: str) -> bool:
    """Whether each character follows the one before by the same step of one: 2345678901 counts, and so does zyxwvutsrq."""
    steps = {
        (ord(after) - ord(before)) % 10 if text.isdigit() else ord(after) - ord(before)
        for before, after in itertools.pairwise(text)
    }
    return len(steps) == 1 and steps <= {1, -1, 9}
