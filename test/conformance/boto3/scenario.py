"""boto3, unmodified: what its waiters wait for and what its paginators page through, on the endpoint in the environment."""
import base64
import json
import os
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError

from shapes import check

config = Config(retries={"max_attempts": 1}, connect_timeout=5, read_timeout=30)
ec2, autoscaling, sqs, logs, ssm = (
    # Debian's generation does not read AWS_ENDPOINT_URL itself.
    check(boto3.client(name, config=config, endpoint_url=os.environ["AWS_ENDPOINT_URL"]))
    for name in ("ec2", "autoscaling", "sqs", "logs", "ssm")
)
quick = {"Delay": 0, "MaxAttempts": 400}


class Waiting:
    """botocore's own waiters, which pause in whole seconds; each look is a request, which is pause enough."""

    def __getattr__(self, name):
        return lambda **arguments: ec2.get_waiter(name).wait(WaiterConfig=quick, **arguments)


wait = Waiting()


def pages(client, operation, key, size, **arguments):
    """All items, and the number of pages they came on."""
    found = list(
        client.get_paginator(operation).paginate(PaginationConfig={"PageSize": size}, **arguments)
    )
    return [item for page in found for item in page.get(key, [])], len(found)


def code_of(call):
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def instances_and_images():
    parameter = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    base = ssm.get_parameter(Name=parameter)["Parameter"]["Value"]
    launched = ec2.run_instances(ImageId=base, InstanceType="t3.micro", MinCount=12, MaxCount=12)["Instances"]
    ids = sorted(instance["InstanceId"] for instance in launched)
    wait.instance_exists(InstanceIds=ids)
    wait.instance_running(InstanceIds=ids)
    wait.instance_status_ok(InstanceIds=ids)
    reservations, count = pages(ec2, "describe_instances", "Reservations", 5)
    paged = [instance["InstanceId"] for each in reservations for instance in each["Instances"]]
    assert (sorted(paged), count) == (ids, 3), (paged, count)
    statuses, count = pages(ec2, "describe_instance_status", "InstanceStatuses", 5)
    assert (len(statuses), count) == (12, 3), count

    builder = ids[0]
    ec2.stop_instances(InstanceIds=[builder])
    wait.instance_stopped(InstanceIds=[builder])
    image = ec2.create_image(InstanceId=builder, Name="boto3")["ImageId"]
    wait.image_exists(ImageIds=[image])
    wait.image_available(ImageIds=[image])
    described = ec2.describe_images(ImageIds=[image])["Images"][0]
    snapshot = described["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
    wait.snapshot_completed(SnapshotIds=[snapshot])
    ec2.terminate_instances(InstanceIds=ids)
    wait.instance_terminated(InstanceIds=ids)
    try:
        wait.instance_running(InstanceIds=ids)
        raise AssertionError("a waiter for running instances accepted terminated ones")
    except WaiterError as error:
        assert "terminal failure" in str(error), error
    ec2.deregister_image(ImageId=image)
    ec2.delete_snapshot(SnapshotId=snapshot)
    return base


def keys_and_templates(base):
    for n in range(7):
        ec2.create_launch_template(
            LaunchTemplateName=f"boto3-{n}", LaunchTemplateData={"ImageId": base, "InstanceType": "t3.micro"}
        )
    templates, count = pages(ec2, "describe_launch_templates", "LaunchTemplates", 5)
    assert (len(templates), count) == (7, 2), (len(templates), count)
    key = ec2.create_key_pair(KeyName="boto3")
    assert key["KeyMaterial"].startswith("-----BEGIN RSA PRIVATE KEY-----")
    wait.key_pair_exists(KeyNames=["boto3"])
    ec2.delete_key_pair(KeyName="boto3")


def groups():
    for n in range(7):
        autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=f"boto3-{n}",
            LaunchTemplate={"LaunchTemplateName": "boto3-0", "Version": "$Latest"},
            MinSize=0,
            MaxSize=3,
            DesiredCapacity=0,
            AvailabilityZones=["eu-central-1a"],
            Tags=[{"Key": "n", "Value": str(n), "PropagateAtLaunch": True}],
        )
    found, count = pages(autoscaling, "describe_auto_scaling_groups", "AutoScalingGroups", 3)
    assert (len(found), count) == (7, 3), (len(found), count)
    tags, count = pages(autoscaling, "describe_tags", "Tags", 3)
    assert (len(tags), count) == (7, 3), (len(tags), count)
    for n in range(7):
        autoscaling.delete_auto_scaling_group(AutoScalingGroupName=f"boto3-{n}", ForceDelete=True)


def queues():
    urls = sorted(sqs.create_queue(QueueName=f"boto3-{n}")["QueueUrl"] for n in range(7))
    found, count = pages(sqs, "list_queues", "QueueUrls", 3)
    assert (sorted(found), count) == (urls, 3), (found, count)
    # boto3 checks the digests of bodies and attributes itself.
    attribute = {"kind": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}
    sqs.send_message(QueueUrl=urls[0], MessageBody="ü <&>", MessageAttributes=attribute)
    received = sqs.receive_message(QueueUrl=urls[0], MessageAttributeNames=["All"], WaitTimeSeconds=5)
    assert received["Messages"][0]["MessageAttributes"]["kind"]["BinaryValue"] == b"\x00\xff"
    missing = code_of(lambda: sqs.get_queue_url(QueueName="missing"))
    assert missing in ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"), missing


def log_events():
    logs.create_log_group(logGroupName="/boto3")
    logs.create_log_stream(logGroupName="/boto3", logStreamName="s")
    now = int(time.time() * 1000)
    events = [{"timestamp": now + n, "message": json.dumps({"n": n})} for n in range(25)]
    logs.put_log_events(logGroupName="/boto3", logStreamName="s", logEvents=events)
    found, count = pages(logs, "filter_log_events", "events", 10, logGroupName="/boto3")
    assert ([event["message"] for event in found], count >= 3) == ([event["message"] for event in events], True)


def parameters():
    for n in range(12):
        ssm.put_parameter(Name=f"/boto3/{n:02}", Value=str(n), Type="String")
    found, count = pages(ssm, "get_parameters_by_path", "Parameters", 5, Path="/boto3")
    assert ([parameter["Value"] for parameter in found], count) == ([str(n) for n in range(12)], 3), found
    again = code_of(lambda: ssm.put_parameter(Name="/boto3/00", Value="x", Type="String"))
    assert again == "ParameterAlreadyExists", again


def errors():
    assert code_of(lambda: ec2.describe_instances(InstanceIds=["i-0123456789abcdef0"])) == "InvalidInstanceID.NotFound"
    assert code_of(lambda: ec2.run_instances(ImageId="ami-0123456789abcdef0", MinCount=1, MaxCount=1)) == "InvalidAMIID.NotFound"
    assert code_of(lambda: ec2.describe_instances(DryRun=True)) == "DryRunOperation"
    user_data = base64.b64encode(b"x" * 16_385).decode()
    base = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    too_large = lambda: ec2.run_instances(ImageId=base, InstanceType="t3.micro", MinCount=1, MaxCount=1, UserData=user_data)
    assert code_of(too_large) == "InvalidParameterValue"


base_image = instances_and_images()
keys_and_templates(base_image)
groups()
queues()
log_events()
parameters()
errors()
print("done")
