"""The Intercom source against a server held to Intercom's description: complete, once each, whatever happens."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from orchestration.extraction import extract_days
from orchestration.held import Held
from orchestration.lake import Lake
from orchestration.sources.http import Api, Refused
from orchestration.sources.intercom.api import greeting, intercom_api
from orchestration.sources.intercom.source import IntercomSource
from orchestration.sources.protocol import Listed, Rejected, SourceError
from scoring_ops.conversation import Conversation
from tests.fakes.helpdesk_server import Fault, HelpdeskServer, Limit, Seen, every
from tests.fakes.intercom.server import TOKEN, VENDORS, Json, Workspace, author, conversation, part, serve

DAY = date(2026, 3, 2)
NOON = int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp())
LATER = datetime(2026, 3, 10, tzinfo=UTC)
HOUR, A_DAY = 3600, 86_400


@pytest.fixture(
    params=["our description", pytest.param("the vendor's", marks=[pytest.mark.shared_data, pytest.mark.slow])]
)
def vendors(request: pytest.FixtureRequest) -> Path | None:
    """Where the vendor's own description lies; every test runs against ours and against that."""
    return None if request.param == "our description" else request.getfixturevalue("shared_data") / VENDORS


@pytest.fixture
def serving(vendors: Path | None) -> Iterator[Callable[..., HelpdeskServer]]:
    """Starts a server; at the end it must have seen and said nothing that the description does not allow."""
    running: list[HelpdeskServer] = []

    def start(*conversations: Json, workspace: Workspace | None = None, **more: Any) -> HelpdeskServer:
        server = serve(workspace or Workspace(*conversations), vendors, **more)
        running.append(server.__enter__())
        return server

    yield start
    for server in running:
        server.__exit__()
        assert server.invalid == []


def client(server: HelpdeskServer, token: str = TOKEN) -> Api:
    return intercom_api(SecretStr(token), "eu", server.url)


def source(server: HelpdeskServer, holds: Callable[[str, datetime], bool] | None = None, **more: Any) -> IntercomSource:
    clock = more.pop("clock", lambda: LATER)
    return IntercomSource(lambda: client(server, **more), "acme", holds or (lambda _id, _at: False), clock)


def extracted(server: HelpdeskServer, *days: date, **more: Any) -> list[Conversation | Rejected]:
    return list(source(server, **more).extract(frozenset(days or (DAY,))))


def one(server: HelpdeskServer) -> Conversation:
    (found,) = extracted(server)
    assert isinstance(found, Conversation), found
    return found


def ids(found: list[Conversation | Rejected]) -> list[str]:
    return sorted((one.conversation_id or "?" for one in found), key=lambda i: (len(i), i))


def test_a_conversation_is_read_with_everything_that_the_metrics_need(serving: Callable[..., HelpdeskServer]) -> None:
    given = conversation(
        7,
        NOON,
        part(1, "comment", NOON - 500, author("bot", from_ai_agent=True, is_ai_answer=True), "<p>Try again.</p>"),
        part(2, "comment", NOON - 400, author("user", "7"), "<p>No. <b>Now</b> what?</p>"),
        part(3, "assignment", NOON - 300, author("bot", "op")),
        part(4, "note", NOON - 250, author("admin"), "<p>VIP</p>"),
        part(
            5,
            "comment",
            NOON - 200,
            author("admin"),
            "<p>Mended, see:</p>",
            attachments=[{"name": "a.pdf", "type": "upload"}],
        ),
        part(6, "conversation_rating_changed", NOON - 50, author("user", "7"), "<p>4</p>"),
        team_assignee_id=77,
        tags={"type": "tag.list", "tags": [{"type": "tag", "id": "1", "name": "refund"}]},
        conversation_rating={"rating": 4, "remark": "ok", "created_at": NOON - 100, "updated_at": NOON - 50},
        ai_agent_participated=True,
        ai_agent={"source_type": "profile", "resolution_state": "routed_to_team", "rating": 2},
        custom_attributes={"CX Score rating": 3, "CX Score explanation": "Fair.", "plan": "pro", "cxs_score": 5},
        statistics={"first_close_at": NOON - 90, "last_close_at": NOON, "count_reopens": 1},
    )
    found = one(serving(given))
    assert (found.workspace_id, found.source, found.conversation_id) == ("acme", "intercom", "7")
    assert (found.version_at.timestamp(), found.update_day, found.state) == (NOON, DAY, "closed")
    assert (found.channel, found.team, found.tags, found.customer_id) == ("chat", "Billing", ("refund",), "user-7")
    assert (found.initiated_by, found.reopen_count, found.agent_mix) == ("customer", 1, "mixed")
    assert found.first_closed_at is not None
    assert found.first_closed_at.timestamp() == NOON - 90
    assert (found.csat_rating, found.csat_scale, found.csat_remark, found.ai_csat_rating) == (4, "1-5", "ok", 2)
    assert found.csat_requested_at is not None
    assert found.csat_rated_at is not None
    assert (found.csat_requested_at.timestamp(), found.csat_rated_at.timestamp()) == (NOON - 100, NOON - 50)
    assert (found.ai_agent_participated, found.ai_resolution_state, found.vendor_cx_score) == (True, "handoff", 3.0)
    assert found.source_metadata is not None
    assert '"vendor_cx_explanation":"Fair."' in found.source_metadata
    assert '"plan":"pro"' in found.source_metadata
    assert "cxs_score" not in found.source_metadata
    assert [(m.author_type, m.text) for m in found.spoken] == [
        ("customer", "It does not work."),
        ("ai_agent", "Try again."),
        ("customer", "No. Now what?"),
        ("human_agent", "Mended, see:\n[attachment: a.pdf]"),
    ]
    silent = {m.message_id: (m.kind, m.is_public) for m in found.messages if not m.is_spoken}
    assert silent == {
        "p3": ("assignment", False),
        "p4": ("note", False),
        "p6": ("rating", False),
        "p99": ("close", False),
    }


def test_a_survey_that_was_not_answered_is_a_request_without_a_rating(serving: Callable[..., HelpdeskServer]) -> None:
    found = one(serving(conversation(1, NOON, conversation_rating={"created_at": NOON - 5})))
    assert (found.csat_rating, found.csat_rated_at) == (None, None)
    assert found.csat_requested_at is not None


def test_no_survey_is_no_request(serving: Callable[..., HelpdeskServer]) -> None:
    assert one(serving(conversation(1, NOON))).csat_requested_at is None


def test_quoted_mail_and_signature_are_kept_and_said_by_nobody(serving: Callable[..., HelpdeskServer]) -> None:
    body = '<div>Still broken.</div><div class="gmail_quote">On Mon, Acme wrote:<blockquote>Better?</blockquote></div>'
    given = conversation(1, NOON, body=body)
    given["source"] |= {"type": "email", "subject": "Re: parcel"}
    found = one(serving(given))
    assert (found.channel, found.subject, found.spoken[0].text) == ("email", "Re: parcel", "Still broken.")
    quoted = found.messages[1]
    assert (quoted.message_id, quoted.is_public, quoted.kind) == ("source-s1/quoted", False, "other")
    assert "Better?" in quoted.text


def test_a_reply_that_closes_is_words_and_then_a_close(serving: Callable[..., HelpdeskServer]) -> None:
    found = one(serving(conversation(1, NOON, part(5, "close", NOON - 9, author("admin"), "<p>Goodbye then.</p>"))))
    assert [(m.message_id, m.kind, m.text) for m in found.messages[1:3]] == [
        ("p5", "comment", "Goodbye then."),
        ("p5/close", "close", ""),
    ]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (author("user"), "customer"),
        (author("lead"), "customer"),
        (author("contact"), "customer"),
        (author("admin"), "human_agent"),
        (author("admin", from_ai_agent=True), "ai_agent"),
        (author("bot", is_ai_answer=True), "ai_agent"),
        (author("bot"), "bot"),
        ({"type": "admin", "id": "9", "email": "operator+abc@intercom.io"}, "bot"),
        (author("team"), "system"),
    ],
)
def test_who_wrote_is_known_by_type_and_ai_flags(
    serving: Callable[..., HelpdeskServer], by: Json, expected: str
) -> None:
    found = one(serving(conversation(1, NOON, part(1, "comment", NOON - 9, by, "<p>Hello there.</p>"))))
    assert found.messages[1].author_type == expected


def test_a_redacted_part_says_nothing(serving: Callable[..., HelpdeskServer]) -> None:
    gone = part(1, "comment", NOON - 9, author("user"), "<p>This message was deleted</p>", redacted=True)
    message = one(serving(conversation(1, NOON, gone))).messages[1]
    assert (message.text, message.redacted, message.is_spoken) == ("", True, False)


def test_what_is_not_known_yet_costs_nothing(serving: Callable[..., HelpdeskServer]) -> None:
    strange = part(1, "hologram_started", NOON - 9, author("admin"), "<p>beam</p>")
    given = conversation(
        1, NOON, strange, ai_agent={"resolution_state": None, "source_type": "profile", "rating": None}
    )
    given["source"]["type"] = "twitter"
    found = one(serving(given))
    assert found.channel == "twitter"
    assert (found.messages[1].kind, found.messages[1].is_public) == ("other", False)


def test_a_conversation_of_600_parts_has_the_newest_500_and_says_so(serving: Callable[..., HelpdeskServer]) -> None:
    many = [part(n, "comment", NOON - 700 + n, author("user"), f"<p>line {n}</p>") for n in range(600)]
    given = conversation(1, NOON, *many)
    given["conversation_parts"]["total_count"] = 601
    found = one(serving(given))
    assert sum(m.kind == "comment" for m in found.messages) == 500  # the first message, and 499 comments with the close
    assert found.source_metadata is not None
    assert '"parts_missing":101,"parts_total":601' in found.source_metadata


def test_a_phone_call_has_its_transcript(serving: Callable[..., HelpdeskServer]) -> None:
    given = conversation(1, NOON)
    given["source"] |= {"type": "phone_call", "body": ""}
    workspace = Workspace(given)
    said = [{"speaker": "customer", "text": "It rings."}, {"speaker": "admin", "text": "Hello."}]
    workspace.calls["1"] = [
        {"id": "9", "initiated_at": NOON - 500, "transcript": said, "transcript_status": "completed"}
    ]
    found = one(serving(workspace=workspace))
    assert found.channel == "phone"
    transcript = [(m.author_type, m.text) for m in found.messages if m.kind == "call_transcript"]
    assert transcript == [("customer", "It rings."), ("human_agent", "Hello.")]


def test_only_the_days_that_were_asked_for_come(serving: Callable[..., HelpdeskServer]) -> None:
    days = [conversation(n, NOON + n * A_DAY) for n in range(-2, 4)]
    edges = [
        conversation(10, NOON - 12 * HOUR),
        conversation(11, NOON + 12 * HOUR - 1),
        conversation(12, NOON + 12 * HOUR),
    ]
    server = serving(*(one | {"id": str(int(one["id"]) + 100)} for one in days), *edges)
    assert ids(extracted(server)) == ["10", "11", "100"]
    assert ids(extracted(server, DAY, DAY + timedelta(1), DAY + timedelta(3))) == [
        "10",
        "11",
        "12",
        "100",
        "101",
        "103",
    ]


def test_many_pages_come_whole_and_once_each(serving: Callable[..., HelpdeskServer]) -> None:
    given = [conversation(n, NOON + n % 40) for n in range(1, 101)]
    server = serving(workspace=Workspace(*given, per_page=7))
    assert ids(extracted(server)) == [str(n) for n in range(1, 101)]


FAULTS: tuple[Fault, ...] = ("429", "429 with Retry-After", "500", "503", "drop", "cut", "html")


@pytest.mark.parametrize("fault", FAULTS)
def test_no_conversation_is_lost_or_doubled_by_what_goes_wrong_on_the_way(
    serving: Callable[..., HelpdeskServer], fault: Fault
) -> None:
    given = [conversation(n, NOON + n) for n in range(1, 25)]
    server = serving(workspace=Workspace(*given, per_page=5), fault=every(9, fault))
    assert ids(extracted(server)) == [str(n) for n in range(1, 25)]


def test_an_expired_cursor_begins_the_search_anew_and_fetches_nothing_twice(
    serving: Callable[..., HelpdeskServer],
) -> None:
    workspace = Workspace(*(conversation(n, NOON + n) for n in range(1, 41)), per_page=10)

    def expire(seen: Seen, on: Workspace) -> None:
        cursor = (seen.body or {}).get("pagination", {}).get("starting_after") if isinstance(seen.body, dict) else None
        if cursor and not expired:
            expired.append(cursor)
            on.expired.add(cursor)

    expired: list[str] = []
    workspace.before = expire
    server = serving(workspace=workspace)
    assert ids(extracted(server)) == [str(n) for n in range(1, 41)]
    fetched = [path for path in server.paths() if path.startswith("/conversations/")]
    assert expired
    assert len(fetched) == len(set(fetched)) == 40


def test_a_cursor_that_always_expires_ends_in_an_error_and_not_in_a_loop(
    serving: Callable[..., HelpdeskServer],
) -> None:
    workspace = Workspace(*(conversation(n, NOON + n) for n in range(1, 21)), per_page=10)

    def expire(seen: Seen, on: Workspace) -> None:
        if seen.path.endswith("search") and "starting_after" in seen.body["pagination"]:
            on.expired.add(seen.body["pagination"]["starting_after"])

    workspace.before = expire
    with pytest.raises(SourceError, match="search"):
        extracted(serving(workspace=workspace))


def test_what_is_updated_while_pages_are_read_comes_once_as_it_is(serving: Callable[..., HelpdeskServer]) -> None:
    workspace = Workspace(*(conversation(n, NOON + n) for n in range(1, 41)), per_page=10)
    moved: list[int] = []

    def update(seen: Seen, on: Workspace) -> None:
        if seen.path.endswith("search") and len(moved) < 3:
            number = 5 + len(moved)  # on a page to come: it moves to the front, past the cursor
            moved.append(number)
            on.touch(number, NOON + 100 + number)

    workspace.before = update
    now = datetime.fromtimestamp(NOON + 200, UTC)  # the day is not over
    found = extracted(serving(workspace=workspace), clock=lambda: now)
    assert ids(found) == [str(n) for n in range(1, 41)]
    latest = {one.conversation_id: one.version_at.timestamp() for one in found if isinstance(one, Conversation)}
    assert all(latest[str(n)] == NOON + 100 + n for n in moved)


def test_what_moves_to_a_later_day_is_left_to_that_day(serving: Callable[..., HelpdeskServer]) -> None:
    workspace = Workspace(conversation(1, NOON), conversation(2, NOON))

    def move(seen: Seen, on: Workspace) -> None:
        if seen.path.startswith("/conversations/1"):
            on.touch(1, NOON + A_DAY)

    workspace.before = move
    server = serving(workspace=workspace)
    assert ids(extracted(server)) == ["2"]
    assert ids(extracted(server, DAY + timedelta(1))) == ["1"]


def test_what_is_deleted_meanwhile_is_rejected_by_name_and_the_rest_comes(
    serving: Callable[..., HelpdeskServer],
) -> None:
    workspace = Workspace(conversation(1, NOON), conversation(2, NOON))

    def delete(seen: Seen, on: Workspace) -> None:
        if seen.path == "/conversations/1":
            on.conversations.pop("1", None)

    workspace.before = delete
    found = extracted(serving(workspace=workspace))
    rejected = [one for one in found if isinstance(one, Rejected)]
    assert ids(found) == ["1", "2"]
    assert [(one.rule, one.record_ref, one.day) for one in rejected] == [("deleted", "conversations/1", DAY)]


def test_a_value_that_no_conversation_may_have_is_rejected_without_its_text(
    serving: Callable[..., HelpdeskServer],
) -> None:
    bad = conversation(1, NOON, body="<p>my secret</p>", conversation_rating={"rating": 9, "created_at": NOON})
    found = extracted(serving(bad, conversation(2, NOON)))
    (rejected,) = [one for one in found if isinstance(one, Rejected)]
    assert (rejected.rule, rejected.conversation_id) == ("bad_value", "1")
    assert "csat_rating" in rejected.detail
    assert "secret" not in rejected.detail
    assert ids(found) == ["1", "2"]


def test_a_refused_token_is_one_line_without_the_token(serving: Callable[..., HelpdeskServer]) -> None:
    with pytest.raises(Refused) as caught:
        extracted(serving(conversation(1, NOON)), token="wrong-token")
    assert "not accepted (401)" in str(caught.value)
    assert "wrong-token" not in str(caught.value)


def test_the_greeting_names_the_workspace(serving: Callable[..., HelpdeskServer]) -> None:
    with client(serving()) as api:
        assert greeting(api) == "intercom, workspace Acme"


def test_the_list_of_a_day_is_made_without_fetching_a_conversation(serving: Callable[..., HelpdeskServer]) -> None:
    server = serving(*(conversation(n, NOON + n) for n in range(1, 6)), conversation(9, NOON + A_DAY))
    listed = list(source(server).listing(frozenset({DAY})))
    assert sorted(one.conversation_id for one in listed if isinstance(one, Listed)) == ["1", "2", "3", "4", "5"]
    assert server.paths() == []


def test_a_clock_that_is_wrong_loses_nothing(serving: Callable[..., HelpdeskServer]) -> None:
    for minutes in (-8, 8):
        server = serving(*(conversation(n, NOON + n) for n in range(1, 6)), skew=60.0 * minutes, limit=Limit(20, 1.0))
        assert ids(extracted(server)) == ["1", "2", "3", "4", "5"]


def test_a_pass_that_broke_off_goes_on_where_it_stopped(serving: Callable[..., HelpdeskServer], tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    down: list[bool] = [True]

    def fault(seen: Seen) -> Fault | None:
        return "401" if down[0] and sum(s.path.startswith("/conversations/2") for s in server.seen) > 60 else None

    server = serving(
        workspace=Workspace(*(conversation(n, NOON + n) for n in range(201, 301)), per_page=20), fault=fault
    )
    holds = Held(lake, "acme", "intercom")
    with pytest.raises(Refused):
        extract_days(source(server, holds), lake, [DAY], "run-1", clock=lambda: LATER, group=10)
    kept = set(lake.read("conversations")["conversation_id"])
    assert kept
    down[0] = False
    before = len(server.seen)
    extract_days(source(server, Held(lake, "acme", "intercom")), lake, [DAY], "run-2", clock=lambda: LATER)
    again = {
        path.rsplit("/", 1)[1] for path in (seen.path for seen in server.seen[before:]) if "/conversations/2" in path
    }
    assert not again & kept
    assert lake.read("conversations")["conversation_id"].sort().to_list() == [str(n) for n in range(201, 301)]


@pytest.mark.slow
def test_ten_thousand_conversations_are_complete_when_every_50th_request_fails(tmp_path: Path) -> None:
    given = [conversation(n, NOON - 11 * HOUR + n * 7 % (22 * HOUR)) for n in range(10_000)]
    lake = Lake(str(tmp_path / "lake"))
    faults: tuple[Fault, ...] = ("500", "drop", "cut", "html", "429")
    with serve(Workspace(*given), fault=every(50, *faults)) as server:
        begun = time.monotonic()
        done = extract_days(source(server), lake, [DAY], "run", clock=lambda: LATER)
        print(f"10,000 conversations in {time.monotonic() - begun:.1f} s, {len(server.seen):,} requests")
        assert server.invalid == []
    assert done.versions == {"2026-03-02": 10_000}
    assert done.rejected.total() == 0
    stored = lake.read("conversations")
    assert stored.height == stored["conversation_id"].n_unique() == 10_000
    assert lake.read("messages").height == 30_000
