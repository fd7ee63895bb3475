import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { alwaysInContact, type Absence, type StoreContact } from '@waybill/event-store';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { correlation } from './correlation.js';
import { storeAway } from './storeAway.js';

const absence: Absence = { since: '2026-01-01T00:00:00.000Z', seconds: 3 };
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Answers 200 to what it lets through. */
async function serverWith(contact: Partial<StoreContact>): Promise<string> {
  const [first, second] = [correlation(pino({ level: 'silent' })), storeAway({ ...alwaysInContact, ...contact })];
  const server = createServer((request, response) => {
    first(request, response, () => {
      second(request, response, () => response.end());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/api/v1/instances`;
}

const asked = async (url: string, method: string) => {
  const { status, headers } = await fetch(url, { method });
  return [status, headers.get('waybill-stale')];
};

describe('while the event store has been away for a moment', () => {
  it('a write waits, and is carried out when the store is back', async () => {
    const told = new EventEmitter();
    const arrived = once(told, 'asked');
    const lastingAbsence = () => {
      told.emit('asked');
      return once(told, 'back').then(() => undefined);
    };
    const url = await serverWith({ absence: () => absence, lastingAbsence });
    const write = asked(url, 'POST');
    await arrived;
    expect(await Promise.race([write, asked(url, 'GET')])).toEqual([200, '3']);
    told.emit('back');
    expect(await write).toEqual([200, null]);
  });

  it('a write is refused when the absence lasts, and a read is not', async () => {
    const url = await serverWith({ absence: () => absence, lastingAbsence: () => Promise.resolve(absence) });
    expect([await asked(url, 'POST'), await asked(url, 'GET')]).toEqual([
      [503, '3'],
      [200, '3'],
    ]);
  });
});
