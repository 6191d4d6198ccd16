"""Which texts can be written, where they are put through, and which of them no page shows.

The fields are read from the models of all requests, also those within others: one that is new must be written through in one of
the tests, or named here.
"""

import inspect
import typing
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from server.app import EVENTS
from server.core.http import Endpoint
from tests.support.hostile import TEXTS

IN_ROOMS = {
    *("BranchIn.name", "BranchIn.city", "BranchPatch.name", "BranchPatch.city", "MemberIn.name", "MemberPatch.name"),
    *("BroadcastIn.title", "BroadcastIn.intro", "BroadcastPatch.title", "BroadcastPatch.intro", "CutOffIn.reason"),
    *("CommentIn.text", "CommentRemoveIn.reason", "CommentReportIn.words", "NoticeIn.text", "VisitorIn.name"),
    *("QuestionIn.text", "QuestionRemoveIn.reason", "QuestionReplyIn.text", "QuestionReplyRemoveIn.reason"),
    *("PollIn.question", "PollIn.options", "PollOpenIn.question", "PollOpenIn.options"),
    *("MuteIn.reason", "ReasonIn.reason", "DecisionsIn.reason"),
    *("WordListIn.name", "WordListPatch.name", "WordsPatch.add", "WordsPatch.remove", "TestIn.text"),
    *("SetupIn.organisation", "SetupIn.name", "AccountQuery.q", "MembersQuery.q", "WordsQuery.q", "HostsQuery.q"),
    *("AuditQuery.act", "AuditQuery.actor", "AuditQuery.scope"),
}
IN_MEETINGS = {
    *("ActivityIn.title", "ActivityIn.intro", "ActivityIn.place", "ChangesIn.title", "ChangesIn.intro", "ChangesIn.place"),
    *("LeaveIn.reason", "PersonIn.reason", "PresencesIn.reason", "DecisionIn.reason", "AttachmentQuery.name"),
    *("RecordIn.place", "RecordIn.agenda", "RecordIn.decisions", "SpeechIn.name", "SpeechIn.points", "MotionIn.title"),
    *("ReturnIn.reason", "AmendmentIn.text", "AmendmentIn.reason"),
}
IN_POINTS = {
    *("ProposalIn.reason", "ProposalIn.evidence", "ReviewIn.words", "AppealIn.text", "ExemptionIn.reason", "PeopleQuery.q"),
    *("RulesIn.reason", "EditIn.name", "EditIn.trigger", "ObjectionIn.text", "ObjectionIn.evidence", "AnswerIn.text"),
    *("SelfIn.words", "GradeIn.opinion", "WordsIn.text", "GradeAnswerIn.text", "PublishedQuery.q"),
    *("EndpointIn.name", "EndpointPatch.name"),
}
IN_TASKS = {
    *("TaskIn.title", "TaskIn.text", "TaskFileQuery.name", "TaskWithdrawIn.reason", "ConfirmForIn.reason", "TakeBackIn.reason")
}
IN_SHAKES = {"ShakeIn.title", "ShakePatch.title"}
IN_TALKS = {"TalkNoteIn.text", "TalkSummaryIn.text"}
COVERED = IN_ROOMS | IN_MEETINGS | IN_POINTS | IN_TASKS | IN_SHAKES | IN_TALKS
_SECRET, _NUMBER = "a secret, shown to nobody", "kept only where it is a number, then shown as digits"
_ID, _CURSOR = "an id; what is none finds nothing", "a cursor that the server made; the pages show none"
NOT_SHOWN = {
    **dict.fromkeys(("ActivationIn.password", "PasswordIn.current", "PasswordIn.password", "SetupIn.password"), _SECRET),
    **dict.fromkeys(("SignInIn.password", "ActivationIn.code", "SetupIn.token"), _SECRET),
    **dict.fromkeys(("ActivationIn.mobile", "MemberIn.mobile", "MemberPatch.mobile", "SetupIn.mobile"), _NUMBER),
    **dict.fromkeys(("SignInIn.mobile", "VisitorCodeIn.mobile", "VisitorIn.mobile"), _NUMBER),
    **dict.fromkeys(
        ("BroadcastIn.co_hosts", "BroadcastPatch.co_hosts", "DecisionsIn.ids", "MuteIn.member", "DesksQuery.rooms"), _ID
    ),
    **dict.fromkeys(("AuditQuery.after", "HeldQuery.after", "ListQuery.after", "MembersQuery.after"), _CURSOR),
    **dict.fromkeys(("PageQuery.after", "ReportsQuery.after", "PointsQuery.after", "PublishedQuery.after"), _CURSOR),
    **dict.fromkeys(("ActivityIn.branch_id", "ActivityIn.broadcast", "ChangesIn.broadcast", "DecisionIn.member"), _ID),
    **dict.fromkeys(
        ("ExpectedIn.add", "ExpectedIn.branches", "ExpectedIn.remove", "PersonIn.member", "PresencesIn.members"), _ID
    ),
    **dict.fromkeys(("TaskIn.files", "TaskIn.branches", "ConfirmForIn.members", "TakeBackIn.member"), _ID),
    "TaskConfirmIn.hash": "compared, and kept nowhere",
    "NameQuery.q": "what is looked for; the page writes it into its own field alone",
    **dict.fromkeys(("CheckInIn.code", "ClaimIn.code", "PublishedQuery.branch", "LinesQuery.branch", "PrintQuery.branch"), _ID),
    **dict.fromkeys(("NamedIn.chair", "NamedIn.recorder", "AmendmentIn.client_id"), _ID),
    **dict.fromkeys(("DeliveriesQuery.after",), _CURSOR),
    **dict.fromkeys(("EndpointIn.url", "EndpointPatch.url"), "an https address; anything else is refused"),
    **dict.fromkeys(("ProposalIn.member", "ProposalIn.indicator", "ExemptionIn.member"), _ID),
    **dict.fromkeys(("QueueQuery.after", "ObjectionsQuery.after", "LinesQuery.after", "MemberRowsQuery.after"), _CURSOR),
    "ShakesQuery.after": _CURSOR,
    "ShakesQuery.state": "names of the protocol; no page takes one from its address",
    "ProposalIn.link": "an address; anything but https: or one of this site is refused",
    **dict.fromkeys(("EditIn.code", "MissingIn.indicator", "SpeechIn.member"), _ID),
    **dict.fromkeys(("HeldQuery.kind", "ListQuery.state"), "a name of the protocol; no page takes one from its address"),
    **dict.fromkeys(("MessageIn.body", "TalkKeyIn.data"), "sealed or a key, in base 64; what opens it decides what it is"),
    "TalksQuery.after": _CURSOR,
    **dict.fromkeys(("SubscribeIn.channel", "SubscribeIn.epoch", "UnsubscribeIn.channel"), "names of the protocol"),
}


def requests(endpoints: Iterable[Endpoint]) -> Iterator[type[BaseModel]]:
    """The models of all that comes in: bodies, query strings, payloads of events."""
    for endpoint in endpoints:
        yield from (model for model in (endpoint.body, endpoint.query) if model is not None)
    for table in EVENTS:
        yield from (event.payload for event in table.declared)


def text_fields(endpoints: Iterable[Endpoint]) -> set[str]:
    """`Model.field` of each that takes any of the texts as a string, or in a list of strings. So ids by their pattern, codes of
    enumerations, moments and numbers are none."""
    return {
        f"{model.__name__}.{name}"
        for model in _whole(requests(endpoints))
        for name, info in model.model_fields.items()
        if _takes(_adapter(info))
    }


def _whole(models: Iterable[type[BaseModel]]) -> set[type[BaseModel]]:
    """With all that lie within them."""
    found: set[type[BaseModel]] = set()
    waiting = list(models)
    while waiting:
        if (model := waiting.pop()) not in found:
            found.add(model)
            waiting += [each for info in model.model_fields.values() for each in _within(info.annotation)]
    return found


def _within(kind: Any) -> Iterator[type[BaseModel]]:
    if inspect.isclass(kind) and issubclass(kind, BaseModel):
        yield kind
    for each in typing.get_args(kind):
        yield from _within(each)


def _adapter(info: FieldInfo) -> TypeAdapter[Any]:
    kind: Any = info.annotation
    return TypeAdapter(typing.Annotated[kind, *info.metadata] if info.metadata else kind)


def _takes(kind: TypeAdapter[Any]) -> bool:
    for given in (given for text in TEXTS for given in (text, [text])):
        try:
            kept = kind.validate_python(given)
        except ValidationError:
            continue
        if any(type(each) is str for each in (kept if isinstance(kept, list) else [kept])):
            return True
    return False
