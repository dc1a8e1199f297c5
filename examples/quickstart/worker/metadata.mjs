const endpoint = process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT ?? 'http://169.254.169.254';

/** The id of the instance this runs on, from its metadata service (IMDSv2). */
export async function instanceId() {
  const token = await ask('PUT', 'api/token', { 'x-aws-ec2-metadata-token-ttl-seconds': '60' });
  return ask('GET', 'meta-data/instance-id', { 'x-aws-ec2-metadata-token': token });
}

async function ask(method, path, headers) {
  const response = await fetch(new URL(`/latest/${path}`, endpoint), { method, headers });
  if (!response.ok) throw new Error(`instance metadata ${path}: HTTP ${response.status}`);
  return response.text();
}
