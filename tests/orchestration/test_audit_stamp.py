"""The stamp: marts are published from the state of the warehouse that every audit has passed, and from no other."""

import os

import pytest

from orchestration.audit_stamp import NotAudited, demand_audits, forget_audits, stamp_audit
from orchestration.settings import Settings, load_settings

AUDITS = ("dbt tests", "rpt_cx_weekly")


@pytest.fixture
def settings() -> Settings:
    settings = load_settings()
    settings.home.mkdir(parents=True)
    settings.warehouse_path.write_bytes(b"built")
    return settings


def stamp_all(settings: Settings) -> None:
    for audit in AUDITS:
        stamp_audit(settings, audit)


def test_a_fully_audited_warehouse_may_be_published(settings: Settings) -> None:
    stamp_all(settings)
    demand_audits(settings, AUDITS)


def test_one_missing_audit_is_named(settings: Settings) -> None:
    stamp_audit(settings, "dbt tests")
    with pytest.raises(NotAudited, match="has not passed rpt_cx_weekly since"):
        demand_audits(settings, AUDITS)


def test_a_warehouse_changed_after_its_audit_is_not_published(settings: Settings) -> None:
    stamp_all(settings)
    settings.warehouse_path.write_bytes(b"other")
    os.utime(settings.warehouse_path, ns=(1, 1))
    with pytest.raises(NotAudited):
        demand_audits(settings, AUDITS)


def test_a_new_build_forgets_the_audits_of_the_last(settings: Settings) -> None:
    stamp_all(settings)
    forget_audits(settings)
    with pytest.raises(NotAudited, match="dbt tests, rpt_cx_weekly"):
        demand_audits(settings, AUDITS)
