"""Dagster resources as functions that build plain objects from the settings when a run starts.

Assets and ops ask for the plain objects (`dg.ResourceParam[Lake]`) and never see how they are made.
"""

from collections.abc import Iterator

import dagster as dg

from orchestration.lake import Lake
from orchestration.scoring import LakeScoringDesk
from orchestration.settings import Settings, load_settings
from orchestration.sources.chosen import chosen_source
from orchestration.sources.protocol import Source


def settings(_: dg.InitResourceContext) -> Settings:
    """The settings of the process; a wrong one fails the run before any work."""
    return load_settings()


def lake(_: dg.InitResourceContext) -> Lake:
    """The lake of CX_LAKE_URL, with a typed empty file for every table."""
    opened = Lake(load_settings().lake_url)
    opened.initialise()
    return opened


def source(_: dg.InitResourceContext) -> Source:
    """The source of CX_SOURCE."""
    return chosen_source(load_settings())


def scoring_desk(_: dg.InitResourceContext) -> Iterator[LakeScoringDesk]:
    """The desk at which the LLM ops work, closed when the run or the step ends."""
    read = load_settings()
    with LakeScoringDesk(read, Lake(read.lake_url), chunks_per_day=read.chunks_per_day) as desk:
        yield desk
