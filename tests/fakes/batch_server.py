"""The endpoints of the Batch API beside those of the fake chat server, with the same behaviours answering the lines.

It refuses what the real API refuses at creation, hands out results in another order than asked, and does on request
what goes wrong there: part of the work, failed validation, lost files, errors while polling, an answer that is lost.
"""

import asyncio
import json
import threading
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Self

from aiohttp import web

from tests.fakes.openai_server import Behaviour, OpenAIServer, Received, Reply, good_claims

MOST_LINES = 50_000
NUMBERS = count(1)


@dataclass
class Trouble:
    """What goes wrong: paths such as "GET /v1/batches/" that answer an error; a creation without an answer."""

    failing: dict[str, int] = field(default_factory=dict)
    answer_of_create_is_lost: bool = False
    create_hangs: bool = False
    batches_are_not_listed: bool = False


class BatchServer:
    """Runs while its `with` block does. Batches stand still until a test lets them `run` or `fail`."""

    def __init__(self, behaviour: Behaviour = good_claims) -> None:
        self.chat = OpenAIServer(behaviour)
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.trouble = Trouble()
        self.base_url = ""
        self.created = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="fake-batches", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10), "the fake server did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    @property
    def calls(self) -> int:
        """Chat completions asked for one by one."""
        return len(self.chat.requests)

    def lines(self) -> list[dict[str, Any]]:
        """The request lines of all batches, in order."""
        return [json.loads(line) for batch in self.batches.values() for line in self._input(batch)]

    def run(self, status: str = "completed", *, done: int | None = None, keeps_files: bool = True) -> None:
        """Lets every open batch come to its end, with the first `done` of its lines answered, or all."""
        for batch in self.batches.values():
            if batch["status"] not in {"completed", "expired", "cancelled", "failed"}:
                self._finish(batch, status, done, keeps_files=keeps_files)

    def fail(self, code: str, message: str) -> None:
        """Every open batch fails its validation."""
        for batch in self.batches.values():
            batch["status"] = "failed"
            batch["errors"] = {
                "object": "list",
                "data": [{"code": code, "message": message, "line": None, "param": None}],
            }

    def _input(self, batch: dict[str, Any]) -> list[bytes]:
        return self.files[batch["input_file_id"]].splitlines()

    def _finish(self, batch: dict[str, Any], status: str, done: int | None, *, keeps_files: bool) -> None:
        answered, failed = [], []
        for number, line in enumerate(map(json.loads, self._input(batch))):
            if done is not None and number >= done:
                code = "batch_expired" if status == "expired" else "batch_cancelled"
                failed.append(_result(line, None, {"code": code, "message": "This request could not be executed."}))
                continue
            reply = self.chat.behaviour(Received({}, line["body"], json.dumps(line["body"])))
            (answered if reply.status == 200 else failed).append(_result(line, reply, None))
        batch["request_counts"] = {
            "total": len(answered + failed),
            "completed": len(answered),
            "failed": len(failed),
        }
        for name, lines in (("output_file_id", answered), ("error_file_id", failed)):
            if lines:
                batch[name] = f"file-out-{next(NUMBERS)}"
                if keeps_files:
                    self.files[batch[name]] = b"".join(lines[::-1])  # never in the order of the questions
        batch["status"] = status

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(client_max_size=256 * 2**20, middlewares=[self._troubled])
        app.router.add_post("/v1/chat/completions", self.chat._answer)
        app.router.add_post("/v1/files", self._upload)
        app.router.add_get("/v1/files/{id}/content", self._content)
        app.router.add_delete("/v1/files/{id}", self._delete)
        app.router.add_post("/v1/batches", self._create)
        app.router.add_get("/v1/batches", self._list)
        app.router.add_get("/v1/batches/{id}", self._look)
        app.router.add_post("/v1/batches/{id}/cancel", self._cancel)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()

    @web.middleware
    async def _troubled(self, request: web.Request, handler: Any) -> web.StreamResponse:
        asked = f"{request.method} {request.path}"
        status = next((status for path, status in self.trouble.failing.items() if asked.startswith(path)), None)
        if status is not None:
            return _error(status, f"trouble, and a key: {request.headers.get('Authorization')}")
        return await handler(request)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        assert form["purpose"] == "batch"
        upload = form["file"]
        assert isinstance(upload, web.FileField)
        name = f"file-in-{next(NUMBERS)}"
        self.files[name] = upload.file.read()
        told = {"id": name, "object": "file", "bytes": len(self.files[name]), "created_at": 0, "status": "processed"}
        return web.json_response({**told, "filename": upload.filename, "purpose": "batch"})

    async def _content(self, request: web.Request) -> web.StreamResponse:
        content = self.files.get(request.match_info["id"])
        return _error(404, "No such File object") if content is None else web.Response(body=content)

    async def _delete(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["id"]
        if self.files.pop(name, None) is None:
            return _error(404, "No such File object")
        return web.json_response({"id": name, "object": "file", "deleted": True})

    async def _create(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        fault = self._fault(asked)
        if fault:
            return _error(400, fault)
        batch = {
            "id": f"batch_{next(NUMBERS)}",
            "object": "batch",
            "status": "validating",
            "created_at": 2**33,  # later than any test's clock
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
            **asked,
        }
        self.batches[batch["id"]] = batch
        self.created.set()
        if self.trouble.create_hangs:
            await self._stop.wait()
        if self.trouble.answer_of_create_is_lost:
            assert request.transport is not None
            request.transport.abort()
        return web.json_response(batch)

    def _fault(self, asked: dict[str, Any]) -> str | None:
        if asked.get("completion_window") != "24h" or asked.get("endpoint") != "/v1/chat/completions":
            return "Invalid completion_window or endpoint"
        if asked.get("input_file_id") not in self.files:
            return "Invalid input_file_id"
        lines = [json.loads(line) for line in self._input(asked)]
        if len(lines) > MOST_LINES or len({line["custom_id"] for line in lines}) < len(lines):
            return "Too many requests, or an id is there twice"
        if any((line["method"], line["url"]) != ("POST", asked["endpoint"]) for line in lines):
            return "Another method or url"
        return None

    async def _list(self, request: web.Request) -> web.StreamResponse:
        shown = [] if self.trouble.batches_are_not_listed else [*self.batches.values()][::-1]
        return web.json_response({"object": "list", "data": shown, "has_more": False})

    async def _look(self, request: web.Request) -> web.StreamResponse:
        batch = self.batches.get(request.match_info["id"])
        return _error(404, "No such batch") if batch is None else web.json_response(batch)

    async def _cancel(self, request: web.Request) -> web.StreamResponse:
        batch = self.batches[request.match_info["id"]]
        batch["status"] = "cancelling"
        return web.json_response(batch)


def _error(status: int, message: str) -> web.Response:
    body = {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}}
    return web.json_response(body, status=status, headers={"retry-after-ms": "1"})


def _result(line: dict[str, Any], reply: Reply | None, error: dict[str, str] | None) -> bytes:
    response = None
    if reply is not None:
        response = {"status_code": reply.status, "request_id": "r", "body": reply.body}
    told = {"id": "batch_req_1", "custom_id": line["custom_id"], "response": response, "error": error}
    return (json.dumps(told, ensure_ascii=False) + "\n").encode()
