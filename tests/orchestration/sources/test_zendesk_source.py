"""The Zendesk source against a server held to a description: complete, once each, whatever happens on the way."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from orchestration.extraction import extract_days
from orchestration.held import Held
from orchestration.lake import Lake
from orchestration.sources.http import Api, Refused
from orchestration.sources.pace import Allowance
from orchestration.sources.protocol import Listed, Rejected, SourceError
from orchestration.sources.zendesk.api import greeting, limit_of, zendesk_api
from orchestration.sources.zendesk.source import ZendeskSource
from scoring_ops.conversation import Conversation
from tests.fakes.helpdesk_server import Fault, HelpdeskServer, Seen, every
from tests.fakes.zendesk.server import AGENT, BOT, EMAIL, EXPORT, TOKEN, Account, Json, comment, iso, serve, ticket

DAY = date(2026, 3, 2)
NOON = int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp())
MIDNIGHT = NOON + 12 * 3600
LATER = datetime(2026, 3, 10, tzinfo=UTC)
HOUR, A_DAY = 3600, 86_400


@pytest.fixture
def serving() -> Iterator[Callable[..., HelpdeskServer]]:
    """Starts a server; at the end it must have seen and said nothing that the description does not allow."""
    running: list[HelpdeskServer] = []

    def start(*tickets: Json, account: Account | None = None, **more: Any) -> HelpdeskServer:
        server = serve(account or Account(*tickets), **more)
        running.append(server.__enter__())
        return server

    yield start
    for server in running:
        server.__exit__()
        assert server.invalid == []


def client(server: HelpdeskServer, token: str = TOKEN) -> Api:
    return zendesk_api(server.url, EMAIL, SecretStr(token))


def source(server: HelpdeskServer, holds: Callable[[str, datetime], bool] | None = None, **more: Any) -> ZendeskSource:
    clock = more.pop("clock", lambda: LATER)
    token = more.pop("token", TOKEN)
    return ZendeskSource(lambda: client(server, token), "acme", holds or (lambda _id, _at: False), clock, **more)


def extracted(server: HelpdeskServer, *days: date, **more: Any) -> list[Conversation | Rejected]:
    return list(source(server, **more).extract(frozenset(days or (DAY,))))


def one(server: HelpdeskServer, **more: Any) -> Conversation:
    (found,) = extracted(server, **more)
    assert isinstance(found, Conversation), found
    return found


def ids(found: list[Conversation | Rejected]) -> list[str]:
    return sorted((one.conversation_id or "?" for one in found), key=lambda i: (len(i), i))


def test_a_ticket_is_read_with_everything_that_the_metrics_need(serving: Callable[..., HelpdeskServer]) -> None:
    account = Account(
        ticket(
            7,
            NOON,
            tags=["refund"],
            organization_id=55,
            satisfaction_rating={"score": "good", "id": 3, "comment": "quick", "reason": "Fast"},
            custom_fields=[{"id": 1, "value": "pro"}, {"id": 2, "value": None}],
        )
    )
    account.metrics[7] = {
        "ticket_id": 7,
        "solved_at": iso(NOON - 60),
        "reopens": 2,
        "first_resolution_time_in_minutes": {"calendar": 30, "business": 5},
    }
    account.ratings[3] = {"score": "good", "created_at": iso(NOON - 50), "updated_at": iso(NOON - 20)}
    found = one(serving(account=account))
    assert (found.workspace_id, found.source, found.conversation_id, found.state) == ("acme", "zendesk", "7", "closed")
    assert (found.version_at.timestamp(), found.update_day, found.channel) == (NOON, DAY, "web")
    assert (found.subject, found.team, found.tags, found.customer_id) == ("Ticket 7", "Billing", ("refund",), "7")
    assert (found.account_id, found.reopen_count, found.initiated_by) == ("55", 2, "customer")
    assert (found.csat_rating, found.csat_scale, found.csat_remark) == (5, "good/bad", "quick")
    times = (found.first_closed_at, found.last_closed_at, found.csat_requested_at, found.csat_rated_at)
    assert [int(at.timestamp()) - NOON for at in times if at] == [-1800, -60, -50, -20]
    assert found.source_metadata is not None
    assert '"custom_fields":{"1":"pro"}' in found.source_metadata
    assert '"csat_reason":"Fast"' in found.source_metadata
    assert [(m.author_type, m.text) for m in found.spoken] == [
        ("customer", "My parcel did not arrive."),
        ("human_agent", "It comes tomorrow."),
    ]


@pytest.mark.parametrize(
    ("score", "rating", "asked"),
    [("unoffered", None, False), ("offered", None, True), ("good", 5, True), ("bad", 1, True)],
)
def test_a_two_point_survey_is_mapped_to_the_ends_of_the_scale(
    serving: Callable[..., HelpdeskServer], score: str, rating: int | None, asked: bool
) -> None:
    found = one(serving(ticket(1, NOON, satisfaction_rating={"score": score})))
    assert (found.csat_rating, found.csat_requested_at is not None) == (rating, asked)
    assert (found.csat_rated_at is not None) == (rating is not None)


def said(*comments: Json, **more: Any) -> Account:
    account = Account(ticket(1, NOON, **more))
    account.comments[1] = list(comments)
    return account


def test_notes_rules_merges_and_bots_are_no_replies_of_a_person(serving: Callable[..., HelpdeskServer]) -> None:
    account = said(
        comment(1, NOON - 90, 1, "It is broken."),
        comment(2, NOON - 80, -1, "We got your request.", via={"channel": "rule", "source": {"rel": "trigger"}}),
        comment(3, NOON - 70, AGENT, "Difficult customer.", public=False),
        comment(4, NOON - 60, BOT, "Have you tried to restart?"),
        comment(5, NOON - 50, AGENT, "Merged with 8.", via={"channel": "web", "source": {"rel": "merge"}}),
        comment(6, NOON - 40, 333, "I see the same."),
        comment(7, NOON - 30, AGENT, "Mended.", attachments=[{"file_name": "a.pdf"}]),
        tags=["closed_by_merge"],
    )
    found = one(serving(account=account), bots=frozenset({str(BOT)}))
    assert (found.is_merged, found.agent_mix, found.ai_agent_participated) == (True, "mixed", True)
    assert [(m.author_type, m.kind, m.is_public) for m in found.messages] == [
        ("customer", "comment", True),
        ("bot", "comment", True),
        ("human_agent", "note", False),
        ("ai_agent", "comment", True),
        ("human_agent", "other", False),
        ("customer", "comment", True),
        ("human_agent", "comment", True),
    ]
    assert found.messages[-1].text == "Mended.\n[attachment: a.pdf]"


def test_an_agent_who_asks_other_agents_is_the_customer(serving: Callable[..., HelpdeskServer]) -> None:
    account = said(
        comment(1, NOON - 90, AGENT, "My laptop is broken."),
        comment(2, NOON - 80, 901, "Take another."),
        requester_id=AGENT,
        submitter_id=AGENT,
    )
    assert [m.author_type for m in one(serving(account=account)).messages] == ["customer", "human_agent"]


def test_who_wrote_is_asked_for_where_nothing_is_side_loaded(serving: Callable[..., HelpdeskServer]) -> None:
    account = Account(ticket(1, NOON), ticket(2, NOON))
    account.is_side_loading = False
    server = serving(account=account)
    found = [one for one in extracted(server) if isinstance(one, Conversation)]
    assert {one.agent_mix for one in found} == {"human_only"}
    assert any("show_many" in path for path in server.paths())


def test_quoted_mail_is_kept_and_said_by_nobody(serving: Callable[..., HelpdeskServer]) -> None:
    body = "<p>No.</p><blockquote type='cite'>Does it work?</blockquote>"
    account = said(comment(1, NOON - 90, 1, "No.", html_body=body), via={"channel": "email"})
    found = one(serving(account=account))
    assert [(m.text, m.is_public, m.kind) for m in found.messages] == [
        ("No.", True, "comment"),
        ("Does it work?", False, "other"),
    ]


def test_what_was_redacted_says_nothing(serving: Callable[..., HelpdeskServer]) -> None:
    account = said(comment(1, NOON - 90, 1, "\u2587" * 9), comment(2, NOON - 80, 1, "My card is \u2587\u2587\u2587."))
    first, second = one(serving(account=account)).messages
    assert (first.text, first.redacted) == ("", True)
    assert (second.text, second.redacted) == ("My card is \u2587\u2587\u2587.", False)


def test_a_chat_is_read_from_its_history_and_the_comment_that_repeats_it_is_not(
    serving: Callable[..., HelpdeskServer],
) -> None:
    account = said(
        comment(1, NOON - 90, 1, "(12:00) Visitor: Hi", via={"channel": "chat", "source": {}}), via={"channel": "chat"}
    )
    line = {"type": "ChatMessage", "timestamp": (NOON - 90) * 1000}
    history = [
        {**line, "actor_type": "end-user", "actor_id": "1", "message": "Hi", "message_id": "a", "chat_index": 0},
        {**line, "actor_type": "bot", "actor_id": "x", "message": "Hello!", "message_id": "b", "chat_index": 1},
        {**line, "actor_type": "agent", "actor_id": f"agent:{AGENT}", "message": "Yes?", "message_id": "c"},
        {"type": "ChatJoin", "actor_type": "agent", "timestamp": NOON * 1000},
        {"type": "ChatFileAttachment", "actor_type": "end-user", "filename": "p.png", "timestamp": NOON * 1000},
    ]
    event = {"id": 5, "type": "ChatStartedEvent", "value": {"history": history}}
    account.audits[1] = [{"id": 4, "events": [event, {"id": 6, "type": "Change", "value": "solved"}]}]
    found = one(serving(account=account))
    assert (found.channel, found.agent_mix) == ("chat", "mixed")
    assert [(m.author_type, m.text) for m in found.spoken] == [
        ("customer", "Hi"),
        ("ai_agent", "Hello!"),
        ("human_agent", "Yes?"),
        ("customer", "[attachment: p.png]"),
    ]


def test_a_call_keeps_its_transcript_and_gives_it_to_nobody(serving: Callable[..., HelpdeskServer]) -> None:
    voice = comment(1, NOON - 9, 1, "Call from: +1", type="VoiceComment", data={"transcription_text": "Hello? Hi."})
    found = one(serving(account=said(voice, via={"channel": "voice"})))
    assert found.channel == "phone"
    assert [(m.kind, m.text, m.is_spoken) for m in found.messages] == [
        ("other", "Call from: +1", False),
        ("call_transcript", "Hello? Hi.", False),
    ]


def test_600_comments_come_whole(serving: Callable[..., HelpdeskServer]) -> None:
    account = said(*(comment(n, NOON - 700 + n, 1, f"line {n}") for n in range(1, 601)))
    assert len(one(serving(account=account)).messages) == 600


def test_a_deleted_ticket_is_a_version_without_words_and_a_suspended_requester_is_spam(
    serving: Callable[..., HelpdeskServer],
) -> None:
    account = Account(ticket(1, NOON, status="deleted"), ticket(2, NOON))
    account.users[2] = {"id": 2, "role": "end-user", "suspended": True}
    server = serving(account=account)
    found = {one.conversation_id: one for one in extracted(server) if isinstance(one, Conversation)}
    assert (found["1"].state, found["1"].messages) == ("deleted", ())
    assert (found["1"].is_spam, found["2"].is_spam) == (False, True)
    assert not any("/tickets/1/" in path for path in server.paths())


def test_only_the_days_that_were_asked_for_come_and_reading_stops_after_them(
    serving: Callable[..., HelpdeskServer],
) -> None:
    edges = [ticket(1, MIDNIGHT - A_DAY - 1), ticket(2, MIDNIGHT - A_DAY), ticket(3, MIDNIGHT - 1), ticket(4, MIDNIGHT)]
    later = [ticket(n, MIDNIGHT + n) for n in range(10, 60)]
    server = serving(account=Account(*edges, *later, per_page=5))
    assert ids(extracted(server)) == ["2", "3"]
    assert server.paths().count(EXPORT) == 1
    assert ids(extracted(server, DAY, DAY + timedelta(2))) == ["2", "3"]


def test_many_pages_come_whole_and_once_each(serving: Callable[..., HelpdeskServer]) -> None:
    given = [ticket(n, NOON + n // 9) for n in range(1, 101)]  # many of the same second
    assert ids(extracted(serving(account=Account(*given, per_page=7)))) == [str(n) for n in range(1, 101)]


FAULTS: tuple[Fault, ...] = ("429", "429 with Retry-After", "500", "503", "drop", "cut", "html")


@pytest.mark.parametrize("fault", FAULTS)
def test_no_ticket_is_lost_or_doubled_by_what_goes_wrong_on_the_way(
    serving: Callable[..., HelpdeskServer], fault: Fault
) -> None:
    given = [ticket(n, NOON + n) for n in range(1, 25)]
    server = serving(account=Account(*given, per_page=5), fault=every(9, fault))
    assert ids(extracted(server)) == [str(n) for n in range(1, 25)]


def test_an_expired_cursor_goes_on_from_the_last_ticket(serving: Callable[..., HelpdeskServer]) -> None:
    account = Account(*(ticket(n, NOON + n // 4) for n in range(1, 41)), per_page=10)
    expired: list[str] = []

    def expire(seen: Seen, on: Account) -> None:
        if cursor := seen.query.get("cursor"):
            if not expired:
                on.expired.add(cursor)
            expired.append(cursor)

    account.before = expire
    server = serving(account=account)
    assert ids(extracted(server)) == [str(n) for n in range(1, 41)]
    fetched = [path for path in server.paths() if path.endswith("comments.json")]
    assert expired
    assert len(fetched) == len(set(fetched)) == 40


def test_a_ticket_that_is_updated_while_pages_are_read_comes_as_it_then_is(
    serving: Callable[..., HelpdeskServer],
) -> None:
    account = Account(*(ticket(n, NOON + n) for n in range(1, 41)), per_page=10)
    moved: list[int] = []

    def update(seen: Seen, on: Account) -> None:
        if seen.path == EXPORT and seen.query.get("cursor") and len(moved) < 2:
            number = 35 + len(moved)
            moved.append(number)
            on.tickets[number]["generated_timestamp"] = NOON + 100 + number
            on.tickets[1]["generated_timestamp"] = NOON + 200  # it came already: its new state comes too

    account.before = update
    found = [one for one in extracted(serving(account=account)) if isinstance(one, Conversation)]
    versions = {(one.conversation_id, int(one.version_at.timestamp()) - NOON) for one in found}
    assert len(versions) == len(found) == 41
    assert {("35", 135), ("36", 136), ("1", 1), ("1", 200)} <= versions


def test_the_minute_that_the_export_withholds_is_waited_for(serving: Callable[..., HelpdeskServer]) -> None:
    now = [MIDNIGHT + 10.0]
    account = Account(ticket(1, NOON), ticket(2, MIDNIGHT - 1), now=lambda: now[0])
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    clock = lambda: datetime.fromtimestamp(now[0], UTC)  # noqa: E731
    assert ids(extracted(serving(account=account), clock=clock, sleep=sleep)) == ["1", "2"]
    assert slept == [110.0]


def test_a_day_that_has_hardly_begun_is_empty_and_no_error(serving: Callable[..., HelpdeskServer]) -> None:
    now = MIDNIGHT - A_DAY + 30
    account = Account(ticket(1, now - 5), now=lambda: now)
    assert extracted(serving(account=account), clock=lambda: datetime.fromtimestamp(now, UTC)) == []


def test_what_is_deleted_meanwhile_is_rejected_by_name_and_the_rest_comes(
    serving: Callable[..., HelpdeskServer],
) -> None:
    account = Account(ticket(1, NOON), ticket(2, NOON))

    def delete(seen: Seen, on: Account) -> None:
        if "/tickets/1/" in seen.path:
            on.tickets.pop(1, None)

    account.before = delete
    found = extracted(serving(account=account))
    rejected = [one for one in found if isinstance(one, Rejected)]
    assert ids(found) == ["1", "2"]
    assert [(one.rule, one.record_ref, one.day) for one in rejected] == [("deleted", "tickets/1", DAY)]


def test_a_rating_that_the_token_may_not_read_costs_its_times_alone(serving: Callable[..., HelpdeskServer]) -> None:
    found = one(serving(ticket(1, NOON, satisfaction_rating={"score": "bad", "id": 77})))
    assert (found.csat_rating, found.csat_rated_at) == (1, found.last_closed_at)


def test_a_refused_token_is_one_line_without_the_token(serving: Callable[..., HelpdeskServer]) -> None:
    server = serving(ticket(1, NOON))
    with pytest.raises(Refused, match="not accepted") as caught:
        extracted(server, token="wrong-token")
    assert "wrong-token" not in str(caught.value)
    with client(server, "wrong-token") as api, pytest.raises(Refused, match="anonymous"):
        greeting(api)
    with client(server) as api:
        assert greeting(api) == "zendesk, as admin"


def test_a_host_that_does_not_answer_is_one_line() -> None:
    api = Api("zendesk", "http://127.0.0.1:9", backoff=0.0)
    with api, pytest.raises(SourceError, match=r"no answer from 127\.0\.0\.1/api/v2/users/me\.json: ConnectError"):
        greeting(api)


def test_the_list_of_a_day_is_made_from_the_export_alone(serving: Callable[..., HelpdeskServer]) -> None:
    server = serving(*(ticket(n, NOON + n) for n in range(1, 6)), ticket(9, NOON + A_DAY))
    listed = list(source(server).listing(frozenset({DAY})))
    assert sorted(one.conversation_id for one in listed if isinstance(one, Listed)) == ["1", "2", "3", "4", "5"]
    assert set(server.paths()) == {EXPORT}


def test_a_pass_that_broke_off_goes_on_where_it_stopped(serving: Callable[..., HelpdeskServer], tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    down = [True]

    def fault(seen: Seen) -> Fault | None:
        return "401" if down[0] and sum("comments" in s.path for s in server.seen) > 60 else None

    server = serving(account=Account(*(ticket(n, NOON + n) for n in range(201, 301))), fault=fault)
    with pytest.raises(Refused):
        extract_days(source(server), lake, [DAY], "run-1", clock=lambda: LATER, group=10)
    kept = set(lake.read("conversations")["conversation_id"])
    assert kept
    down[0] = False
    before = len(server.seen)
    extract_days(source(server, Held(lake, "acme", "zendesk")), lake, [DAY], "run-2", clock=lambda: LATER)
    again = {seen.path.split("/")[4] for seen in server.seen[before:] if seen.path.endswith("comments.json")}
    assert again
    assert not again & kept
    assert lake.read("conversations")["conversation_id"].sort().to_list() == [str(n) for n in range(201, 301)]


def test_the_limit_of_exports_goes_before_that_of_the_account() -> None:
    both = {
        "zendesk-ratelimit-incremental-exports": "total=10; remaining=4; resets=30",
        "ratelimit-remaining": "600",
        "ratelimit-reset": "20",
    }
    assert limit_of(httpx.Headers(both)) == Allowance(4, 30.0)
    del both["zendesk-ratelimit-incremental-exports"]
    assert limit_of(httpx.Headers(both)) == Allowance(600, 20.0)
    assert limit_of(httpx.Headers({})) is None


@pytest.mark.slow
def test_ten_thousand_tickets_are_complete_when_every_50th_request_fails(tmp_path: Path) -> None:
    given = [ticket(n, NOON - 11 * HOUR + n * 7 % (22 * HOUR)) for n in range(1, 10_001)]
    lake = Lake(str(tmp_path / "lake"))
    faults: tuple[Fault, ...] = ("500", "drop", "cut", "html", "429")
    with serve(Account(*given), fault=every(50, *faults)) as server:
        done = extract_days(source(server), lake, [DAY], "run", clock=lambda: LATER)
        assert server.invalid == []
    assert done.versions == {"2026-03-02": 10_000}
    assert done.rejected.total() == 0
    stored = lake.read("conversations")
    assert stored.height == stored["conversation_id"].n_unique() == 10_000
    assert lake.read("messages").height == 20_000
