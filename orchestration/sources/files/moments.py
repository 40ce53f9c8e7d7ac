"""Times of a record: reading them, and the rules for those it leaves out.

A record may bring every time of the contract or none but `sent_at` or `created_at`; the defaults of the data contract
are here and nowhere else. Times without an offset are taken as UTC. Numbers are refused: seconds or milliseconds is
a guess that moves conversations by decades.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from orchestration.sources.broken import Broken

_FIELDS = (
    "version_at",
    "created_at",
    "first_closed_at",
    "last_closed_at",
    "csat_requested_at",
    "csat_rated_at",
    "ai_resolution_rescinded_at",
)


@dataclass(frozen=True)
class Moments:
    """The times of one record: `given` by field name, and when each message was sent."""

    given: Mapping[str, datetime]
    sent: tuple[datetime | None, ...]

    @property
    def last_sent(self) -> datetime | None:
        """When the last message was sent, None where no message tells."""
        return max((moment for moment in self.sent if moment is not None), default=None)

    @property
    def version_at(self) -> datetime | None:
        """The given update time, else that of the last thing known to have happened, else of creation."""
        if "version_at" in self.given:
            return self.given["version_at"]
        events = [moment for name, moment in self.given.items() if name != "created_at"]
        sent = self.last_sent
        return max([*events, sent] if sent else events, default=self.given.get("created_at"))

    def completed(self, *, closed: bool) -> dict[str, datetime]:
        """The given times with `version_at`, and for a closed conversation both closing times, filled in.

        Raises:
            Broken: `no_time`, or `close_times_contradict`: what `expectations/rules.py` holds of closing times.
        """
        times = dict(self.given)
        version = self.version_at
        if version is None:
            raise Broken("no_time", "no version_at, no sent_at of a message and no created_at")
        times["version_at"] = version
        if closed:
            known = self.last_sent or self.given.get("created_at") or version
            first, last = self.given.get("first_closed_at"), self.given.get("last_closed_at")
            times["first_closed_at"] = first or last or known
            times["last_closed_at"] = last or first or known
        _refuse_contradiction(times.get("first_closed_at"), times.get("last_closed_at"))
        return times


def read_moments(fields: Mapping[str, object], messages: list[dict[str, object]]) -> Moments:
    """The times that a record gives.

    Raises:
        Broken: `bad_time`, naming the field.
    """
    given = {name: moment for name in _FIELDS if (moment := _moment(fields.get(name), name)) is not None}
    sent = tuple(_moment(m.get("sent_at"), "messages[{}].sent_at", n) for n, m in enumerate(messages))
    return Moments(given, sent)


def refuse_future(moments: Moments, latest: datetime) -> None:
    """Checks that no time lies after `latest`.

    Raises:
        Broken: `time_in_future`, naming the field.
    """
    for name, moment in moments.given.items():
        if moment > latest:
            raise Broken("time_in_future", name)
    for position, moment in enumerate(moments.sent):
        if moment is not None and moment > latest:
            raise Broken("time_in_future", f"messages[{position}].sent_at")


def _refuse_contradiction(first: datetime | None, last: datetime | None) -> None:
    if last is None:
        return
    if first is None:
        raise Broken("close_times_contradict", "last_closed_at without first_closed_at, and not closed")
    if last < first:
        raise Broken("close_times_contradict", "last_closed_at is before first_closed_at")


def _moment(value: object, name: str, position: int = 0) -> datetime | None:
    if value is None or value == "":
        return None
    try:
        moment = _parsed(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        expected = "an ISO 8601 time" if isinstance(value, str) else "text with an ISO 8601 time"
        raise Broken("bad_time", f"{name.format(position)}: {type(value).__name__}, expected {expected}") from None


def _parsed(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    # A dash after the year: "20200513" and longer runs of digits are as likely seconds or ids.
    if isinstance(value, str) and (text := value.strip())[4:5] == "-":
        return datetime.fromisoformat(text.removesuffix(" UTC").removesuffix("z"))
    raise ValueError
