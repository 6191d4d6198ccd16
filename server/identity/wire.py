"""What identity takes and gives over HTTP. Bodies forbid unknown fields, so nobody sets a role or an owner by guessing."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from ..core.clock import rfc3339
from ..core.http import PageQuery
from ..core.wire import In
from .model import (
    BRANCH_NAME_MOST,
    CITY_MOST,
    NAME_MOST,
    VISITOR_NAME_MOST,
    Account,
    Branch,
    Member,
    MemberSort,
    MemberState,
    Role,
    Status,
    has_control,
    normalise_line,
)
from .sessions import SessionInfo

Code = TypeVar("Code", bound=StrEnum)


def _line(text: str) -> str:
    """One visible line: trimmed, and without characters that hide or reorder others."""
    plain = normalise_line(text)
    if has_control(plain):
        raise ValueError("contains control characters")
    return plain


def _normalised(value: object) -> object:
    return normalise_line(value) if isinstance(value, str) else value


def _one_of(kind: type[Code]) -> Callable[[str], Code]:
    def parse(text: str) -> Code:
        return kind(text)

    return parse


Trimmed = BeforeValidator(_normalised)
Line = AfterValidator(_line)
Name = Annotated[str, Field(min_length=1, max_length=NAME_MOST), Trimmed, Line]
VisitorName = Annotated[str, Field(min_length=1, max_length=VISITOR_NAME_MOST), Trimmed, Line]
BranchName = Annotated[str, Field(min_length=1, max_length=BRANCH_NAME_MOST), Trimmed, Line]
City = Annotated[str, Field(max_length=CITY_MOST), Trimmed, Line]
MobileText = Annotated[str, Field(min_length=1, max_length=30), Line]
Password = Annotated[str, Field(min_length=1, max_length=256, json_schema_extra={"format": "password"})]
Id = Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
Moment = Annotated[
    datetime, PlainSerializer(rfc3339, return_type=str), WithJsonSchema({"type": "string", "format": "date-time"})
]


# Signing in and one's own account


class SignInIn(In):
    mobile: MobileText
    password: Password


class BranchRef(BaseModel):
    id: str
    name: str


class MeMember(BaseModel):
    id: str
    name: str
    mobile_tail: str = Field(description="The last four digits.")
    branch: BranchRef | None
    status: Status


class SignedInOut(BaseModel):
    member: MeMember


class MeOut(BaseModel):
    member: MeMember
    roles: list[Role]
    csrf: str = Field(description="For the Socket.IO handshake.")
    organisation: str | None
    brand: str
    public_broadcasts: bool = Field(description="Whether broadcasts may be public here.")


class SessionOut(BaseModel):
    id: str
    current: bool
    created_at: Moment
    last_seen_at: Moment
    device: str
    address: str

    @classmethod
    def of(cls, info: SessionInfo, current: str) -> Self:
        return cls(
            id=info.id,
            current=info.id == current,
            created_at=info.created_at,
            last_seen_at=info.last_seen_at,
            device=info.device,
            address=info.address,
        )


class SessionsOut(BaseModel):
    items: list[SessionOut]


class VisitorCodeIn(In):
    mobile: MobileText


class VisitorCodeOut(BaseModel):
    shown: str | None = Field(description="The code itself, in the demo alone, which sends no messages.")


class VisitorIn(In):
    mobile: MobileText
    code: Annotated[str, Field(pattern=r"^\d{6}$")]
    name: VisitorName


class VisitorOut(BaseModel):
    id: str
    name: str
    csrf: str = Field(description="For the Socket.IO handshake.")


class PasswordIn(In):
    current: Password
    password: Password


class SetupOut(BaseModel):
    needed: bool = Field(description="Nobody can administer this server yet.")
    brand: str


class SetupIn(In):
    token: Annotated[str, Field(min_length=1, max_length=128), Line]
    organisation: BranchName
    name: Name
    mobile: MobileText
    password: Password


class ActivationIn(In):
    mobile: MobileText
    code: Annotated[str, Field(min_length=1, max_length=64), Line]
    password: Password


# Staff


class MemberOut(BaseModel):
    id: str
    name: str
    mobile: str
    branch: BranchRef | None
    status: Status
    roles: list[Role]
    state: MemberState
    last_sign_in_at: Moment | None

    @classmethod
    def of(cls, account: Account) -> Self:
        return cls(
            id=account.id,
            name=account.name,
            mobile=account.mobile,
            branch=branch_ref(account.branch_id, account.branch_name),
            status=account.status,
            roles=sorted(account.roles),
            state=account.state,
            last_sign_in_at=account.last_sign_in_at,
        )


class AccountQuery(In):
    """Enumerations are inline: a query string holds plain values."""

    q: Annotated[str, Field(max_length=40, description="Part of name or mobile, or the whole roster code."), Trimmed, Line] = ""
    branch: Id | None = None
    status: Annotated[str, Field(json_schema_extra={"enum": list(Status)}), AfterValidator(_one_of(Status))] | None = None
    role: Annotated[str, Field(json_schema_extra={"enum": list(Role)}), AfterValidator(_one_of(Role))] | None = None
    state: Annotated[str, Field(json_schema_extra={"enum": list(MemberState)}), AfterValidator(_one_of(MemberState))] | None = (
        None
    )
    sort: Annotated[str, Field(json_schema_extra={"enum": list(MemberSort)}), AfterValidator(_one_of(MemberSort))] | None = None


class MembersQuery(AccountQuery, PageQuery):
    pass


class MemberIn(In):
    name: Name
    mobile: MobileText
    branch_id: Id | None = None
    status: Status


class MemberPatch(In):
    """What is absent stays; a null `branch_id` takes the member out of the branch."""

    name: Name | None = None
    mobile: MobileText | None = None
    branch_id: Id | None = None
    status: Status | None = None
    disabled: bool | None = None


class ActivationOut(BaseModel):
    code: str = Field(description="Single use; shown this once.")
    expires_at: Moment


class InvitedOut(BaseModel):
    member: MemberOut
    activation: ActivationOut


class GrantedOut(MemberOut):
    code_void: bool = Field(
        description="The member had an activation code that no administrator issued. It is dead; issue a new one."
    )


class RolesIn(In):
    roles: list[Role] = Field(max_length=len(Role))


class BranchIn(In):
    name: BranchName
    city: City = ""


class BranchPatch(In):
    name: BranchName | None = None
    city: City | None = None


class BranchOut(BaseModel):
    id: str
    name: str
    city: str
    members: int

    @classmethod
    def of(cls, branch: Branch) -> Self:
        return cls(id=branch.id, name=branch.name, city=branch.city, members=branch.members)


class BranchesOut(BaseModel):
    items: list[BranchOut]


class RosterQuery(In):
    dry_run: bool = False


class RosterError(BaseModel):
    line: int
    field: str
    message: str


class RosterActivation(BaseModel):
    name: str
    mobile: str
    code: str


class RosterOut(BaseModel):
    branches_added: int
    members_added: int
    members_changed: int
    errors: list[RosterError] = []
    activations: list[RosterActivation] = Field(
        default=[], description="Of newcomers, and of those whose code died because they were given roles before using it."
    )


def branch_ref(branch_id: str | None, name: str | None) -> BranchRef | None:
    return None if branch_id is None else BranchRef(id=branch_id, name=name or "")


def me_member(person: Member | Account, tail: str) -> MeMember:
    return MeMember(
        id=person.id,
        name=person.name,
        mobile_tail=tail,
        branch=branch_ref(person.branch_id, person.branch_name),
        status=person.status,
    )
