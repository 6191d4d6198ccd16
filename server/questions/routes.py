"""What of questions is not the same for everybody, and so not in the room's channel."""

from aiohttp import web

from ..core.fanout import AuthorOut
from ..core.http import Routes
from ..identity import require_member
from .service import QuestionService
from .wire import AskerOut, AskersOut, OwnQuestionOut, OwnQuestionsOut

QUESTIONS: web.AppKey[QuestionService] = web.AppKey("QUESTIONS")
_ROOM = "/api/v1/broadcasts/{broadcast}/questions"


def question_routes() -> Routes:
    routes = Routes("questions")

    @routes.get(_ROOM, who="its host and co-hosts; moderators", summary="Who asked what, anonymous questions included")
    async def askers(request: web.Request) -> AskersOut:
        member = await require_member(request)
        asked = await request.app[QUESTIONS].askers(member, request.match_info["broadcast"])
        items = [AskerOut(id=each.id, anonymous=each.anonymous, asker=AuthorOut(**each.by.wire())) for each in asked]
        return AskersOut(items=items)

    @routes.get(f"{_ROOM}/mine", who="viewer who is signed in", summary="What the caller has asked and voted for")
    async def mine(request: web.Request) -> OwnQuestionsOut:
        member = await require_member(request)
        own = await request.app[QUESTIONS].mine(member, request.match_info["broadcast"])
        asked = [
            OwnQuestionOut(
                id=each.id,
                text=each.text,
                anonymous=each.anonymous,
                removed=each.removed,
                review=own.review.get(each.id),
            )
            for each in own.asked
        ]
        return OwnQuestionsOut(asked=asked, voted=own.voted)

    return routes
