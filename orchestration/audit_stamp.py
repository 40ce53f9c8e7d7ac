"""The stamp that lets marts be published: which state of the warehouse each audit has passed.

A build forgets all stamps; each audit that passes stamps the state it looked at; publishing demands that every audit
has stamped the state that is there now. So a warehouse that was built anew, changed by hand or audited only in part
is never published, in whatever order somebody materialises assets.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from orchestration.settings import Settings


class NotAudited(Exception):
    """The warehouse is not the one that all audits have passed."""


def forget_audits(settings: Settings) -> None:
    """Before a build: nothing is audited any more."""
    _file(settings).unlink(missing_ok=True)


def stamp_audit(settings: Settings, name: str) -> None:
    """An audit has passed on the warehouse as it is now."""
    stamps = _stamps(settings) | {name: _state(settings.warehouse_path)}
    _file(settings).parent.mkdir(parents=True, exist_ok=True)
    _file(settings).write_text(json.dumps(stamps, indent=2), encoding="utf-8")


def demand_audits(settings: Settings, names: Iterable[str]) -> None:
    """Returns where every named audit has passed on the warehouse as it is now.

    Raises:
        NotAudited: one has not; the message names it.
    """
    stamps, state = _stamps(settings), _state(settings.warehouse_path)
    missing = [name for name in names if stamps.get(name) != state]
    if missing:
        raise NotAudited(f"the warehouse has not passed {', '.join(missing)} since it was last written: build it anew")


def _file(settings: Settings) -> Path:
    return settings.dbt_dir / "audits.json"


def _stamps(settings: Settings) -> dict[str, str]:
    return json.loads(_file(settings).read_text(encoding="utf-8")) if _file(settings).exists() else {}


def _state(warehouse: Path) -> str:
    stat = warehouse.stat()
    return f"{stat.st_mtime_ns}:{stat.st_size}"
