"""Who runs what belongs to a branch, or to the whole committee: activities, tasks. Pure rules.

Secretaries, deputies and organisers run what is their own branch's, the committee's people everything.
"""

from .model import Member, Role

COMMITTEE = (Role.COMMITTEE_SECRETARY, Role.COMMITTEE_DEPUTY_SECRETARY, Role.AFFAIRS_STAFF)
OF_BRANCH = (Role.ORGANISER, Role.BRANCH_SECRETARY, Role.BRANCH_DEPUTY_SECRETARY, Role.BRANCH_ORGANISER)


def manages(member: Member, branch_id: str | None) -> bool:
    """Whether they run what belongs to this branch, or (None) to the whole committee. An organiser who belongs to no branch is
    the committee's."""
    if member.has(*COMMITTEE) or (member.branch_id is None and member.has(Role.ORGANISER)):
        return True
    return branch_id is not None and member.branch_id == branch_id and member.has(*OF_BRANCH)


def home_of(member: Member) -> str | None:
    """Where what they create belongs if they do not say."""
    return None if manages(member, None) else member.branch_id
