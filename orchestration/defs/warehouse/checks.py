"""Blocking Great Expectations audits of the marts that people read, run before they are published."""

import dagster as dg

from expectations.audit import AUDITED_MARTS
from orchestration.checks import gx_check


@dg.definitions
def warehouse_checks() -> dg.Definitions:
    """One audit per mart that has a suite."""
    return dg.Definitions(asset_checks=[gx_check(mart) for mart in AUDITED_MARTS])
