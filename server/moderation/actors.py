"""Members as the audit knows them."""

from ..core.audit import Actor
from ..identity import Member


def actor(member: Member) -> Actor:
    return Actor(member.id, member.name, tuple(sorted(role.value for role in member.roles)))
