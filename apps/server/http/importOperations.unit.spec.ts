import { describe, expect, it } from 'vitest';
import { importOperations } from './importOperations.js';

const id = '7d1b1c0e-6a51-5f0e-9d3c-0f4f7c2d9a11';

const operationOf = (state: string, confirm: boolean) => {
  const times = { requested: '2026-03-01T00:00:00.000Z', updated: '2026-03-01T00:00:02.000Z' };
  const view = { id, operation: `import-${id}`, state, confirm, ...times };
  const queries = { execute: () => Promise.resolve(view) } as unknown as Parameters<typeof importOperations>[0];
  return importOperations(queries, { watch: () => () => undefined }).view(id, 'maria');
};

describe('an import as an operation', () => {
  it.each([
    ['collecting', true, 'waiting'],
    ['reading', false, 'running'],
    ['inspected', false, 'waiting'],
    ['inspected', true, 'running'],
    ['storing', true, 'running'],
    ['completed', true, 'succeeded'],
    ['refused', true, 'failed'],
  ])('that is %s, confirmed with the request: %s, is %s', async (state, confirm, expected) => {
    expect(await operationOf(state, confirm)).toEqual({
      id: `import-${id}`,
      kind: 'import',
      state: expected,
      detail: state,
      subject: `/api/v1/imports/${id}`,
      started: '2026-03-01T00:00:00.000Z',
      ...(expected === 'succeeded' || expected === 'failed' ? { ended: '2026-03-01T00:00:02.000Z' } : {}),
      updated: '2026-03-01T00:00:02.000Z',
    });
  });
});
