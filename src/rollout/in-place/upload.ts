import { quote } from '../../communicators/job.ts';
import type { Host } from './host.ts';
import type { Release } from './release.ts';

/** Brings the files into the release's own directory, whole or not at all; what an earlier try left of it is removed. */
export async function upload(host: Host, root: string, release: Release): Promise<void> {
  const archive = `${root}/.bake/upload.tar.gz`;
  const directory = quote(`${root}/releases/${release.name}`);
  await host.must('making room', `rm -rf ${directory} ${quote(archive)}`);
  await host.write(archive, release.archive);
  await host.must(
    'unpacking the release',
    `echo ${quote(`${release.sha256}  ${archive}`)} | sha256sum -c --status || { echo "the upload arrived damaged"; exit 1; }
mkdir -p ${directory}
tar -xzpf ${quote(archive)} -C ${directory} --no-same-owner
rm -f ${quote(archive)}`,
  );
}
