"""Five hundred readers at one post, on one web process: what their sockets cost, and how soon all hear of a comment.

The readers call from as many networks, as a proxy of ours would say; of one a process keeps fewer sockets.
A real server on SQLite and memory by default; with DATABASE_URL and REDIS_URL set, on those. Thousands of sockets need
`ulimit -n 4096`. The machine's load is told beside the figures, and what the server itself worked.
"""

import argparse
import asyncio
import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
scratch = tempfile.TemporaryDirectory()
sys.path[0] = str(ROOT)
os.environ.setdefault("DATABASE_URL", f"sqlite:///{scratch.name}/bench.sqlite3")
os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "ERROR"}
os.environ.setdefault("CACHE_NAMESPACE", f"bench-{os.getpid()}")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402
from websockets.asyncio.client import connect  # noqa: E402

from accounts.models import User  # noqa: E402
from blog.models import Post  # noqa: E402

PASSWORD = "a-long-password"


def memory_of(pid: int) -> float:
    """Megabytes of a process that nothing else holds."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Private_Dirty"):
            return int(line.split()[1]) / 1024
    raise AssertionError("The kernel does not say.")


def worked(pid: int) -> float:
    """Seconds a process has had of the processors."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def make_post() -> Post:
    author = User.objects.create_superuser("bench", "bench@example.org", PASSWORD)
    now = timezone.now()
    return Post.objects.create(
        title="Bench", slug="bench", author=author, status="published", published_at=now, content_html="<p>Words.</p>"
    )


async def listen(port: int, many: int, pid: int) -> None:
    address, origin = f"ws://127.0.0.1:{port}/ws/posts/bench/", f"http://127.0.0.1:{port}"
    callers = (f"203.0.{number // 250}.{number % 250}" for number in itertools.count())

    def reader() -> connect:
        return connect(address, origin=origin, open_timeout=60, additional_headers={"X-Forwarded-For": next(callers)})

    # The first ones load what all use.
    sockets = [await reader() for _ in range(5)]
    await asyncio.sleep(1)
    before, work, started = memory_of(pid), worked(pid), time.monotonic()
    for _ in range(many // 50):
        sockets += await asyncio.gather(*(reader() for _ in range(50)))
    took = time.monotonic() - started
    print(f"{many} sockets opened in {took:.1f} s, {worked(pid) - work:.1f} s of work; load {os.getloadavg()[0]:.1f}")
    await asyncio.sleep(2)
    print(f"{(memory_of(pid) - before) / many * 1024:.0f} kB each")

    async def hears(one: object) -> float:
        while True:
            if json.loads(await one.recv())["type"] == "like.count":  # type: ignore[attr-defined]
                return time.monotonic()

    async def like(name: str) -> str:
        curl = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} in %{time_total} s", "-A", name, "-d", "like=1"]
        asked = await asyncio.create_subprocess_exec(
            *curl, "-H", f"Origin: {origin}", f"{origin}/blog/bench/like/", stdout=subprocess.PIPE
        )
        return (await asked.communicate())[0].decode()

    # The first answer of a process loads the pages.
    for turn in ("the first", "another", "a third"):
        waiting = [asyncio.create_task(hears(one)) for one in sockets]
        await asyncio.sleep(1)
        work, started = worked(pid), time.monotonic()
        answer = await like(turn)
        heard = [at - started for at in await asyncio.wait_for(asyncio.gather(*waiting), 60)]
        print(f"{turn} like answered {answer}", end="; ")
        print(f"heard after {statistics.median(heard):.2f} s by half, {max(heard):.2f} s by all {len(heard)}", end="; ")
        print(f"{worked(pid) - work:.2f} s of work")
    for one in sockets:
        one.transport.abort()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=500)
    many = parser.parse_args().sockets
    call_command("migrate", verbosity=0)
    make_post()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "EMBEDDED_WORKERS": "false", "PORT": str(port), "TRUSTED_PROXIES": "1"}
    command = [sys.executable, "-m", "config.serve", "--only", "web", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        asyncio.run(listen(port, many, server.pid))
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
