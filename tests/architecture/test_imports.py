"""The staircase: a package imports only from the steps below it, and inside an app a module only from the layers below.

Read from the source with `ast`, so an import inside a function, or one by its name in a string, counts as well.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]

MAY_IMPORT: dict[str, set[str]] = {"core": set()}
MAY_IMPORT["accounts"] = MAY_IMPORT["webhooks"] = {"core"}
MAY_IMPORT["media_assets"] = {"core", "accounts", "webhooks"}
MAY_IMPORT["blog"] = {"media_assets", *MAY_IMPORT["media_assets"]}
MAY_IMPORT["comments"] = MAY_IMPORT["analytics"] = MAY_IMPORT["newsletter"] = {"blog", *MAY_IMPORT["blog"]}
MAY_IMPORT["transfer"] = {"comments", "analytics", "newsletter", *MAY_IMPORT["comments"]}
MAY_IMPORT["config"] = {"transfer", *MAY_IMPORT["transfer"]}

LAYERS = [
    "signals querysets",
    "models",
    "(domain modules)",
    "tasks",
    "receivers",
    "admin api views feeds sitemaps",
    "urls",
]
LAYER_OF = {name: number for number, names in enumerate(LAYERS) for name in names.split()}
DOMAIN = 2
OUTSIDE_THE_LAYERS = {"apps", "migrations", "management", "templatetags", "forms", "middleware", "context", "__init__"}


class Import(NamedTuple):
    source: Path
    line: int
    target: str


def imported_names(tree: ast.AST, package: str) -> Iterator[tuple[int, str]]:
    """Every module a file asks for, with its line; `package` is the dotted folder, for relative imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                folders = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*folders, *([base] if base else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            first = node.args[0]
            if name in {"import_module", "import_string", "__import__", "get_model"} and isinstance(
                first, ast.Constant
            ):
                yield node.lineno, str(first.value)


def leave_out_typing(tree: ast.Module) -> ast.Module:
    """Without the blocks that only type checkers read."""
    tree.body = [node for node in tree.body if "TYPE_CHECKING" not in ast.dump(getattr(node, "test", ast.Pass()))]
    return tree


def read_imports(root: Path, *, typing_too: bool = True) -> list[Import]:
    found = []
    for package in MAY_IMPORT:
        for source in sorted((root / package).rglob("*.py")):
            folder = ".".join(source.relative_to(root).parent.parts)
            tree = ast.parse(source.read_text(encoding="utf-8"))
            tree = tree if typing_too else leave_out_typing(tree)
            found += [Import(source.relative_to(root), *named) for named in imported_names(tree, folder)]
    return found


def file_of(target: str, root: Path) -> Path:
    """The file a dotted name leads to: the longest part of it that is a module."""
    parts = target.split(".")
    for length in range(len(parts), 0, -1):
        path = Path(*parts[:length])
        if (root / path).with_suffix(".py").is_file():
            return path.with_suffix(".py")
        if (root / path / "__init__.py").is_file():
            return path / "__init__.py"
    return Path(parts[0])


def find_steps_up(root: Path) -> list[str]:
    """A sentence for each import that climbs the staircase."""
    return [
        f"{found.source} (line {found.line}) imports {file_of(found.target, root)}, "
        f"but {found.source.parts[0]} may import {', '.join(sorted(MAY_IMPORT[found.source.parts[0]])) or 'none'} only."
        for found in read_imports(root)
        if (package := found.target.split(".")[0]) in MAY_IMPORT
        and package != found.source.parts[0]
        and package not in MAY_IMPORT[found.source.parts[0]]
        and "migrations" not in found.source.parts
    ]


def subject(path: Path) -> str:
    """`blog/admin/posts.py` is about admin, `blog/publishing.py` about publishing."""
    return path.parts[1].removesuffix(".py") if len(path.parts) > 1 else ""


def find_layers_up(root: Path) -> list[str]:
    """A sentence for each import inside an app that climbs its layers.

    A domain module that knows neither rows nor anything above them (an address, a slug) is a tool: all may use it.
    """
    inside = [
        (found, file_of(found.target, root))
        for found in read_imports(root, typing_too=False)
        if found.target.split(".")[0] == found.source.parts[0] and found.source.parts[0] not in {"core", "config"}
    ]
    uses: dict[Path, set[Path]] = {}
    for found, target in inside:
        uses.setdefault(found.source, set()).add(target)

    def is_tool(path: Path, above: frozenset[Path] = frozenset()) -> bool:
        return subject(path) not in LAYER_OF and all(
            subject(used) == "signals" or (used not in above and is_tool(used, above | {path}))
            for used in uses.get(path, ())
        )

    return [
        f"{found.source} (line {found.line}) imports {target}; inside an app the order is {' → '.join(LAYERS)}."
        for found, target in inside
        if not {subject(found.source), subject(target)} & OUTSIDE_THE_LAYERS
        and LAYER_OF.get(subject(found.source), DOMAIN) < LAYER_OF.get(subject(target), DOMAIN)
        and not is_tool(target)
    ]


def test_no_package_imports_from_a_step_above_it():
    assert not (found := find_steps_up(ROOT)), "\n" + "\n".join(found)


def test_no_module_imports_from_a_layer_above_it_in_its_app():
    assert not (found := find_layers_up(ROOT)), "\n" + "\n".join(found)


@pytest.mark.parametrize(
    "line",
    [
        "from blog.publishing import publish",
        "def later():\n    import blog.publishing",
        "import importlib\nimportlib.import_module('blog.publishing')",
        "from django.apps import apps\napps.get_model('blog', 'Post')",
        "from ..blog import publishing",
    ],
)
def test_a_step_up_is_found_and_both_files_are_named(tmp_path, line):
    write(tmp_path, {"blog/publishing.py": "", "accounts/roles.py": line, "blog/__init__.py": ""})
    (sentence,) = find_steps_up(tmp_path)
    assert "accounts/roles.py" in sentence
    assert "blog/" in sentence


def test_neighbours_on_one_step_do_not_import_each_other(tmp_path):
    write(tmp_path, {"comments/threads.py": "import newsletter.sending", "newsletter/sending.py": "import blog"})
    (sentence,) = find_steps_up(tmp_path)
    assert "comments/threads.py" in sentence
    assert "newsletter/sending.py" in sentence


def test_an_app_never_imports_the_roof(tmp_path):
    write(tmp_path, {"blog/tasks.py": "from config.celery import app", "config/celery.py": ""})
    assert len(find_steps_up(tmp_path)) == 1


def test_a_layer_up_is_found_but_a_tool_without_rows_is_not(tmp_path):
    write(
        tmp_path,
        {
            "blog/models/post.py": "from blog.slugs import clean\nfrom blog.publishing import publish",
            "blog/slugs.py": "import re",
            "blog/publishing.py": "from blog.models import post",
            "blog/models/__init__.py": "",
        },
    )
    (sentence,) = find_layers_up(tmp_path)
    assert "blog/models/post.py" in sentence
    assert "blog/publishing.py" in sentence


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
