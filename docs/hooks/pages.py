"""Pages that are not files of docs/: the repository's own Markdown, and an API page for each room.

Links between files of the repository become links between pages; what is no page (a source file) is
named, not linked, since the site may stand anywhere.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

import yaml
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
BORROWED = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "QUALITY_DECLARATION.md": "quality.md",
    "training/README.md": "training_commands.md",
    "depth_seg_ros/weights/README.md": "models.md",
}
"""File of the repository -> page of the site."""

_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#|mailto:)([^)#\s]*)(#[^)]*)?\)")


def on_config(config: Any) -> Any:
    """Pages of docs/ that the navigation does not name join its guides; the API closes it."""
    named = yaml.safe_dump(config["nav"])
    guides = next(entry["Guides"] for entry in config["nav"] if "Guides" in entry)
    for path in sorted((ROOT / "docs").glob("*.md")):
        if path.name not in named:
            guides.append({path.stem.replace("_", " ").capitalize(): path.name})
    config["nav"].append({"API": [{Path(p).stem: p} for p in sorted(api_pages())]})
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add what docs/ does not hold."""
    for source, page in BORROWED.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=_relinked(text, source, page)))
    for page, text in api_pages().items():
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Links of docs/'s own pages to files outside of it."""
    source = page.file.src_uri
    if source in BORROWED.values() or source.startswith("api/"):
        return markdown
    return _relinked(markdown, f"docs/{source}", source)


def api_pages() -> dict[str, str]:
    """Page -> its Markdown: every module of each room, in one page a room."""
    pages = {}
    rooms: dict[str, list[str]] = {}
    for package in ("depth_seg_ros", "training"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if parts[-1] in ("__main__", "setup"):
                continue
            module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            room = ".".join(parts[:2]) if len(parts) > 2 else package
            rooms.setdefault(room, []).append(module)
    for room, modules in sorted(rooms.items()):
        body = "\n\n".join(f"::: {module}" for module in modules)
        pages[f"api/{room}.md"] = f"# {room}\n\n{body}\n"
    listing = "\n".join(f"- [{room}]({room}.md)" for room in sorted(rooms))
    pages["api/index.md"] = f"# API\n\nFrom the docstrings, a page a room.\n\n{listing}\n"
    return pages


def _relinked(text: str, source: str, page: str) -> str:
    """Links relative to ``source`` in the repository, made relative to ``page`` in the site."""

    def link(match: re.Match[str]) -> str:
        picture, words, target, anchor = match.group(1, 2, 3, 4)
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        if path in BORROWED:
            goal = BORROWED[path]
        elif path.startswith("docs/") and (ROOT / path).is_file():
            goal = path.removeprefix("docs/")
        else:
            return words
        here = posixpath.dirname(page)
        return f"{picture}[{words}]({posixpath.relpath(goal, here or '.')}{anchor or ''})"

    return _LINK.sub(link, text)
