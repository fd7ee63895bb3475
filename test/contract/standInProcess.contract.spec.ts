import { EventStoreDBClient, jsonEvent, NO_STREAM, START } from '@eventstore/db-client';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StandIn } from '../support/eventstoredb/standIn.mjs';
import { startStandInProcess } from '../support/eventstoredb/standInProcess.mjs';
import { waitFor } from '../support/waitFor.js';

let folder: string;
let standIn: StandIn;
let client: EventStoreDBClient;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-stand-in-'));
  standIn = await startStandInProcess({ folder });
  client = EventStoreDBClient.connectionString(standIn.connectionString);
});
afterEach(async () => {
  await standIn.stop();
  await client.dispose();
  rmSync(folder, { recursive: true });
});

const append = (n: number) =>
  client.appendToStream('a', jsonEvent({ type: 'happened.v1', data: { n } }), {
    expectedRevision: n === 0 ? NO_STREAM : BigInt(n - 1),
  });
const seen = async () => {
  const found: unknown[] = [];
  for await (const { event } of client.readStream('a', { fromRevision: START }))
    found.push({ revision: event!.revision, data: event!.data, position: event!.position, created: event!.created });
  return found;
};
const seenAgain = () => waitFor('the server', () => seen().catch(() => undefined));

describe('a stand-in in a process of its own', () => {
  it('comes back from SIGKILL on its port with its data, positions and times', async () => {
    for (let n = 0; n < 20; n++) await append(n);
    const before = await seen();
    const { connectionString } = standIn;
    await standIn.kill();
    await standIn.restart();
    expect([await seenAgain(), standIn.connectionString]).toEqual([before, connectionString]);
  });

  it('cuts off a commit that a kill tore', async () => {
    await append(0);
    const before = await seen();
    await standIn.kill();
    appendFileSync(join(folder, 'log.jsonl'), '[{"stream":"a","revision":"1","da');
    await standIn.restart();
    expect(await seenAgain()).toEqual(before);
    expect((await append(1)).nextExpectedRevision).toBe(1n);
    await standIn.restart();
    expect((await seenAgain()).length).toBe(2);
  });

  it('takes orders', async () => {
    await standIn.readOnly(true);
    await expect(append(0)).rejects.toMatchObject({ message: /No leader info/ });
    await standIn.readOnly(false);
    await append(0);
    await standIn.freeze();
    const second = append(1);
    expect(await Promise.race([second, delay(200, 'silence')])).toBe('silence');
    await standIn.thaw();
    expect((await second).nextExpectedRevision).toBe(1n);
  });
});

describe('an id that is no UUID', () => {
  it('is refused, and about two seconds later ends the caller by a second answer, as a genuine server does', async () => {
    const caller = `
      import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
      const client = EventStoreDBClient.connectionString(process.argv[1]);
      const event = jsonEvent({ id: 'nonsense', type: 'happened.v1', data: {} });
      await client.appendToStream('a', event).catch((error) => console.log(error.constructor.name, error.message));
    `;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', caller, standIn.connectionString], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [said, complaint] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    expect([said, complaint, child.exitCode]).toEqual([
      'UnknownError Could not recognize BadRequest\n',
      expect.stringContaining('TypeError: undefined is not iterable'),
      1,
    ]);
  });
});
