"""Data Docs: a page per audited mart, rendered by Great Expectations, and an index; readable without a network.

The pages that Great Expectations renders load style sheets, scripts and a logo from other hosts, and the index of its
site is empty without them. Here nothing remote and no script is left, and the index is a plain list of the pages.
"""

import re
from pathlib import Path

from great_expectations.core import ExpectationSuiteValidationResult
from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
from great_expectations.render.view.view import DefaultJinjaPageView

from expectations.page import STYLE, head

_DROPPED = re.compile(
    r"<(script|style|nav|footer)\b.*?</\1>|<(?:link|img)\b[^>]*>|<title></title>", re.DOTALL | re.IGNORECASE
)
_DEAD_LINK = re.compile(r"<a\b[^>]*href=\"\.\./[^>]*>(.*?)</a>", re.DOTALL)
_RULES = """
.sticky, [data-toggle="collapse"], [onclick] { display: none; }
.text-success::before { content: "passed"; color: #17692e; }
.text-danger::before { content: "failed"; color: #a11212; }
"""


def write_data_docs(result: ExpectationSuiteValidationResult, docs_dir: Path) -> Path:
    """The page of a validation result in `docs_dir`, under the name of its suite, and the index of all pages there."""
    rendered = str(DefaultJinjaPageView().render(ValidationResultsPageRenderer().render(result)))
    page = _DEAD_LINK.sub(r"\1", _DROPPED.sub("", rendered)).replace(
        "</head>", f"<style>{STYLE}{_RULES}</style></head>", 1
    )
    docs_dir.mkdir(parents=True, exist_ok=True)
    path = docs_dir / f"{result.suite_name}.html"
    path.write_text(page, encoding="utf-8")
    _write_index(docs_dir)
    return path


def _write_index(docs_dir: Path) -> None:
    names = sorted(page.stem for page in docs_dir.glob("*.html") if page.stem != "index")
    links = "\n".join(f'<li><a href="{name}.html">{name}</a></li>' for name in names)
    (docs_dir / "index.html").write_text(
        f"{head('Data Docs', _RULES)}<body><h1>Data Docs</h1><ul>\n{links}\n</ul></body></html>\n",
        encoding="utf-8",
    )
