"""AWS Signature Version 4, header form."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Dict, Optional
from urllib.parse import quote, urlsplit


@dataclass(frozen=True)
class Credentials:
    access_key: str
    secret_key: str
    token: Optional[str] = None


def sign(
    credentials: Credentials,
    region: str,
    service: str,
    method: str,
    url: str,
    headers: Dict[str, str],
    body: bytes,
    at: str,
) -> Dict[str, str]:
    """The headers with the signature; `at` is the time as 20260131T120000Z. URLs have no query here."""
    parts = urlsplit(url)
    signed = {**headers, "host": parts.netloc, "x-amz-date": at}
    if credentials.token:
        signed["x-amz-security-token"] = credentials.token
    digest = hashlib.sha256(body).hexdigest()
    if service == "s3":
        signed["x-amz-content-sha256"] = digest
    canonical = {name.lower(): " ".join(value.split()) for name, value in signed.items()}
    names = sorted(canonical)
    # S3 signs the path as it is sent, all others encode it once more.
    path = parts.path or "/"
    path = path if service == "s3" else quote(path, safe="/~-._")
    lines = [method, path, "", *(f"{name}:{canonical[name]}" for name in names), "", ";".join(names), digest]
    scope = f"{at[:8]}/{region}/{service}/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", at, scope, hashlib.sha256("\n".join(lines).encode()).hexdigest()])
    key = f"AWS4{credentials.secret_key}".encode()
    for part in (at[:8], region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    signed["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, "
        f"SignedHeaders={';'.join(names)}, Signature={signature}"
    )
    return signed
