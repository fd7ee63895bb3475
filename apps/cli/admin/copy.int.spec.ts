import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteEventStore, type EventToAppend } from '@waybill/event-store';
import { derivedId, type EventId } from '@waybill/kernel';
import { run } from '../run.js';
import { fakeSurroundings } from '../testing/surroundings.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-copy-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const event = (name: string): EventToAppend => ({
  id: derivedId('cli', name) as EventId,
  type: 'noted.v1',
  data: { name },
  metadata: {},
});

async function log(file: string, names: readonly string[]): Promise<void> {
  const store = await openSqliteEventStore({ file: join(folder, file) });
  await store.append('notes', 'any', names.map(event));
  await store.close();
}

async function copy(from: string, to: string, ...more: readonly string[]) {
  const surroundings = fakeSurroundings({ workingFolder: folder, env: { STORE: 'a.db', EMPTY: ' ' } });
  const exit = await run(['admin', 'copy', '--from', from, '--to', to, ...more], surroundings);
  return { exit, out: surroundings.out(), err: surroundings.err(), sent: surroundings.sent };
}

describe('waybill admin copy', () => {
  it('moves a log, asks no server, and says what was proven', async () => {
    await log('a.db', ['1', '2', '3']);
    const { exit, out, err, sent } = await copy('env:STORE', 'b/b.db');
    expect({ exit, err, sent }).toStrictEqual({ exit: 0, err: 'copying\nverifying\n', sent: [] });
    expect(out).toMatch(
      /^Events: +3: 3 written, 0 there before\nDigest: +sha256:[0-9a-f]{64}\nVerified: +every event/m,
    );
    expect(JSON.parse((await copy('a.db', 'b/b.db', '--json')).out)).toMatchObject({
      from: join(folder, 'a.db'),
      to: join(folder, 'b/b.db'),
      events: 3,
      found: 3,
      written: 0,
      sourceGrew: false,
      digest: /sha256:\S+/.exec(out)?.[0],
    });
  });

  it('is refused while a server has the log open', async () => {
    const file = join(folder, 'a.db');
    const running = await openSqliteEventStore({ file });
    const { exit, err } = await copy('a.db', 'b.db');
    await running.close();
    expect({ exit, err }).toStrictEqual({
      exit: 7,
      err: `waybill: The file ${file} is in use by another process; one server at a time may open it.\n`,
    });
  });

  it('is refused into another log', async () => {
    await log('a.db', ['1']);
    await log('b.db', ['other']);
    const { exit, err } = await copy('a.db', 'b.db');
    expect(exit).toBe(3);
    expect(err).toContain('differ at event 0');
  });

  it.each([
    ['missing.db', 'b.db', '--from: there is no file'],
    ['a.db', 'a.db', '--from and --to name the same log'],
    ['a.db', '.', 'is no file'],
    ['a.db', 'env:EMPTY', '--to: EMPTY is empty'],
    ['a.db', 'env:UNSET', '--to: UNSET is empty'],
    ['a.db', 'esdb://127.0.0.1:2113?tsl=false', '--to: the option "tsl" is not known'],
    ['a.db', 'http://127.0.0.1:2113', '--to: esdb://'],
  ])('refuses to copy %s to %s', async (from, to, sentence) => {
    await log('a.db', ['1']);
    const { exit, err } = await copy(from, to);
    expect(exit).toBe(2);
    expect(err).toContain(sentence);
  });

  it('never prints the password of a store', async () => {
    await log('a.db', ['1']);
    const { out, err } = await copy('a.db', 'esdb://ops:geheim@127.0.0.1:1?tls=maybe');
    expect(out + err).not.toContain('geheim');
  });
});
