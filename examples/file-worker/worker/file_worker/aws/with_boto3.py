"""AWS by boto3: credentials, retries and endpoints are its business."""

import time
from pathlib import Path
from typing import Optional

import boto3

from . import Message


class Boto3Aws:
    def __init__(self, region: str) -> None:
        self._sqs = boto3.client("sqs", region_name=region)
        self._s3 = boto3.client("s3", region_name=region)
        self._logs = boto3.client("logs", region_name=region)
        self._scaling = boto3.client("autoscaling", region_name=region)

    def queue_url(self, name: str) -> str:
        return self._sqs.get_queue_url(QueueName=name)["QueueUrl"]

    def receive(self, queue_url: str, wait: int, visibility: int) -> Optional[Message]:
        answer = self._sqs.receive_message(
            QueueUrl=queue_url, WaitTimeSeconds=wait, VisibilityTimeout=visibility, MaxNumberOfMessages=1
        )
        for found in answer.get("Messages", []):
            return Message(found["MessageId"], found["Body"], found["ReceiptHandle"])
        return None

    def prolong(self, queue_url: str, message: Message, seconds: int) -> None:
        self._sqs.change_message_visibility(
            QueueUrl=queue_url, ReceiptHandle=message.receipt, VisibilityTimeout=seconds
        )

    def delete(self, queue_url: str, message: Message) -> None:
        self._sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message.receipt)

    def download(self, bucket: str, key: str, file: Path) -> None:
        self._s3.download_file(bucket, key, str(file))

    def open_log(self, group: str, stream: str) -> None:
        for create, names in (
            (self._logs.create_log_group, {"logGroupName": group}),
            (self._logs.create_log_stream, {"logGroupName": group, "logStreamName": stream}),
        ):
            try:
                create(**names)
            except self._logs.exceptions.ResourceAlreadyExistsException:
                pass

    def put_log_line(self, group: str, stream: str, line: str) -> None:
        events = [{"timestamp": int(time.time() * 1000), "message": line}]
        self._logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)

    def complete_lifecycle_action(self, group: str, hook: str, instance: str) -> None:
        self._scaling.complete_lifecycle_action(
            AutoScalingGroupName=group,
            LifecycleHookName=hook,
            InstanceId=instance,
            LifecycleActionResult="CONTINUE",
        )
