import { describe, expect, it } from 'vitest';
import { checkDistribution, distributionDigest } from '../../src/image/distribute.ts';
import { testProject } from '../helpers/project.ts';

const project = (image: object) =>
  testProject({
    image: {
      base: { id: 'ami-base' },
      layers: [{ name: 'application', provisioners: [{ inline: 'true' }] }],
      ...image,
    },
  });
const accounts = ['111122223333'];
const key = 'arn:aws:kms:eu-central-1:000000000000:key/one';

describe('sharing an encrypted image', () => {
  it('is refused before anything is built, where only the default key of the account encrypts it', () => {
    const shared = project({ distribute: { accounts, regions: ['us-east-1'] } });
    expect(() => checkDistribution(shared, 'eu-central-1')).toThrow(
      /in eu-central-1, us-east-1 it is encrypted/,
    );
    const half = project({
      builder: { rootVolume: { kmsKey: key } },
      distribute: { accounts, regions: ['us-east-1'] },
    });
    expect(() => checkDistribution(half, 'eu-central-1')).toThrow(/in us-east-1 it is encrypted/);
  });

  it('is fine with keys of its own everywhere, and for an image that is not encrypted', () => {
    const keyed = project({
      builder: { rootVolume: { kmsKey: key } },
      distribute: { accounts, regions: ['us-east-1'], kmsKeys: { 'us-east-1': 'alias/two' } },
    });
    expect(() => checkDistribution(keyed, 'eu-central-1')).not.toThrow();
    const plain = project({ builder: { rootVolume: { encrypted: false } }, distribute: { accounts } });
    expect(() => checkDistribution(plain, 'eu-central-1')).not.toThrow();
  });
});

it('an image is distributed again when, and only when, the settings changed', () => {
  const one = distributionDigest(project({ distribute: { regions: ['us-east-1'] } }));
  expect(distributionDigest(project({ distribute: { regions: ['us-east-1'] }, keep: 3 }))).toBe(one);
  expect(distributionDigest(project({ distribute: { regions: ['us-east-2'] } }))).not.toBe(one);
  expect(
    distributionDigest(project({ distribute: { regions: ['us-east-1'] }, publish: { parameter: '/a/b' } })),
  ).not.toBe(one);
});

it('an image family is refused on AWS before anything is built', () => {
  const published = project({ publish: { family: 'demo-app' } });
  expect(() => checkDistribution(published, 'eu-central-1')).toThrow("Alibaba Cloud's: AWS has none");
});
