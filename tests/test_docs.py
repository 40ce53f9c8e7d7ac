"""README and docs say what is true: commands, settings, tables, marts, rules and examples are those of the code.

Everything is read from the Markdown files themselves. A failure means that a doc is wrong, or that a public contract
changed and its page did not.
"""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.settings import setting_names

ROOT = Path(__file__).resolve().parents[1]
DOCS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "dbt_project" / "README.md",
    *sorted(ROOT.glob("docs/*.md")),
]
WRITTEN = (
    "architecture",
    "connectors",
    "data-contracts",
    "scoring",
    "validation",
    "operations",
    "privacy",
    "decisions",
)
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^(?:\$ )?((?:make|cxscore)\b.*)")
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
SETTING = re.compile(r"\bCX_[A-Z][A-Z_]*[A-Z]\b")
PACKAGES = ("scoring_ops", "expectations", "orchestration")


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def blocks(path: Path, *languages: str) -> list[str]:
    return [body for _, language, body in FENCE.findall(text_of(path)) if language in languages]


def commands(path: Path) -> Iterator[list[str]]:
    """Every make and cxscore command of the shell blocks, without comments."""
    for block in blocks(path, "sh", "bash", "shell", "console"):
        for line in block.replace("\\\n", " ").splitlines():
            for part in line.split("&&"):
                if found := COMMAND.match(part.strip().removeprefix("$ ").removeprefix(".venv/bin/")):
                    yield shlex.split(found[1], comments=True)


def anchor(heading: str) -> str:
    plain = re.sub(r"[^\w\s-]", "", heading.strip().lower())
    return plain.replace(" ", "-")


def anchors(path: Path) -> set[str]:
    prose = FENCE.sub("", text_of(path))
    return {anchor(heading) for heading in re.findall(r"^#+ (.+)$", prose, re.MULTILINE)}


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_doc_is_there_and_short():
    assert {f"docs/{stem}.md" for stem in WRITTEN} <= {name(path) for path in DOCS}
    for path in DOCS:
        longest = 400 if path.stem == "data-contracts" else 300  # that one is looked up, not read
        assert len(text_of(path).splitlines()) <= longest, name(path)


def test_the_readme_shows_both_first_commands():
    shown = {command[1] for command in commands(ROOT / "README.md") if command[0] == "make"}
    assert {"demo", "test"} <= shown


@pytest.mark.parametrize("path", DOCS, ids=name)
def test_every_make_command_is_a_target(path: Path):
    given = [word for command in commands(path) if command[0] == "make" for word in command[1:]]
    given += re.findall(r"`make ([a-z-]+)", FENCE.sub("", text_of(path)))
    assert {word for word in given if "=" not in word} <= targets()


@pytest.mark.parametrize("path", DOCS, ids=name)
def test_every_cxscore_command_and_its_options_exist(path: Path):
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    for _, *words in (command for command in commands(path) if command[0] == "cxscore"):
        if words[0].startswith("--"):
            continue
        command = group
        for word in words:
            if not isinstance(command, TyperGroup):
                break
            assert word in command.commands, word
            command = command.commands[word]
        options = {option for parameter in command.params for option in parameter.opts}
        used = {word.partition("=")[0] for word in words if word.startswith("-")}
        assert used <= options | {"--help"}, f"{words} {used - options}"
        assert CliRunner().invoke(app, [*words, "--help"]).exit_code == 0


@pytest.mark.parametrize("path", DOCS, ids=name)
def test_every_relative_link_resolves(path: Path):
    for link in (first or second for first, second in LINK.findall(FENCE.sub("", text_of(path)))):
        if "://" in link or link.startswith("mailto:"):
            continue
        file, _, fragment = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), link
        assert not fragment or fragment in anchors(target), link


@pytest.mark.parametrize("path", [*DOCS, ROOT / ".env.example"], ids=name)
def test_every_setting_named_exists(path: Path):
    assert set(SETTING.findall(text_of(path))) <= set(setting_names())


@pytest.mark.parametrize("path", DOCS, ids=name)
def test_nothing_outside_the_repository_is_named(path: Path):
    assert "../shared" not in text_of(path)
    assert not re.search(r"(?<![\w.:/-])/(?:home|Users|work|root|tmp)/", text_of(path))


@pytest.mark.parametrize("path", DOCS, ids=name)
def test_json_examples_are_json(path: Path):
    for block in blocks(path, "json"):
        assert json.loads(block)


class House:
    """The tree of docs/architecture.md: folders, Python modules and other files, by their path in the project."""

    def __init__(self, tree: str) -> None:
        self.folders: set[str] = set()
        self.modules: set[str] = set()
        self.files: set[str] = set()
        above: list[tuple[int, str]] = []
        for line in tree.splitlines():
            listed = line.partition("#")[0].rstrip()
            depth = len(listed) - len(listed.lstrip())
            while above and above[-1][0] >= depth:
                above.pop()
            folder = above[-1][1] if above else ""
            words = listed.split()
            for word in words:
                self._add(folder + word)
            if words and words[0].endswith("/"):
                above.append((depth, folder + words[0]))

    def _add(self, path: str) -> None:
        if path.endswith("/"):
            self.folders.add(path.removesuffix("/"))
        elif "." in Path(path).name or path in {"LICENSE", "Makefile"}:
            self.files.add(path)
        else:
            self.modules.add(f"{path}.py")


@pytest.fixture(scope="module")
def house() -> House:
    (tree,) = (block for block in blocks(ROOT / "docs" / "architecture.md", "text") if "scoring_ops/" in block)
    return House(tree)


def kept_files(*tops: str) -> list[Path]:
    """Files of the project below some folders, without what tools write."""
    found = (path for top in tops for path in (ROOT / top).rglob("*") if path.is_file())
    inside = (path.relative_to(ROOT) for path in found)
    written = {"__pycache__", "target", "logs", "dbt_packages"}
    return [p for p in inside if not written & set(p.parts) and not any(part.startswith(".") for part in p.parts[1:])]


def test_every_module_of_the_house_is_in_the_tree_and_on_disk(house: House):
    on_disk = {p.as_posix() for p in kept_files(*PACKAGES) if p.suffix == ".py" and p.name != "__init__.py"}
    assert house.modules == on_disk


def test_every_folder_of_the_house_is_in_the_tree_and_on_disk(house: House):
    tops = (*PACKAGES, "dbt_project", "docs", "tests", "benchmarks", ".ci")
    used = {parent.as_posix() for p in kept_files(*tops) for parent in p.parents if parent != Path()}
    assert used <= house.folders
    assert [folder for folder in house.folders if not (ROOT / folder).is_dir()] == []


def test_every_other_file_in_the_tree_is_on_disk(house: House):
    assert [file for file in house.files if not (ROOT / file).is_file()] == []
