"""Thin Dagster resources that build plain objects from the settings when a run starts.

Assets and ops ask for the plain objects (`dg.ResourceParam[Lake]`) and never see how they are made.
"""

import dagster as dg
from dagster import InitResourceContext

from orchestration.lake import Lake
from orchestration.scoring import LakeScoringDesk
from orchestration.settings import Settings, load_settings
from orchestration.sources.chosen import chosen_source
from orchestration.sources.protocol import Source


class SettingsResource(dg.ConfigurableResourceFactory[Settings]):
    """The settings of the process, read when the run starts."""

    def create_resource(self, context: InitResourceContext) -> Settings:
        """The settings; a wrong one fails the run before any work."""
        return load_settings()


class LakeResource(dg.ConfigurableResourceFactory[Lake]):
    """The lake of CX_LAKE_URL, with a typed empty file for every table."""

    def create_resource(self, context: InitResourceContext) -> Lake:
        """The lake, initialised."""
        lake = Lake(load_settings().lake_url)
        lake.initialise()
        return lake


class SourceResource(dg.ConfigurableResourceFactory[Source]):
    """The source of CX_SOURCE."""

    def create_resource(self, context: InitResourceContext) -> Source:
        """The source's client."""
        return chosen_source(load_settings())


class ScoringDeskResource(dg.ConfigurableResourceFactory[LakeScoringDesk]):
    """The desk at which the LLM ops work."""

    chunks_per_day: int = 1
    """Parts a day is judged in; more than one pays only where the executor runs steps at once."""

    def create_resource(self, context: InitResourceContext) -> LakeScoringDesk:
        """The desk, over the lake and cache of the settings."""
        settings = load_settings()
        return LakeScoringDesk(settings, Lake(settings.lake_url), chunks_per_day=self.chunks_per_day)
