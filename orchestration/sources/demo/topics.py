"""What conversations of the demo are about: three invented companies, six and five topics each.

Here are names and weights only; the words are in `phrases/<language>/<workspace>.toml`, under the topic's key.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from orchestration.sources.demo.odds import Difficulty, Workspace
from scoring_ops.claims import Policy


class Topic(NamedTuple):
    """A topic of one workspace: how hard it is, who works on it, and what feedback about it is filed under."""

    key: str
    weight: int
    difficulty: Difficulty
    team: str
    tags: tuple[str, ...]
    product_area: str
    policy: Policy | None


TOPICS: Mapping[Workspace, tuple[Topic, ...]] = MappingProxyType(
    {
        "retail": (
            Topic("delivery", 30, "medium", "Delivery", ("parcel", "courier"), "delivery tracking", None),
            Topic("refund", 16, "hard", "Payments", ("refund",), "refund status", "refund"),
            Topic("returns", 18, "medium", "Returns", ("return", "label"), "return portal", "return"),
            Topic("damaged", 14, "medium", "Returns", ("damage", "warranty"), "product quality", "return"),
            Topic("order_change", 13, "easy", "Orders", ("address", "cancel"), "order editing", None),
            Topic("promo", 9, "easy", "Orders", ("voucher",), "checkout", "eligibility"),
        ),
        "software": (
            Topic("login", 24, "easy", "Access", ("login", "2fa"), "login", "account_rules"),
            Topic("billing", 22, "medium", "Billing", ("invoice",), "billing page", "pricing"),
            Topic("sync_bug", 20, "hard", "Engineering support", ("bug", "sync"), "sync", None),
            Topic("how_to", 22, "easy", "Product help", ("question",), "help and menus", None),
            Topic("integration", 12, "medium", "Engineering support", ("api", "import"), "integrations", None),
        ),
        "travel": (
            Topic("booking_change", 28, "medium", "Bookings", ("change",), "booking app", "pricing"),
            Topic("cancellation", 22, "hard", "Refunds", ("cancel", "refund"), "cancellation page", "refund"),
            Topic("baggage", 15, "hard", "On the road", ("baggage",), "bag tracking", "eligibility"),
            Topic("check_in", 20, "easy", "On the road", ("check-in", "seat"), "check-in", None),
            Topic("loyalty", 15, "easy", "Members", ("points", "invoice"), "points page", "eligibility"),
        ),
    }
)

LONG_TOPICS: Mapping[Workspace, str] = MappingProxyType(
    {"retail": "refund", "software": "sync_bug", "travel": "booking_change"}
)
"""The topic of a workspace's very long conversations, to which `phrases/en/steps.toml` belongs."""


def topic_named(workspace: Workspace, key: str) -> Topic:
    """The topic of a workspace with this key."""
    return next(topic for topic in TOPICS[workspace] if topic.key == key)
