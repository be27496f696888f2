"""A fake Hugging Face Hub: one repository at one commit, served over HTTP."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import dumps
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@contextmanager
def hub(name: str, folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve the files of ``folder`` as repository ``name``.

    Yields:
        The URL for ``HF_ENDPOINT``, and the list of the files downloaded so far.
    """
    downloaded: list[str] = []
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    tree = [
        {"type": "file", "path": path, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}  # noqa: S324 - as in git
        for path, data in files.items()
    ]

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path.startswith(f"/api/models/{name}/tree/{COMMIT}"):
                self._answer(dumps(tree).encode())
            elif path in (f"/api/models/{name}", f"/api/models/{name}/revision/{COMMIT}"):
                info = {"id": name, "modelId": name, "sha": COMMIT, "siblings": [{"rfilename": f} for f in files]}
                self._answer(dumps(info).encode())
            elif (file := path.removeprefix(f"/{name}/resolve/{COMMIT}/")) in files:
                if self.command == "GET":
                    downloaded.append(file)
                self._answer(files[file])
            else:
                self.send_response(404)
                self.send_header("X-Error-Code", "RepoNotFound")
                self.send_header("Content-Length", "0")
                self.end_headers()

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", f'"{hashlib.sha1(body).hexdigest()}"')  # noqa: S324 - as in git
            self.send_header("X-Repo-Commit", COMMIT)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base class
            """Do not log requests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", downloaded
    finally:
        server.shutdown()
        server.server_close()
