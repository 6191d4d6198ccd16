"""Who may what: roles that rows of several features name together."""

from tests.support.roles import ROLES

PARTY = tuple(role for role in ROLES if role not in ("visitor", "employee"))
STAFF = ("affairs_staff", "administrator")
MODERATORS = ("moderator", "committee_secretary", "administrator")
COMMITTEE = ("committee_secretary", "committee_deputy_secretary", "affairs_staff")
BRANCH_SECRETARIES = ("branch_secretary", "branch_deputy_secretary")
INSIDERS = ("host", "co_host", *MODERATORS)  # those who keep a broadcast's room

ONE = "/api/v1/broadcasts/{broadcast}"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100"
    "c9fe92ef0000000049454e44ae426082"
)
