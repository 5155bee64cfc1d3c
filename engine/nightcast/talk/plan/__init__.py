"""What is said next: the rundown as a constraint schedule, and the writers that fill its segments."""

from nightcast.talk.plan.memory import Memory
from nightcast.talk.plan.planner import NightPlanner, Planner, PlanRequest, RoomWants

__all__ = ["Memory", "NightPlanner", "PlanRequest", "Planner", "RoomWants"]
