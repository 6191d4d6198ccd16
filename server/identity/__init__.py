"""Members, branches, roles, sessions, and the ways to sign in. Other features enter here.

    member = await caller(request)                       # None for a visitor
    member = await require_member(request)               # or 401
    member = await require_role(request, Role.RED_HOST)  # or 403
    people = await request.app[IDENTITY].people(ids)

A connection that outlives its request asks `Identity.sessions.find_by_id(member.session_id)` again every few seconds.
"""

from .access import IDENTITY, caller, require_member, require_role
from .charge import COMMITTEE, OF_BRANCH, home_of, manages
from .codes_file import CodesFile, codes_as_csv
from .live import MEMBER_KIND, MemberSurface, member_channel
from .model import Member, MemberState, Person, Role, Speaker, Status, Visitor
from .roll import (
    FoundOnRoll,
    KnownAs,
    OnRoll,
    branch_counts,
    branch_names,
    branch_roll,
    known_as,
    on_roll,
    party_count,
    party_roll,
    roll_named,
)
from .roster_import import import_roster
from .routes import identity_routes
from .service import Identity
from .settings import HashSettings, IdentitySettings
from .sms import NoSms, ShownSms, Sms, WebhookSms
from .sockets import Callers, member_of, require_socket_member, require_socket_speaker, visitor_known

__all__ = [
    "COMMITTEE",
    "IDENTITY",
    "MEMBER_KIND",
    "OF_BRANCH",
    "Callers",
    "CodesFile",
    "FoundOnRoll",
    "HashSettings",
    "Identity",
    "IdentitySettings",
    "KnownAs",
    "Member",
    "MemberState",
    "MemberSurface",
    "NoSms",
    "OnRoll",
    "Person",
    "Role",
    "ShownSms",
    "Sms",
    "Speaker",
    "Status",
    "Visitor",
    "WebhookSms",
    "branch_counts",
    "branch_names",
    "branch_roll",
    "caller",
    "codes_as_csv",
    "home_of",
    "identity_routes",
    "import_roster",
    "known_as",
    "manages",
    "member_channel",
    "member_of",
    "on_roll",
    "party_count",
    "party_roll",
    "require_member",
    "require_role",
    "require_socket_member",
    "require_socket_speaker",
    "roll_named",
    "visitor_known",
]
