"""The files of one day of a lake table, written group by group and shown together when all are whole.

A day has a file for each workspace and source. Frames arrive file by file, in the order in which the lake is read,
so that one file is open at a time, however many workspaces a day has.
"""

from collections.abc import Callable

import polars as pl
from upath import UPath

from orchestration.parquet_file import NewFile, write_whole

Place = tuple[str, str]
"""A workspace and a source."""


class DayWriter:
    """Appends rows to the files of a day; made by `Lake.day_writer`, which finishes or abandons it."""

    def __init__(self, path_of: Callable[[Place], UPath], schema: pl.Schema, inputs: str) -> None:
        self._path_of = path_of
        self._schema = schema
        self._inputs = inputs
        self._files: dict[Place, NewFile] = {}
        self._current: Place | None = None

    def begin(self, workspace_id: str, source: str) -> None:
        """The next rows are of this workspace and source; without any, their file will be empty.

        Raises:
            ValueError: its file was ended before; rows of one file must come one after the other.
        """
        place = (workspace_id, source)
        if place == self._current:
            return
        if place in self._files:
            raise ValueError(f"rows of workspace {workspace_id!r}, source {source!r} come in two parts")
        if self._current is not None:
            self._files[self._current].close()
        self._files[place] = NewFile(self._path_of(place), self._schema, self._inputs)
        self._current = place

    def write(self, frame: pl.DataFrame) -> None:
        """Appends rows of one or more workspaces and sources."""
        parts = frame.partition_by("workspace_id", "source", as_dict=True, maintain_order=True)
        for (workspace, source), rows in parts.items():
            self.begin(str(workspace), str(source))
            self._files[str(workspace), str(source)].write(rows)

    def finish(self, stale: list[UPath]) -> None:
        """Shows all files, and empties those of `stale` that got no rows this time."""
        if self._current is not None:
            self._files[self._current].close()
        for file in self._files.values():
            file.publish()
        written = {str(file.path) for file in self._files.values()}
        for path in stale:
            if str(path) not in written:
                write_whole(path, self._schema.to_frame(), self._inputs)

    def abandon(self) -> None:
        """Leaves the day as it was."""
        for file in self._files.values():
            file.abandon()
