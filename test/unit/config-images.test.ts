import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadProject } from '../../src/config/load.ts';
import type { BakeError } from '../../src/run/errors.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bake-images-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const load = (text: string) => {
  writeFileSync(join(directory, 'bake.yaml'), text);
  return loadProject({ directory, variables: {} });
};
const problem = (text: string): string => {
  try {
    load(text);
  } catch (error) {
    return (error as BakeError).message;
  }
  return 'none';
};

const IMAGE = '{ base: { id: ami-1 }, layers: [{ name: os, provisioners: [{ inline: "true" }] }] }';
const FLEET = 'size: { min: 1, max: 1, desired: 1 }';

test('several images have names, and the fleet says which it runs', () => {
  const two = `project: shop\nimages:\n  web: ${IMAGE}\n  worker: ${IMAGE}\n`;
  const { config } = load(`${two}fleet: { name: shop, image: worker, ${FLEET} }\n`);
  expect(Object.keys(config.images)).toEqual(['web', 'worker']);
  expect(config.imageName).toBe('worker');
  expect(config.image).toBe(config.images.worker);
  expect(problem(`${two}fleet: { name: shop, ${FLEET} }\n`)).toBe(
    'bake.yaml:5:1: fleet: missing key "image" (text)',
  );
  expect(problem(`${two}fleet: { name: shop, image: wroker, ${FLEET} }\n`)).toBe(
    'bake.yaml:5:29: fleet.image: expected one of web, worker, got "wroker"',
  );
});

test('one image has no name, and the fleet runs it', () => {
  const { config } = load(`project: shop\nimage: ${IMAGE}\n`);
  expect(config).toMatchObject({ images: {}, image: { base: { id: 'ami-1' } } });
  expect(config.imageName).toBeUndefined();
});

test('an image is needed, under one of the two keys', () => {
  expect(problem('project: shop\n')).toMatch(/^bake\.yaml:1:1: missing key "image"/);
  expect(problem(`project: shop\nimage: ${IMAGE}\nimages: { web: ${IMAGE} }\n`)).toMatch(
    /^bake\.yaml:3:9: images: expected either "image" or "images"/,
  );
});

test('a script of any of the images that is not there is found before anything runs', () => {
  const web = '{ base: { id: ami-1 }, layers: [{ name: os, provisioners: [{ script: none.sh }] }] }';
  expect(problem(`project: shop\nimages:\n  web: ${web}\n`)).toContain(
    'images.web.layers[0].provisioners[0].script: none.sh does not exist',
  );
});
