"""The frame of every page that is written as a file: one look, and nothing from another host.

What stands on a page is decided by who writes it.
"""

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; }
td, th { border: 1px solid #ccc; padding: .35rem .6rem; text-align: left; vertical-align: top; }
"""


def head(title: str, style: str = "") -> str:
    """The head of a page; the title is text that is safe as it stands."""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width, initial-scale=1"><title>{title}</title><style>{STYLE}{style}</style></head>'
    )
