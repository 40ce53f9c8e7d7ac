"""Review sheets as one page that works without a server: read, answer, save a file that `review import` takes.

Nothing is fetched from another host and nothing is sent anywhere; answers wait in the browser until they are saved.
Texts of customers reach the page as data and are set as text, never as markup.
"""

import json
from collections.abc import Sequence
from importlib.resources import files

from expectations.page import head
from orchestration.review.sheet import Sheet


def review_page(sheets: Sequence[Sheet]) -> str:
    """The page of some sheets."""
    folder = files("orchestration.review")
    style, script = ((folder / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    data = json.dumps([sheet.model_dump(mode="json") for sheet in sheets], ensure_ascii=False).replace("</", "<\\/")
    return (
        f"{head('Review', style)}<body><main id=sheets></main>"
        f'<script type="application/json" id=data>{data}</script><script>{script}</script></body></html>\n'
    )
