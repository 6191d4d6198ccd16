"""Questions in a broadcast's room: asked and voted for by viewers, answered on air by the host, or in writing by anybody."""

from .live import QUESTIONS_PART
from .routes import QUESTIONS, question_routes
from .service import QuestionService
from .sockets import question_events

__all__ = ["QUESTIONS", "QUESTIONS_PART", "QuestionService", "question_events", "question_routes"]
