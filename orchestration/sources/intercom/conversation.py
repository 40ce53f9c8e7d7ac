"""From one Intercom conversation to one version of ours; absent facts stay absent, what has no place is metadata."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import ValidationError

from orchestration.sources.broken import Broken, first_problem
from orchestration.sources.intercom.parts import author_type_of, messages_of
from orchestration.sources.intercom.payload import Call, IntercomConversation
from orchestration.sources.metadata import metadata_json
from scoring_ops.conversation import AiResolutionState, Conversation, State

SOURCE = "intercom"
MOST_PARTS = 500
"""How many parts the API returns; the newest."""
OWN_PREFIX = "cxs_"
"""Attributes that `cxscore write-back` wrote; read by nobody here, or our score would be its own evidence."""
VENDOR_SCORE, VENDOR_EXPLANATION = "CX Score rating", "CX Score explanation"
_STATES: dict[str, State] = {"open": "open", "snoozed": "snoozed", "closed": "closed"}
_CHANNELS = {"conversation": "chat", "phone_call": "phone", "phone_switch": "phone"}
_RESOLUTIONS: dict[str, AiResolutionState] = {
    "assumed_resolution": "assumed",
    "confirmed_resolution": "confirmed",
    "routed_to_team": "handoff",
    "procedure_handoff": "handoff",
    "escalated": "escalated",
    "negative_feedback": "negative_feedback",
}
_PREVIEWS = frozenset({"workflow_preview", "fin_preview"})


def to_conversation(
    found: IntercomConversation, workspace_id: str, teams: Mapping[str, str], calls: Sequence[Call] = ()
) -> Conversation:
    """The version of a conversation that Intercom shows now.

    Args:
        found: the conversation with its parts.
        workspace_id: whose it is.
        teams: names of teams by their ids.
        calls: its phone calls with transcripts.

    Raises:
        Broken: a value that no conversation may have.
    """
    rating, statistics, agent = found.conversation_rating, found.statistics, found.ai_agent
    state = _STATES.get(found.state, "closed")
    messages = messages_of(found, calls)
    closed = [m["sent_at"] for m in messages if m["kind"] == "close" and isinstance(m["sent_at"], datetime)]
    values: dict[str, object] = {
        "workspace_id": workspace_id,
        "source": SOURCE,
        "conversation_id": found.id,
        "version_at": found.updated_at,
        "created_at": found.created_at,
        "first_closed_at": statistics.first_close_at or (min(closed) if closed else None),
        "last_closed_at": statistics.last_close_at or (max(closed) if closed else None),
        "state": state,
        "channel": _CHANNELS.get(found.source.type, found.source.type or None),
        "subject": found.source.subject or found.title or None,
        "topic": next((topic.name for topic in found.topics.topics if topic.name), None),
        "team": teams.get(found.team_assignee_id or "", found.team_assignee_id),
        "tags": tuple(tag.name for tag in found.tags.tags if tag.name),
        "customer_id": next((contact.id for contact in found.contacts.contacts), None),
        "reopen_count": statistics.count_reopens,
        "is_test": agent is not None and agent.source_type in _PREVIEWS,
        "initiated_by": author_type_of(found.source.author) if found.source.author.type else None,
        "ai_agent_participated": found.ai_agent_participated,
        "ai_resolution_state": _RESOLUTIONS.get(agent.resolution_state or "") if agent else None,
        "ai_csat_rating": agent.rating if agent else None,
        "csat_requested_at": (rating.created_at or found.updated_at) if rating else None,
        "csat_scale": "1-5" if rating else None,
        "csat_rating": rating.rating if rating else None,
        "csat_rated_at": (rating.updated_at or rating.created_at) if rating and rating.rating else None,
        "csat_remark": (rating.remark or None) if rating else None,
        "vendor_cx_score": _vendor_score(found.custom_attributes.get(VENDOR_SCORE)),
        "source_metadata": _metadata(found, calls),
        "messages": messages,
    }
    if state == "closed" and values["last_closed_at"] is None:  # imported or closed by a rule that leaves no part
        last = max((m["sent_at"] for m in messages if isinstance(m["sent_at"], datetime)), default=found.updated_at)
        values |= {"first_closed_at": values["first_closed_at"] or last, "last_closed_at": last}
    try:
        return Conversation.model_validate(values)
    except ValidationError as error:
        raise Broken("bad_value", first_problem(error)) from None


def _vendor_score(value: object) -> float | None:
    try:
        return float(str(value)) if value is not None and not isinstance(value, bool) else None
    except ValueError:
        return None


def _metadata(found: IntercomConversation, calls: Sequence[Call]) -> str | None:
    parts = found.conversation_parts
    brought = len(parts.conversation_parts)
    total = max(parts.total_count or 0, found.statistics.count_conversation_parts or 0)
    kept: dict[str, object] = {
        "delivered_as": found.source.delivered_as or None,
        "priority": found.priority,
        "admin_assignee_id": found.admin_assignee_id,
        "contacts": [contact.id for contact in found.contacts.contacts[1:]] or None,
        "external_id": next((contact.external_id for contact in found.contacts.contacts), None),
        "ai_resolution": found.ai_agent.resolution_state if found.ai_agent else None,
        "vendor_cx_explanation": found.custom_attributes.get(VENDOR_EXPLANATION),
        "custom_attributes": {
            name: value
            for name, value in found.custom_attributes.items()
            if name not in {VENDOR_SCORE, VENDOR_EXPLANATION} and not name.startswith(OWN_PREFIX)
        }
        or None,
        "call_transcripts": [call.transcript_status for call in calls] or None,
    }
    if brought >= MOST_PARTS and total > brought:
        kept |= {"parts_total": total, "parts_missing": total - brought}
    return metadata_json({name: value for name, value in kept.items() if value is not None})
