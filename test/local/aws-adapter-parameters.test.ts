import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AdapterTest, startAdapter } from '../helpers/adapter.ts';

let adapter: AdapterTest;
beforeAll(async () => {
  adapter = await startAdapter();
});
afterAll(() => adapter.close());

test('a parameter is created once, counts its versions, and each of them can be read', async () => {
  const { parameters } = adapter.cloud;
  expect(await parameters.read('/bake/a')).toBeUndefined();
  expect(await parameters.create('/bake/a', 'one')).toBe(true);
  expect(await parameters.create('/bake/a', 'other')).toBe(false);
  expect(await parameters.put('/bake/a', 'two', 'text')).toBe(2);
  expect(await parameters.read('/bake/a')).toEqual({ value: 'two', version: 2 });
  expect(await parameters.read('/bake/a', 1)).toEqual({ value: 'one', version: 1 });
  expect(await parameters.read('/bake/a', 3)).toBeUndefined();
  expect(await parameters.find('/bake/a')).toBe('two');
  expect(await parameters.put('/bake/new', 'one', 'text')).toBe(1);
});
