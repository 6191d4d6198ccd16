"""Activities: what a branch or the committee meets for, sign-up, check-in, who was there.

Who was there is what `points` credits; nothing else of an activity is worth a point. `ActivityService` is the door for
features above (attendance of broadcasts).
"""

from .minutes.routes import MINUTES
from .minutes.service import MinutesDesk
from .model import Activity, ActivityKind, ActivityState, Plan, Way
from .plans.routes import PLANS
from .plans.service import Plans
from .routes import ACTIVITIES, activity_routes
from .service import ActivityService

__all__ = [
    "ACTIVITIES",
    "MINUTES",
    "PLANS",
    "Activity",
    "ActivityKind",
    "ActivityService",
    "ActivityState",
    "MinutesDesk",
    "Plan",
    "Plans",
    "Way",
    "activity_routes",
]
