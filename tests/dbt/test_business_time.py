"""Hours at work over the change of clocks, held against a count of minutes on the wall clock of each zone."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.dbt.build import Warehouse, dbt_build
from tests.dbt.lake_builder import LakeBuilder

pytestmark = pytest.mark.slow

# Both changes of clocks of 2026 lie between the first message and the last answer; in UTC there is none.
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
FIRST, DAYS, CONVERSATIONS = datetime(2026, 3, 2, tzinfo=UTC), 260, 60


def waits() -> list[tuple[str, str, datetime, datetime]]:
    """Zone, conversation, when the customer wrote, and when a person answered, from seconds to 12 days later."""
    chance = random.Random(4)
    found: list[tuple[str, str, datetime, datetime]] = []
    for zone in ZONES:
        for n in range(CONVERSATIONS):
            asked = FIRST + timedelta(minutes=chance.randrange(DAYS * 24 * 60))
            found.append((zone, f"c{n}", asked, asked + timedelta(minutes=round(2 ** chance.uniform(0, 14)))))
    return found


def minutes_at_work(asked: datetime, answered: datetime, zone: str) -> int:
    """Minutes whose beginning lies between nine and five of a Monday to Friday on the local clock, one by one."""
    local = (asked + timedelta(minutes=n) for n in range(int((answered - asked).total_seconds() // 60)))
    return sum(9 <= t.hour < 17 and t.weekday() < 5 for t in (moment.astimezone(ZoneInfo(zone)) for moment in local))


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    home: Path = tmp_path_factory.mktemp("business")
    lake = LakeBuilder(home / "lake")
    for zone in ZONES:
        lake.add("workspaces", workspace_id=zone, timezone=zone)
    for zone, name, asked, answered in waits():
        version = {"workspace_id": zone, "conversation_id": name, "version_at": answered}
        lake.add("conversations", **version, first_closed_at=answered, last_closed_at=answered)
        lake.add("messages", **version, sent_at=asked)
        reply = {"message_id": "m1", "position": 1, "author_type": "human_agent"}
        lake.add("messages", **version, **reply, sent_at=answered)
    lake.write()
    models = ("--select", "+int_conversations__response_times", "--exclude-resource-type", "unit_test")
    return dbt_build(home, *models, "--indirect-selection", "cautious")


def test_minutes_at_work_are_those_that_a_clock_on_the_wall_counts(warehouse: Warehouse):
    rows = warehouse.rows("select * from int_conversations__response_times")
    built = {(row["workspace_id"], row["conversation_id"]): row["first_response_business_minutes"] for row in rows}
    counted = {(zone, name): minutes_at_work(asked, answered, zone) for zone, name, asked, answered in waits()}
    assert built == pytest.approx(counted)
    assert sum(map(bool, counted.values())) > len(counted) / 3


def test_the_calendar_holds_both_changes_of_the_clocks(warehouse: Warehouse):
    opened = warehouse.rows(
        "select distinct workspace_id, cast(first_opens_at as time) as at from int_business__days "
        "where first_opens_at is not null and workspace_id in ('Europe/Berlin', 'UTC') order by all"
    )
    assert [(row["workspace_id"], str(row["at"])) for row in opened] == [
        ("Europe/Berlin", "07:00:00"),
        ("Europe/Berlin", "08:00:00"),
        ("UTC", "09:00:00"),
    ]
