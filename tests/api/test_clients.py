"""Clients with types, generated from the description, compile and do a round trip: write, publish, read."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from accounts import tokens
from blog.models import Post
from config.api import described

pytestmark = pytest.mark.once
SECONDS = 180
PACKAGES = ("openapi-typescript@7.13.0", "typescript@5.9.3", "openapi-fetch@0.17.0")
KEPT = Path(__file__).resolve().parents[2] / "var" / "api-clients"
TYPESCRIPT = """
import createClient from "openapi-fetch";
import type { paths, components } from "./api";

const [, , site, token] = process.argv;
const api = createClient<paths>({ baseUrl: site!, headers: { Authorization: `Bearer ${token}` } });

async function main(): Promise<void> {
  const made = await api.POST("/api/v1/posts/", {
    body: { title: "From TypeScript", content_markdown: "It *compiles*." },
  });
  if (made.error || !made.data?.slug) throw new Error(JSON.stringify(made.error));
  const post: components["schemas"]["PostWhole"] = made.data;
  const slug: string = post.slug!;
  await api.POST("/api/v1/posts/{slug}/publish/", { params: { path: { slug } }, body: { note: "from a test" } });
  const read = await api.GET("/api/v1/posts/{slug}/", { params: { path: { slug } } });
  const missing = await api.GET("/api/v1/posts/{slug}/", { params: { path: { slug: "nothing" } } });
  const changes = await api.GET("/api/v1/changes/", { params: { query: { page_size: 5 } } });
  const told = changes.data?.results.map((each) => each.post?.title);
  console.log(JSON.stringify([read.data?.status, read.data?.content_html, missing.error?.code, told]));
}

main();
"""
WRONG = """
import type { components } from "./api";

export const post: components["schemas"]["PostWritingRequest"] = { title: 7, content_markdown: "x" };
"""
PYTHON = """
import json, sys
from client import AuthenticatedClient
from client.api.changes import changes_list
from client.api.posts import posts_create, posts_publish_create, posts_retrieve
from client.models import PostWhole, PostWritingRequest, Problem, StepRequest

site, token = sys.argv[1:]
api = AuthenticatedClient(base_url=site, token=token)
made = posts_create.sync(client=api, body=PostWritingRequest(title="From Python", content_markdown="It *runs*."))
assert isinstance(made, PostWhole), made
posts_publish_create.sync(client=api, slug=made.slug, body=StepRequest(note="from a test"))
read = posts_retrieve.sync(client=api, slug=made.slug)
missing = posts_retrieve.sync(client=api, slug="nothing")
assert isinstance(missing, Problem)
told = [each.post.title for each in changes_list.sync(client=api, page_size=5).results if each.post]
print(json.dumps([str(read.status), read.content_html, missing.code, told]))
"""


@pytest.fixture
def schema(tmp_path) -> Path:
    path = tmp_path / "schema.json"
    path.write_bytes(described())
    return path


@pytest.fixture
def token(transactional_db, editor) -> str:
    return tokens.begin(editor, device="a client", network="").access


def run(*command: object, folder: Path, fails: bool = False) -> str:
    environment = {**os.environ, "NO_PROXY": "*", "no_proxy": "*", "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [str(each) for each in command], cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS
    )
    assert (done.returncode != 0) is fails, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def modules() -> Path:
    """The generator and the compiler, fetched once with npm into var/."""
    for needed in ("node", "npm"):
        if shutil.which(needed) is None:
            pytest.skip(f"{needed} is not installed")
    found = KEPT / "node_modules"
    if not all((found / each.rpartition("@")[0]).exists() for each in PACKAGES):
        KEPT.mkdir(parents=True, exist_ok=True)
        fetched = subprocess.run(
            ["npm", "install", "--silent", "--no-save", "--ignore-scripts", "--prefix", str(KEPT), *PACKAGES],
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        if fetched.returncode != 0:
            pytest.skip(f"npm fetched nothing: {fetched.stderr[-300:]}")
    return found


def test_a_client_in_typescript_compiles_and_does_a_round_trip(schema, token, live_server, tmp_path, modules):
    (tmp_path / "node_modules").symlink_to(modules)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "client.ts").write_text(TYPESCRIPT)
    run("node", modules / "openapi-typescript" / "bin" / "cli.js", schema, "-o", tmp_path / "api.ts", folder=tmp_path)
    compiler = [modules / "typescript" / "bin" / "tsc", "--strict", "--noUncheckedIndexedAccess", "--skipLibCheck"]
    compiler += ["--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler", "--lib", "es2022,dom"]
    # The types of node are not fetched for one word.
    (tmp_path / "node.d.ts").write_text("declare const process: { argv: string[] };\n")
    run("node", *compiler, "client.ts", "node.d.ts", folder=tmp_path)
    (tmp_path / "wrong.ts").write_text(WRONG)
    said = run("node", *compiler, "--noEmit", "wrong.ts", folder=tmp_path, fails=True)
    assert "wrong.ts" in said and "'number' is not assignable to type 'string'" in said
    told = json.loads(run("node", "client.js", live_server.url, token, folder=tmp_path))
    assert told == ["published", "<p>It <em>compiles</em>.</p>", "not_found", ["From TypeScript"]]
    assert Post.objects.get().is_public


def test_a_client_in_python_does_a_round_trip(schema, token, live_server, tmp_path):
    """Made by openapi-python-client: in the environment of development, or where OPENAPI_PYTHON_CLIENT says."""
    beside = Path(sys.executable).parent / "openapi-python-client"
    generator = os.environ.get("OPENAPI_PYTHON_CLIENT") or (str(beside) if beside.exists() else None)
    if generator is None:
        pytest.skip("openapi-python-client is not installed")
    made = run(
        *(generator, "generate", "--path", schema, "--output-path", tmp_path / "client", "--meta", "none"),
        folder=tmp_path,
    )
    assert "unsupported" not in made.lower()
    python = Path(generator).parent / "python"
    run(python, "-m", "compileall", "-q", tmp_path / "client", folder=tmp_path)
    told = json.loads(run(python, "-c", PYTHON, live_server.url, token, folder=tmp_path))
    assert told == ["published", "<p>It <em>runs</em>.</p>", "not_found", ["From Python"]]
