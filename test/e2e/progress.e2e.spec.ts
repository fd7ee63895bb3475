import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildImage, buildImageArchive, ramMetadata } from '@waybill/packaging/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from '../support/call.js';
import { writePackage } from '../support/fixtures.js';
import { cleanServers, startServer, type TestServer } from '../support/server.js';
import { site } from '../support/site.js';
import { writeSmallVersion } from '../support/smallTemplate.js';
import { waitFor } from '../support/waitFor.js';
import { startWaybill } from '../support/startWaybill.js';

interface Told {
  readonly state: string;
  readonly started?: string;
  readonly ended?: string;
  readonly progress?: {
    readonly step: string;
    readonly steps?: { readonly done: number; readonly total: number };
    readonly bytes?: number;
    readonly total?: number;
    readonly until?: string;
    readonly remaining?: number;
  };
}

interface Event {
  readonly id: string;
  readonly data: Told;
}

let server: TestServer;
const at = site(() => server);
beforeAll(async () => {
  server = await startServer();
});
afterAll(cleanServers);

const openStream = (operation: string, lastEventId?: string) =>
  fetch(`${server.url}/api/v1/operations/${operation}/stream`, {
    headers: {
      authorization: `Bearer ${server.adminToken}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
  });

/** Every event until the stream ends or breaks off; calls back at each. */
async function eventsOf(
  response: Response,
  onEvent: (event: Event) => void = () => undefined,
): Promise<readonly Event[]> {
  const events: Event[] = [];
  let rest = '';
  try {
    for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + piece).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, id, data] = /^id: (.*)\nevent: operation\ndata: (.*)$/.exec(block) ?? [];
        if (id === undefined || data === undefined) continue;
        const event = { id, data: JSON.parse(data) as Told };
        events.push(event);
        onEvent(event);
      }
    }
  } catch (error) {
    // Broken off by the end of the server.
    if (!(error instanceof TypeError)) throw error;
  }
  return events;
}

/** Steps, then bytes of a step: what a bar shows. What has just begun has no bytes to tell of. */
const placesOf = (events: readonly Event[]) =>
  events.flatMap(({ data: { progress } }) =>
    progress?.steps === undefined || progress.bytes === undefined
      ? []
      : [{ done: progress.steps.done, bytes: progress.bytes }],
  );

describe('the stream of an operation', () => {
  it('goes on behind the last event after the server was killed, never tells less than before, and ends', async () => {
    // So large that the server is still reading when the stream has told twice.
    const blob = randomBytes(64 * 1024 ** 2).toString('latin1');
    const images = [buildImage({ references: ['test/large:1.0'], layers: [{ blob }] })];
    const components = [{ key: 'large', image: 'test/large:1.0' }];
    const file = await writePackage(join(server.data, 'incoming'), {
      key: 'large',
      version: '1.0',
      components,
      images,
    });
    const { operation } = await at.beginImport(file);

    let dying: Promise<void> | undefined;
    const first = await eventsOf(await openStream(operation), ({ data: { progress } }) => {
      if ((progress?.bytes ?? 0) > 0) dying ??= server.kill();
    });
    await dying;
    expect(dying).toBeDefined();
    server = await startServer({ data: server.data });
    const second = await eventsOf(await openStream(operation, first.at(-1)?.id));

    const places = placesOf([...first, ...second]);
    expect(places.length).toBeGreaterThanOrEqual(2);
    expect(places).toEqual([...places].sort((a, b) => a.done - b.done || a.bytes - b.bytes));
    const end = second.at(-1)!;
    expect(end.data).toMatchObject({ state: 'succeeded', result: { template: 'large', version: '1.0' } });
    expect(Date.parse(end.data.ended!)).toBeGreaterThan(Date.parse(end.data.started!));
    expect((await openStream(operation, end.id)).status).toBe(204);
    const another = await openStream(operation, first.at(-1)?.id);
    expect((await eventsOf(another)).map(({ data }) => data.state)).toEqual(['succeeded']);
  });
});

describe('an installation that is watched', () => {
  it('goes on after Ctrl-C, and can be followed again', async () => {
    const folder = join(server.data, 'incoming');
    await at.import(await writeSmallVersion(folder, { key: 'watched', version: '1.0', secondsUntilReady: 4 }));
    const env = { WAYBILL_URL: server.url, WAYBILL_TOKEN: server.adminToken };
    const install = startWaybill(['install', 'watched', '--name', 'watched', '--yes'], { env });
    await waitFor('the gate', () => (install.err().includes('[4/4] waiting until web is ready') ? true : undefined));
    install.process.kill('SIGINT');
    expect(await install.ended, install.err()).toBe(130);
    const [, operation = ''] = /Follow it with: waybill operation (record-\S+)\n$/.exec(install.err()) ?? [];
    const gated = await call<Told>(server, 'GET', `/api/v1/operations/${operation}`);
    expect(gated.body.progress).toMatchObject({
      step: 'waiting until web is ready',
      steps: { done: 3, total: 4 },
      until: expect.stringMatching(/Z$/) as string,
      remaining: expect.any(Number) as number,
    });

    const again = startWaybill(['operation', operation], { env, columns: 60 });
    expect(await again.ended, again.out()).toBe(0);
    expect(again.out()).toMatch(/\r\[4\/4\] (?:waiting until web is ready|connect ECONNREFUSED).*gives up in \d+/);
    expect(again.out()).toMatch(/Done: install \(record [-0-9a-f]+\), in [0-9.]+ s\./);
    const removal = startWaybill(['remove', 'watched', '--volumes', '--yes', '--no-wait', '--quiet'], { env });
    expect([await removal.ended, removal.err()]).toEqual([0, '']);
    const [, removing = ''] = /Follow it with: waybill operation (record-\S+)\n$/.exec(removal.out()) ?? [];
    expect(await at.ended(removing)).toMatchObject({ state: 'succeeded' });
  });
});

describe('a publication', () => {
  it('can be followed under its Idempotency-Key by whoever publishes, and by nobody else', async () => {
    const image = buildImage({ references: ['test/published:1.0'], layers: [{ a: 'b' }] });
    await writeFile(join(server.data, 'incoming', 'images.tar'), buildImageArchive({ images: [image] }));
    const components = [{ key: 'published', image: 'test/published:1.0' }];
    const metadata = ramMetadata({ key: 'published', name: 'published', version: '1.0', components });
    const published = await call(server, 'POST', '/api/v1/templates', {
      body: { metadata, images: [{ path: 'images.tar' }] },
      headers: { 'idempotency-key': 'publish it' },
    });
    expect(published.status, JSON.stringify(published.body)).toBe(201);
    const operation = '/api/v1/operations/publish-publish%20it';
    const time = expect.stringMatching(/Z$/) as string;
    expect((await call(server, 'GET', operation)).body).toEqual({
      id: 'publish-publish it',
      kind: 'publish',
      state: 'succeeded',
      detail: 'succeeded',
      subject: '/api/v1/templates/published/versions/1.0',
      started: time,
      ended: time,
      updated: time,
      result: { template: 'published', version: '1.0', outcome: 'published' },
    });
    const issued = await call(server, 'POST', '/api/v1/tokens', { body: { account: 'piet', roles: ['publisher'] } });
    const other = await call(server, 'GET', operation, { token: String(issued.body['token']) });
    expect([other.status, other.body['code']]).toEqual([404, 'operation-not-found']);
  });
});
