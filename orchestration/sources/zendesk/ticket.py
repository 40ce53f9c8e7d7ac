"""From one Zendesk ticket to one version of ours. Absent facts stay absent; what has no place is metadata."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import ValidationError

from orchestration.sources.broken import Broken, first_problem
from orchestration.sources.metadata import metadata_json
from orchestration.sources.zendesk.messages import CHATS, Fields
from orchestration.sources.zendesk.payload import Group, MetricSet, Rating, Ticket, User
from scoring_ops.conversation import Conversation, State

SOURCE = "zendesk"
GOOD, BAD = 5, 1
"""A two-point answer on our scale: satisfied is 4 or 5, so that good / (good + bad) stays what it is."""
MERGED_TAG = "closed_by_merge"
_STATES: dict[str, State] = {"solved": "closed", "closed": "closed", "deleted": "deleted"}
_PHONES = frozenset({"voice", "phone", "voicemail", "sms"})


class Around(NamedTuple):
    """What the export says besides the ticket."""

    users: Mapping[str, User]
    groups: Mapping[str, Group]
    metrics: Mapping[str, MetricSet]


def to_conversation(
    ticket: Ticket,
    workspace_id: str,
    around: Around,
    messages: Sequence[Fields],
    rating: Rating | None,
) -> Conversation:
    """The version of a ticket that Zendesk shows now.

    Args:
        ticket: the ticket.
        workspace_id: whose it is.
        around: side-loaded users, groups and metrics.
        messages: the fields of its messages.
        rating: its satisfaction rating with times, where it has one.

    Raises:
        Broken: a value that no conversation may have.
    """
    metric = around.metrics.get(ticket.id)
    state = _STATES.get(ticket.status, "open")
    last = metric.solved_at if metric else None
    minutes = metric.first_resolution_time_in_minutes.calendar if metric else None
    first = ticket.created_at + timedelta(minutes=minutes) if ticket.created_at and minutes is not None else last
    if state == "closed" and last is None:
        last = ticket.updated_at or ticket.generated_timestamp
    first = min(first or last, last) if last else first
    requester = around.users.get(ticket.requester_id or "")
    group = around.groups.get(ticket.group_id or "")
    by = ticket.submitter_id
    submitter = around.users.get(by or "")
    values: dict[str, object] = {
        "workspace_id": workspace_id,
        "source": SOURCE,
        "conversation_id": ticket.id,
        "version_at": ticket.generated_timestamp,
        "created_at": ticket.created_at,
        "first_closed_at": first,
        "last_closed_at": last,
        "state": state,
        "channel": _channel(ticket.via.channel),
        "subject": ticket.subject or None,
        "team": (group.name if group else None) or ticket.group_id,
        "tags": ticket.tags,
        "customer_id": ticket.requester_id,
        "account_id": ticket.organization_id,
        "reopen_count": metric.reopens if metric else None,
        "is_spam": bool(requester and requester.suspended),
        "is_merged": MERGED_TAG in ticket.tags,
        "initiated_by": _initiator(ticket, submitter),
        "ai_agent_participated": any(m["author_type"] == "ai_agent" for m in messages),
        **_survey(ticket, rating, last),
        "source_metadata": _metadata(ticket),
        "messages": messages,
    }
    try:
        return Conversation.model_validate(values)
    except ValidationError as error:
        raise Broken("bad_value", first_problem(error)) from None


def _channel(via: str) -> str | None:
    if via in CHATS:
        return "chat"
    return "phone" if via in _PHONES else via or None


def _initiator(ticket: Ticket, submitter: User | None) -> str | None:
    if ticket.submitter_id is None:
        return None
    if ticket.submitter_id == ticket.requester_id:
        return "customer"
    return "human_agent" if submitter and submitter.role in {"agent", "admin"} else None


def _survey(ticket: Ticket, rating: Rating | None, closed_at: datetime | None) -> dict[str, object]:
    """Offered is a survey sent; good and bad are answers. "unoffered" and nothing at all are no survey."""
    given = ticket.satisfaction_rating
    score = given.score.partition("_")[0]  # such as good_with_comment
    if score not in {"offered", "good", "bad"}:
        return {}
    answered = {"good": GOOD, "bad": BAD}.get(score)
    asked = (rating.created_at if rating else None) or closed_at or ticket.generated_timestamp
    told = (rating.updated_at if rating else None) or asked
    return {
        "csat_requested_at": min(asked, told),
        "csat_rating": answered,
        "csat_rated_at": told if answered else None,
        "csat_scale": "good/bad",
        "csat_remark": given.comment or None,
    }


def _metadata(ticket: Ticket) -> str | None:
    custom = {one.id: one.value for one in ticket.custom_fields if one.value is not None and one.value != ""}
    kept: dict[str, object] = {
        "status": ticket.status or None,
        "via": ticket.via.channel or None,
        "priority": ticket.priority,
        "type": ticket.type,
        "brand_id": ticket.brand_id,
        "assignee_id": ticket.assignee_id,
        "csat_reason": ticket.satisfaction_rating.reason,
        "custom_fields": custom or None,
    }
    return metadata_json({name: value for name, value in kept.items() if value is not None})
