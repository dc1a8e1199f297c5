"""One HTTP server that is a queue (SQS, JSON), a store of objects (S3), a search index and the instance's metadata."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Dict, List
from urllib.parse import parse_qsl


class Server:
    def __init__(self) -> None:
        self.messages: List[str] = []
        self.deleted: List[str] = []
        self.objects: Dict[str, bytes] = {}
        self.documents: Dict[str, dict] = {}
        self.arrived = threading.Condition()
        self.closed = False
        self.receives = 0
        self.target_state = "InService"
        self.completed: List[Dict[str, str]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=key/")
                if "X-Amz-Target" in self.headers:
                    return self.answer(json.dumps(server.sqs(self.headers["X-Amz-Target"], json.loads(body))).encode())
                server.completed.append(dict(parse_qsl(body.decode())))
                # The group comes to its hook a moment after it has told the instance.
                self.answer(b"<Code>ValidationError</Code>", 400 if len(server.completed) == 1 else 200)

            def do_GET(self) -> None:
                if self.path.startswith("/latest/"):
                    return self.answer(server.metadata(self.path.rsplit("/", 1)[-1]).encode())
                found = server.objects.get(self.path)
                self.answer(found or b"", 200 if found is not None else 404)

            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.path.startswith("/latest/"):
                    return self.answer(b"token")
                if not self.path.startswith("/documents/_doc/"):
                    return self.answer(b"no such index", 404)
                server.documents[self.path.rsplit("/", 1)[-1]] = json.loads(body)
                self.answer(b"{}", 201)

            def answer(self, body: bytes, status: int = 200) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        # A client that was told to stop hangs up.
        self._http.handle_error = lambda *_: None
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def metadata(self, name: str) -> str:
        known = {"target-lifecycle-state": self.target_state, "aws:autoscaling:groupName": "workers"}
        return known.get(name, "i-0123456789")

    def sqs(self, target: str, body: dict) -> dict:
        operation = target.split(".")[-1]
        if operation == "GetQueueUrl":
            return {"QueueUrl": f"{self.url}/{body['QueueName']}"}
        with self.arrived:
            if operation == "ReceiveMessage":
                self.receives += 1
                self.arrived.notify_all()
                if not self.messages:
                    self.arrived.wait_for(lambda: self.messages or self.closed, body["WaitTimeSeconds"])
                if not self.messages:
                    return {}
                found = {"MessageId": "m", "Body": self.messages.pop(0), "ReceiptHandle": str(self.receives)}
                return {"Messages": [found]}
            if operation == "DeleteMessage":
                self.deleted.append(body["ReceiptHandle"])
        return {}

    def environment(self) -> Dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.url,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
        }

    def wait_for_receives(self, count: int) -> None:
        with self.arrived:
            assert self.arrived.wait_for(lambda: self.receives >= count, 10)

    def close(self) -> None:
        with self.arrived:
            self.closed = True
            self.arrived.notify_all()
        self._http.shutdown()
        self._http.server_close()
