"""Every feature's tables, imported so that the metadata is whole. The one place that looks behind the features' roots."""

import server.activities.tables as activities
import server.attendance.tables as attendance
import server.broadcasts.tables as broadcasts
import server.comments.tables as comments
import server.conversations.tables as conversations
import server.core.audit.tables as audit
import server.core.journal.tables as journal
import server.identity.tables as identity
import server.moderation.tables as moderation
import server.notices.tables as notices
import server.points.tables as points
import server.polls.tables as polls
import server.questions.tables as questions
import server.room.tables as room
import server.shake.tables as shake
import server.talks.tables as talks
import server.tasks.tables as tasks
from server.core.http import idempotency

__all__ = [
    "activities",
    "attendance",
    "audit",
    "broadcasts",
    "comments",
    "conversations",
    "idempotency",
    "identity",
    "journal",
    "moderation",
    "notices",
    "points",
    "polls",
    "questions",
    "room",
    "shake",
    "talks",
    "tasks",
]
