import { describe, expect, it } from 'vitest';
import { run } from './run.js';
import { upgradePlan } from './testing/plans.js';
import { fakeSurroundings, lost, refusal, type Answer, type Sent } from './testing/surroundings.js';

const record = {
  id: 'r-1',
  instance: 'i-1',
  number: 2,
  kind: 'upgrade',
  plan: upgradePlan.digest,
  from: upgradePlan.from,
  to: upgradePlan.to,
  proposedAt: '2026-03-01T00:00:00.000Z',
  proposedBy: { account: 'maria', kind: 'person', role: 'operator', channel: 'cli' },
  startedAt: '2026-03-01T00:00:01.000Z',
  endedAt: '2026-03-01T00:00:03.500Z',
};
const completed = { ...record, status: 'completed', components: [] };
const reverted = {
  ...record,
  status: 'reverted',
  failure: 'web did not become ready',
  components: [
    {
      component: 'a02',
      status: 'failed',
      reason: 'its probe failed',
      log: 'starting\n\u001b[31mno database\n',
      at: '',
    },
  ],
};

/** A server on which an upgrade ends as the record says. */
const server =
  (ended: typeof completed | typeof reverted) =>
  ({ method, path }: Sent): Answer => {
    const place = `${method} ${path.replace('/api/v1', '')}`;
    if (place === 'POST /instances/shop/plans') return { body: upgradePlan };
    if (place === `POST /instances/${upgradePlan.instance.id}/records`)
      return { status: 202, body: { record: 'r-1', operation: 'record-r-1' } };
    if (place === 'GET /operations/record-r-1/stream')
      return {
        events: [
          {
            id: 'record-r-1',
            kind: 'record',
            state: ended.status === 'completed' ? 'succeeded' : 'failed',
            detail: '',
          },
        ],
      };
    if (place === 'GET /records/r-1') return { body: ended };
    return refusal(404, 'route-not-found', place);
  };

const upgrade = ['upgrade', 'shop', '--accept', 'web/env/A', '--accept', 'web/env/B', '--reason', 'because'];

describe('an upgrade from the command line', () => {
  it('shows the plan, submits it with --yes and says how it ended', async () => {
    const surroundings = fakeSurroundings({ answer: server(completed) });
    expect(await run([...upgrade, '--yes'], surroundings)).toBe(0);
    expect(surroundings.out()).toMatch(
      /^Upgrade "shop": backend-system 1\.0 → 2\.0\n[^]*\nDone: upgrade \(record r-1\), in 2\.5 s\.\n$/,
    );
    expect(surroundings.sent.filter(({ method }) => method === 'POST').map(({ body }) => body)).toEqual([
      { kind: 'upgrade', accept: ['web/env/A', 'web/env/B'] },
      { plan: upgradePlan.digest, reason: 'because' },
    ]);
  });

  it('is not begun without a yes when there is nobody to ask', async () => {
    const surroundings = fakeSurroundings({ answer: server(completed) });
    expect(await run(upgrade, surroundings)).toBe(2);
    expect(surroundings.err()).toBe('waybill: Upgrade "shop" needs a confirmation: repeat the command with --yes.\n');
    expect(surroundings.sent.length).toBe(1);
  });

  it.each([
    ['y', 0, 2],
    ['n', 2, 1],
    ['', 2, 1],
  ])('asks on a terminal: after "%s" it ends with %i', async (reply, exit, posts) => {
    const surroundings = fakeSurroundings({ answer: server(completed), reply });
    expect(await run(upgrade, surroundings)).toBe(exit);
    expect(surroundings.err()).toContain('Upgrade "shop": go on? [y/N] ');
    expect(surroundings.sent.filter(({ method }) => method === 'POST').length).toBe(posts);
  });

  it('fails when it was reverted, with the reason and the last lines of the component', async () => {
    const surroundings = fakeSurroundings({ answer: server(reverted) });
    expect(await run([...upgrade, '--yes'], surroundings)).toBe(1);
    expect(surroundings.out()).toContain(
      'Reverted: upgrade (record r-1) failed, and all is as it was before.\n\nweb: its probe failed\n  The last it wrote:\n    | starting\n    | \\u001b[31mno database\n',
    );
    expect(surroundings.err()).toBe('waybill: The upgrade (record r-1) ended as reverted: web did not become ready\n');
  });

  it('prints just the record for programs', async () => {
    const surroundings = fakeSurroundings({ answer: server(completed) });
    expect(await run([...upgrade, '--yes', '--json'], surroundings)).toBe(0);
    expect(JSON.parse(surroundings.out())).toEqual(completed);
  });

  it('can be left running', async () => {
    const surroundings = fakeSurroundings({ answer: server(completed) });
    expect(await run([...upgrade, '--yes', '--no-wait'], surroundings)).toBe(0);
    expect(surroundings.out()).toContain('It has begun. Follow it with: waybill operation record-r-1\n');
  });

  it('goes on when the person stops watching', async () => {
    const answer = (request: Sent): Answer =>
      request.path.startsWith('/api/v1/operations/')
        ? {
            events: [
              { id: 'record-r-1', kind: 'record', state: 'running', detail: 'proposed' },
              {
                id: 'record-r-1',
                kind: 'record',
                state: 'running',
                detail: 'running',
                progress: { step: 'starting web' },
              },
            ],
          }
        : server(completed)(request);
    const surroundings = fakeSurroundings({ answer });
    const pause = () => {
      surroundings.interrupt();
      return Promise.resolve();
    };
    const interrupting = { ...surroundings, pause };
    expect(await run([...upgrade, '--yes'], interrupting)).toBe(130);
    expect(surroundings.err()).toBe(
      'waiting to begin\nstarting web\nthe connection to the server was lost; trying again\nThe operation goes on. Follow it with: waybill operation record-r-1\n',
    );
  });

  it('is watched again after the server was away', async () => {
    let looks = 0;
    const answer = (request: Sent): Answer => {
      if (request.path.startsWith('/api/v1/operations/') && (looks += 1) < 4) throw lost('ECONNREFUSED');
      return server(completed)(request);
    };
    const surroundings = fakeSurroundings({ answer });
    expect(await run([...upgrade, '--yes'], surroundings)).toBe(0);
    expect(surroundings.err()).toBe('the connection to the server was lost; trying again\n');
    expect(surroundings.pauses).toEqual([200, 500, 1_000]);
  });

  it('ends with 7 after a minute without the server, and says how to go on', async () => {
    const answer = (request: Sent): Answer => {
      if (request.path.startsWith('/api/v1/operations/')) throw lost('ECONNREFUSED');
      return server(completed)(request);
    };
    const surroundings = fakeSurroundings({ answer });
    expect(await run([...upgrade, '--yes'], surroundings)).toBe(7);
    expect(surroundings.err()).toMatch(
      /^(the connection to the server was lost; trying again\n)+waybill: The server at \S+ cannot be reached: nothing listens there\. Is the server running\? The operation goes on\. Follow it with: waybill operation record-r-1\n$/,
    );
    expect(surroundings.pauses.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(60_000);
  });

  it('goes on behind the last event it was told when the stream breaks off, and says nothing when it is to be quiet', async () => {
    const running = { id: 'record-r-1', kind: 'record', state: 'running', detail: '', progress: { step: 'starting' } };
    let looks = 0;
    const answer = (request: Sent): Answer =>
      request.path.startsWith('/api/v1/operations/') && (looks += 1) === 1
        ? { events: [running, running] }
        : server(completed)(request);
    const surroundings = fakeSurroundings({ answer });
    expect(await run([...upgrade, '--yes', '--quiet', '--wait'], surroundings)).toBe(0);
    expect(surroundings.err()).toBe('');
    const streams = surroundings.sent.filter(({ path }) => path.endsWith('/stream'));
    expect(streams.map(({ headers }) => headers.get('last-event-id'))).toEqual([null, '1']);
  });
});

describe('the command line', () => {
  it.each([
    [['bogus'], "error: unknown command 'bogus'"],
    [['install', 'shop'], "error: required option '--name <name>' not specified"],
    [['show'], "error: missing required argument 'instance'"],
    [['list', '--bogus'], "error: unknown option '--bogus'"],
    [['set', 'shop'], 'waybill: The request is not valid: there is nothing to set.'],
    [['set', 'shop', 'LOG_LEVEL'], 'waybill: The request is not valid: "LOG_LEVEL" is not of the form'],
  ])('ends with 2 for %j', async (args, sentence) => {
    const surroundings = fakeSurroundings();
    expect(await run(args, surroundings)).toBe(2);
    expect(surroundings.err()).toContain(sentence);
    expect(surroundings.sent).toEqual([]);
  });

  it.each([['--help'], ['upgrade', '--help'], ['template', '--help'], ['--version']])(
    'answers %s with 0',
    async (...args) => {
      const surroundings = fakeSurroundings();
      expect(await run(args, surroundings)).toBe(0);
      expect(surroundings.out()).not.toBe('');
    },
  );

  it('has an example in the help of every command', async () => {
    const surroundings = fakeSurroundings();
    await run(['--help'], surroundings);
    const names = [...surroundings.out().matchAll(/^ {2}([a-z]+)(?= )/gm)]
      .map(([, name]) => name!)
      .filter((name) => name !== 'help');
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) {
      const help = fakeSurroundings();
      await run([name, '--help'], help);
      expect(help.out()).toMatch(new RegExp(`Examples?:\\n  \\$ waybill ${name}\\b`));
    }
  });

  it('gives failures to programs as one line of JSON', async () => {
    const surroundings = fakeSurroundings({
      answer: () => refusal(404, 'instance-not-found', 'There is no instance "x".'),
    });
    expect(await run(['show', 'x', '--json'], surroundings)).toBe(4);
    expect(surroundings.out()).toBe('');
    expect(JSON.parse(surroundings.err())).toMatchObject({ code: 'instance-not-found', status: 404 });
  });

  it('takes --version behind a command as that command’s own', async () => {
    const surroundings = fakeSurroundings({ answer: () => refusal(409, 'import-not-confirmable', 'No.') });
    expect(await run(['imports', 'confirm', 'i-1', '--version', '1.1'], surroundings)).toBe(3);
    expect(surroundings.sent.map(({ body }) => body)).toEqual([{ version: '1.1' }]);
  });

  it('reads all pages of a list', async () => {
    const surroundings = fakeSurroundings({
      answer: ({ path }) =>
        path.includes('cursor=c2')
          ? { body: { items: [{ key: 'b', name: 'B', versions: 2, latest: '2.0' }] } }
          : { body: { items: [{ key: 'a', name: '数据库', versions: 1, latest: '1.0' }], next: 'c2' } },
    });
    expect(await run(['template', 'list'], surroundings)).toBe(0);
    expect(surroundings.out()).toBe(`KEY  NAME    VERSIONS  LATEST
a    数据库  1         1.0
b    B       2         2.0
`);
  });

  it('names a component that is of another version than its instance', async () => {
    const component = (name: string, version: string) => ({ key: name, name, host: name, version, ports: [] });
    const instance = {
      id: 'i-1',
      name: 'shop',
      template: { key: 'k', name: 'T' },
      engine: 'e',
      status: 'installed',
      version: '1.0',
      openRecord: null,
      pending: [],
      components: [component('web', '1.0'), component('d', '2.0')],
      live: [
        { key: 'web', name: 'web', condition: 'healthy', detail: 'serves', containers: [] },
        { key: 'd', name: 'd', condition: 'failing', detail: 'exited', containers: [] },
      ],
    };
    const surroundings = fakeSurroundings({ answer: () => ({ body: instance }) });
    await run(['show', 'shop'], surroundings);
    expect(surroundings.out()).toBe(`Instance: shop (i-1)
Template: T (k)
Version:  1.0
Status:   installed

COMPONENT  INSIDE CALLED  VERSION        CONDITION        IMAGE  PORTS
web        web            1.0            healthy
d          d              2.0 (another)  failing: exited

d stays from version 2.0; the instance is at 1.0.
`);
  });
});

it.each([
  [true, 0, ''],
  [false, 3, 'The engine has not what the log says.\n'],
])('a drift that is asked for ends with another code when there is one (in step: %s)', async (inStep, exit, err) => {
  const surroundings = fakeSurroundings({ answer: () => ({ body: { inStep, components: [] } }) });
  expect(await run(['drift', 'shop'], surroundings)).toBe(exit);
  expect(surroundings.err()).toBe(err);
});

it('a point that the sentence tells already is not told twice', async () => {
  const answer = (): Answer => {
    const { body, ...rest } = refusal(400, 'invalid-request', 'The request is not valid: /state is none of these.');
    const errors = [
      { pointer: '/state', message: 'is none of these' },
      { pointer: '/other', message: 'is wrong' },
    ];
    return { ...rest, body: { ...(body as object), errors } };
  };
  const surroundings = fakeSurroundings({ answer });
  expect(await run(['imports', 'list', '--state', 'bogus'], surroundings)).toBe(2);
  expect(surroundings.err()).toBe('waybill: The request is not valid: /state is none of these.\n  /other: is wrong\n');
});

it('a file that is not there is told of in words', async () => {
  const surroundings = fakeSurroundings({ answer: () => ({ body: { items: [] } }) });
  expect(await run(['set', 'shop', '--set-file', 'web:/a=/nonexistent'], surroundings)).toBe(2);
  expect(surroundings.err()).toBe(
    'waybill: The request is not valid: /nonexistent cannot be read: there is no such file.\n',
  );
});
