"""Between the domain's values and the lake's rows: each table's columns are filled in one place, here.

Nothing is decided or computed that is not already in the domain value; column order is that of the schemas. Rows of
the score tables are in `score_rows.py`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

import polars as pl

from scoring_ops.cache import Call
from scoring_ops.conversation import Conversation, Message
from scoring_ops.eligibility import Profile
from scoring_ops.judgement import Judgement
from scoring_ops.privacy import Original

Row = dict[str, object]
VERSION = ("workspace_id", "source", "conversation_id", "version_at")
"""The key of a conversation version, in every table that has one."""


def version_of(value: Conversation) -> Row:
    """The four key columns of a conversation version."""
    return {name: getattr(value, name) for name in VERSION}


def conversation_row(conversation: Conversation, transcript_hash: str, observed_at: datetime, run_id: str) -> Row:
    """A row of `conversations`."""
    return {
        **conversation.model_dump(exclude={"messages"}),
        "tags": list(conversation.tags),
        "transcript_hash": transcript_hash,
        "observed_at": observed_at,
        "extraction_run_id": run_id,
    }


def message_rows(conversation: Conversation) -> list[Row]:
    """The rows of `messages` of one version."""
    key = version_of(conversation)
    return [{**key, **message.model_dump()} for message in conversation.messages]


def conversations_of(conversations: pl.DataFrame, messages: pl.DataFrame) -> Iterator[Conversation]:
    """The conversation versions of a day from its two tables, in the order of `conversations`.

    Rows were validated when they were written, so models are constructed without validating them again.
    """
    parts: dict[tuple[object, ...], list[Message]] = defaultdict(list)
    for row in messages.sort(*VERSION, "position").iter_rows(named=True):
        key = tuple(row.pop(name) for name in VERSION)
        parts[key].append(Message.model_construct(**row))
    wanted = set(Conversation.model_fields) - {"messages"}
    for row in conversations.iter_rows(named=True):
        key = tuple(row[name] for name in VERSION)
        values = {name: row[name] for name in wanted}
        values["tags"] = tuple(values["tags"])
        yield Conversation.model_construct(**values, messages=tuple(parts.get(key, ())))


def original_rows(conversation: Conversation, originals: Iterable[Original]) -> list[Row]:
    """Rows of the private zone: the texts that masking changed, with what each placeholder stands for."""
    key = version_of(conversation)
    return [
        {
            **key,
            "field": original.field,
            "message_id": original.message_id,
            "original_text": original.original_text,
            "placeholders": [placeholder for placeholder, _ in original.replacements],
            "values": [value for _, value in original.replacements],
        }
        for original in originals
    ]


ORIGINALS_SCHEMA = pl.Schema(
    {
        "workspace_id": pl.String,
        "source": pl.String,
        "conversation_id": pl.String,
        "version_at": pl.Datetime("us", "UTC"),
        "field": pl.String,
        "message_id": pl.String,
        "original_text": pl.String,
        "placeholders": pl.List(pl.String),
        "values": pl.List(pl.String),
    }
)


def judgement_row(judgement: Judgement, profile: Profile, run_id: str) -> Row:
    """A row of `judgements`, with the eligibility profile that decided."""
    return {
        **judgement._asdict(),
        "eligibility_profile": profile,
        "ineligible_rules": ",".join(judgement.ineligible_rules),
        "judging_run_id": run_id,
    }


def call_row(workspace_id: str, source: str, conversations: int, call: Call) -> Row:
    """A row of `llm_calls`: the call behind an answer that `conversations` versions of the day use."""
    return {
        "workspace_id": workspace_id,
        "source": source,
        "conversations": conversations,
        **call._asdict(),
        "judging_run_id": call.run_id,
    }
