"""Whether two engines built the same mart: the same columns and rows, numbers to 1e-9 of their size."""

import polars as pl

NUMBERS_AGREE_TO = 1e-9


def disagreements(ours: pl.DataFrame, theirs: pl.DataFrame) -> list[str]:
    """What differs between two builds of one mart, in words; nothing where they agree. The order of rows is free."""
    if ours.columns != theirs.columns:
        return [f"columns: {ours.columns} and {theirs.columns}"]
    if ours.height != theirs.height:
        return [f"rows: {ours.height} and {theirs.height}"]
    a, b = _ordered(ours), _ordered(theirs)
    return [line for name in ours.columns if (line := _column(a[name], b[name]))]


def _ordered(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows in an order that does not hang on the last digits of a number, which engines may round differently."""
    exact = [name for name, kind in frame.schema.items() if not kind.is_float()]
    rounded = [pl.col(name).round(6) for name in frame.columns if name not in exact]
    return frame.sort(*exact, *rounded)


def _column(ours: pl.Series, theirs: pl.Series) -> str:
    if ours.dtype.is_float():
        apart = (ours - theirs).abs() > NUMBERS_AGREE_TO * pl.select(pl.max_horizontal(ours.abs(), 1.0)).to_series()
        differs = apart.fill_null(value=False) | (ours.is_null() != theirs.is_null())
    else:
        differs = ours.ne_missing(theirs.cast(ours.dtype))
    if not differs.any():
        return ""
    first = differs.arg_true()[0]
    return f"{ours.name}: {differs.sum()} of {len(ours)} rows differ, such as {ours[first]!r} and {theirs[first]!r}"
