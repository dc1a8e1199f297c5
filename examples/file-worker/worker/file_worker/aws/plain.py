"""AWS by the standard library alone: for tests and rehearsals, where no package can be had. No retries."""

import json
import os
import shutil
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Mapping, Optional
from urllib.parse import quote, urlencode

from . import Message
from .metadata import role_credentials
from .sign import Credentials, sign

TARGETS = {"sqs": "AmazonSQS", "logs": "Logs_20140328"}
CREDENTIALS_SECONDS = 300


class AwsError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class PlainAws:
    def __init__(self, region: str, environment: Mapping[str, str] = os.environ) -> None:
        self._region = region
        self._environment = environment
        self._credentials: Optional[Credentials] = None
        self._until = 0.0

    def queue_url(self, name: str) -> str:
        return self._call("sqs", "GetQueueUrl", {"QueueName": name})["QueueUrl"]

    def receive(self, queue_url: str, wait: int, visibility: int) -> Optional[Message]:
        wanted = {"WaitTimeSeconds": wait, "VisibilityTimeout": visibility, "MaxNumberOfMessages": 1}
        for found in self._call("sqs", "ReceiveMessage", {"QueueUrl": queue_url, **wanted}).get("Messages", []):
            return Message(found["MessageId"], found["Body"], found["ReceiptHandle"])
        return None

    def prolong(self, queue_url: str, message: Message, seconds: int) -> None:
        names = {"QueueUrl": queue_url, "ReceiptHandle": message.receipt, "VisibilityTimeout": seconds}
        self._call("sqs", "ChangeMessageVisibility", names)

    def delete(self, queue_url: str, message: Message) -> None:
        self._call("sqs", "DeleteMessage", {"QueueUrl": queue_url, "ReceiptHandle": message.receipt})

    def download(self, bucket: str, key: str, file: Path) -> None:
        url = f"{self._endpoint('s3')}/{quote(bucket)}/{quote(key)}"
        with self._send("s3", "GET", url, {}, b"") as answer, file.open("wb") as target:
            shutil.copyfileobj(answer, target)

    def open_log(self, group: str, stream: str) -> None:
        names = {"logGroupName": group, "logStreamName": stream}
        for operation, wanted in (("CreateLogGroup", {"logGroupName": group}), ("CreateLogStream", names)):
            try:
                self._call("logs", operation, wanted)
            except AwsError as error:
                if error.code != "ResourceAlreadyExistsException":
                    raise

    def put_log_line(self, group: str, stream: str, line: str) -> None:
        events = [{"timestamp": int(time.time() * 1000), "message": line}]
        self._call("logs", "PutLogEvents", {"logGroupName": group, "logStreamName": stream, "logEvents": events})

    def complete_lifecycle_action(self, group: str, hook: str, instance: str) -> None:
        # Auto Scaling speaks forms and XML, not JSON.
        names = {"AutoScalingGroupName": group, "LifecycleHookName": hook, "InstanceId": instance}
        action = {"Action": "CompleteLifecycleAction", "Version": "2011-01-01", "LifecycleActionResult": "CONTINUE"}
        headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
        body = urlencode({**action, **names}).encode()
        self._send("autoscaling", "POST", f"{self._endpoint('autoscaling')}/", headers, body).close()

    def _endpoint(self, service: str) -> str:
        given = self._environment.get("AWS_ENDPOINT_URL")
        return given.rstrip("/") if given else f"https://{service}.{self._region}.amazonaws.com"

    def _call(self, service: str, operation: str, parameters: dict) -> dict:
        headers = {
            "content-type": f"application/x-amz-json-{'1.0' if service == 'sqs' else '1.1'}",
            "x-amz-target": f"{TARGETS[service]}.{operation}",
        }
        body = json.dumps(parameters).encode()
        with self._send(service, "POST", f"{self._endpoint(service)}/", headers, body) as answer:
            text = answer.read()
        return json.loads(text) if text else {}

    def _send(self, service: str, method: str, url: str, headers: dict, body: bytes):
        at = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        signed = sign(self._current(), self._region, service, method, url, headers, body, at)
        request = urllib.request.Request(url, data=body or None, headers=signed, method=method)
        try:
            return urllib.request.urlopen(request, timeout=60)
        except urllib.error.HTTPError as error:
            raise _refused(error) from error

    def _current(self) -> Credentials:
        environment = self._environment
        if "AWS_ACCESS_KEY_ID" in environment:
            return Credentials(
                environment["AWS_ACCESS_KEY_ID"],
                environment["AWS_SECRET_ACCESS_KEY"],
                environment.get("AWS_SESSION_TOKEN"),
            )
        if self._credentials is None or time.monotonic() > self._until:
            self._credentials = role_credentials(environment)
            self._until = time.monotonic() + CREDENTIALS_SECONDS
        return self._credentials


def _refused(error: urllib.error.HTTPError) -> AwsError:
    text = error.read().decode(errors="replace")
    try:
        said = json.loads(text)
        return AwsError(said.get("__type", "").split("#")[-1], said.get("message") or said.get("Message") or "")
    except ValueError:
        return AwsError(str(error.code), text[:200])
