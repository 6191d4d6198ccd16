"""Questions in a broadcast's room: asked and voted for by viewers, answered on air by the host, or in writing by anybody."""

from .live import QUESTIONS_PART
from .model import Question, Reply
from .routes import QUESTIONS, question_routes
from .service import Everything, QuestionService
from .sockets import question_events

__all__ = [
    "QUESTIONS",
    "QUESTIONS_PART",
    "Everything",
    "Question",
    "QuestionService",
    "Reply",
    "question_events",
    "question_routes",
]
