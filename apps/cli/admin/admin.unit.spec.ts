import { describe, expect, it } from 'vitest';
import { run } from '../run.js';
import { fakeSurroundings, type Answer } from '../testing/surroundings.js';

const finding = (state: 'fine' | 'remark' | 'problem', items: readonly string[] = []) => ({
  check: 'documents',
  state,
  detail: `it is ${state}`,
  items,
});

const answering = (...answers: readonly object[]) => {
  const bodies = [...answers];
  return fakeSurroundings({ answer: (): Answer => ({ body: bodies.shift() ?? answers.at(-1) }) });
};

const following = (...events: readonly object[]) =>
  fakeSurroundings({
    answer: ({ method }): Answer => (method === 'POST' ? { body: { operation: 'rebuild-1' } } : { events }),
  });

describe('waybill admin doctor', () => {
  it('prints a table and ends with 0 when there is nothing worse than a remark', async () => {
    const surroundings = answering({
      healthy: true,
      findings: [finding('fine'), finding('remark', ['one\u001b[31m'])],
    });
    expect(await run(['admin', 'doctor'], surroundings)).toBe(0);
    expect(surroundings.out()).toBe(
      'CHECK      STATE   FOUND\ndocuments  fine    it is fine\ndocuments  remark  it is remark\n\ndocuments:\n  one\\u001b[31m\n',
    );
  });

  it('ends with 1 when there is a problem, for programs too', async () => {
    const diagnosis = { healthy: false, findings: [finding('problem', ['document-1'])] };
    const forPeople = answering(diagnosis);
    expect(await run(['admin', 'doctor'], forPeople)).toBe(1);
    expect(forPeople.err()).toContain('1 check found a problem.');
    const forPrograms = answering(diagnosis);
    expect(await run(['admin', 'doctor', '--json'], forPrograms)).toBe(1);
    expect(JSON.parse(forPrograms.out())).toEqual(diagnosis);
  });
});

describe('waybill admin rebuild', () => {
  const view = (state: string, more: object = {}) => ({
    id: 'rebuild-1',
    kind: 'rebuild',
    state,
    detail: state,
    subject: '',
    ...more,
  });

  it('follows the rebuild to its end, telling how far it is', async () => {
    const running = view('running', { progress: { step: 'replaying the log: 40 %' } });
    const surroundings = following(running, view('succeeded'));
    expect(await run(['admin', 'rebuild'], surroundings)).toBe(0);
    expect(surroundings.err()).toBe('replaying the log: 40 %\n');
    expect(surroundings.out()).toBe('The read models were rebuilt from the log.\n');
    expect(surroundings.sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /api/v1/admin/rebuild',
      'GET /api/v1/operations/rebuild-1/stream',
    ]);
  });

  it('ends with 1 and the reason when the present ones had to stay', async () => {
    const failure = { code: 'operation-failed', message: 'the projection x failed' };
    const surroundings = following(view('failed', { failure }));
    expect(await run(['admin', 'rebuild'], surroundings)).toBe(1);
    expect(surroundings.err()).toContain('The rebuild ended as failed: the projection x failed');
  });
});
