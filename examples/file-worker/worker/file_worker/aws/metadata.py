"""The instance's metadata service (IMDSv2)."""

import json
import os
import urllib.request
from typing import Mapping, Optional

from .sign import Credentials


def instance_id(environment: Mapping[str, str] = os.environ) -> str:
    return _get("meta-data/instance-id", environment)


def group_name(environment: Mapping[str, str] = os.environ) -> str:
    """The instance's scaling group, by the tag that the group gives it."""
    return _get("meta-data/tags/instance/aws:autoscaling:groupName", environment)


def target_state(environment: Mapping[str, str] = os.environ) -> Optional[str]:
    """Where the scaling group wants the instance: InService, Terminated …; None while nobody says so."""
    try:
        return _get("meta-data/autoscaling/target-lifecycle-state", environment)
    except OSError:
        return None


def role_credentials(environment: Mapping[str, str] = os.environ) -> Credentials:
    """Those of the instance profile. They last for hours; the service hands out new ones in time."""
    path = "meta-data/iam/security-credentials/"
    found = json.loads(_get(path + _get(path, environment).split("\n")[0], environment))
    return Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["Token"])


def _get(path: str, environment: Mapping[str, str]) -> str:
    base = environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://169.254.169.254").rstrip("/")
    token = _ask(f"{base}/latest/api/token", "PUT", {"X-aws-ec2-metadata-token-ttl-seconds": "60"})
    return _ask(f"{base}/latest/{path}", "GET", {"X-aws-ec2-metadata-token": token})


def _ask(url: str, method: str, headers: Mapping[str, str]) -> str:
    request = urllib.request.Request(url, method=method, headers=dict(headers))
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.read().decode()
