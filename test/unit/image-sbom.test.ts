import { expect, it } from 'vitest';
import { parseInventory } from '../../src/image/packages.ts';
import { cycloneDx } from '../../src/image/sbom.ts';

const subject = { name: 'demo-r1', release: '1', imageId: 'ami-1', builtAt: Date.UTC(2026, 0, 1) };
const purls = (...lines: string[]) =>
  (cycloneDx(subject, parseInventory(lines)) as { components: { purl: string }[] }).components.map(
    ({ purl }) => purl,
  );

it('a bill of materials names packages of every kind by their package URLs', () => {
  expect(
    purls(
      'os\tdebian\t12\t',
      'deb\tlibstdc++6\t12.2.0-14+deb12u1\tamd64',
      'deb\tadduser\t1:3.134\tall',
      'pypi\tPy_YAML\t6.0.1\t',
    ),
  ).toEqual([
    'pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12',
    'pkg:deb/debian/adduser@1:3.134?arch=all&distro=debian-12',
    'pkg:pypi/py-yaml@6.0.1',
  ]);
  expect(purls('os\tamzn\t2023\t', 'rpm\tnginx\t1:1.26.2-1.amzn2023\tx86_64')).toEqual([
    'pkg:rpm/amzn/nginx@1.26.2-1.amzn2023?arch=x86_64&distro=amzn-2023&epoch=1',
  ]);
});

it('a bill of materials says which image it is about, with a serial number that is its own', () => {
  const bill = cycloneDx(subject, parseInventory([]));
  expect(bill).toMatchObject({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { component: { name: 'demo-r1', version: '1', 'bom-ref': 'ami-1' } },
  });
  const { serialNumber } = bill as { serialNumber: string };
  expect(serialNumber).toMatch(
    /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(cycloneDx({ ...subject, imageId: 'ami-2' }, parseInventory([]))).not.toMatchObject({ serialNumber });
});
