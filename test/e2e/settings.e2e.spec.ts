import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allAnswers } from '../support/answers.js';
import { call } from '../support/call.js';
import { cleanInstances, containersOf, engine, execIn } from '../support/engine.js';
import { httpProbe, shellImage, webPort, writePackage } from '../support/fixtures.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { site } from '../support/site.js';
import { waybill as runWaybill, type CommandEnded } from '../support/waybill.js';

const unique = randomBytes(3).toString('hex');
const key = `settings-${unique}`;
const name = `set-${unique}`;
/** Written otherwise in a URL and in base64. */
const secrets = ['first', 'second', 'third'].map((word) => `${word}/+ü ${randomBytes(6).toString('hex')}`);
const [first = '', second = '', third = ''] = secrets;
const terminal: string[] = [];
const made = new Set<string>();

let server: TestServer;
let folder: string;
let port: number;
const here = site(() => server);
const waybill = async (...args: readonly string[]): Promise<CommandEnded> => {
  const ended = await runWaybill(server, args);
  terminal.push(ended.out, ended.err);
  return ended;
};
const done = async (...args: readonly string[]): Promise<string> => {
  const { exit, out, err } = await waybill(...args);
  if (exit !== 0) throw new Error(`waybill ${args.join(' ')} ended with ${String(exit)}:\n${err}`);
  return out + err;
};
const local = async (file: string, content: string): Promise<string> => {
  await writeFile(join(folder, file), content);
  return join(folder, file);
};

/** Answers with its log level; asked to fail it tells its secret first. */
const line = [
  'if [ -n "$FAIL" ]; then echo "key is $API_KEY"; printf "x%s" "$API_KEY" | base64; exit 3; fi',
  'mkdir -p /www; echo "level $LOG_LEVEL" > /www/index.html; exec httpd -f -p 80 -h /www',
].join('; ');

async function writeVersion(version: string, level: string, content: string): Promise<string> {
  const reference = `test/${key}:${version}`;
  const variable = (attr_name: string, attr_value: string, is_change = true) => ({
    attr_name,
    attr_value,
    name: '',
    is_change,
    container_port: 0,
  });
  return writePackage(folder, {
    key,
    version,
    images: [await shellImage(reference, line)],
    components: [
      {
        key: 'web',
        image: reference,
        more: {
          port_map_list: [webPort(true)],
          probes: [httpProbe(80)],
          service_env_map_list: [
            variable('LOG_LEVEL', level),
            variable('FIXED', 'x', false),
            variable('API_KEY', '**None**'),
          ],
          service_volume_map_list: [
            {
              volume_name: 'conf',
              volume_path: '/etc/app.conf',
              volume_type: 'config-file',
              file_content: content,
              mode: 420,
            },
          ],
        },
      },
    ],
  });
}

async function freePort(): Promise<number> {
  const listening = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => listening.once('listening', resolve));
  const { port: found } = listening.address() as AddressInfo;
  await new Promise((resolve) => listening.close(resolve));
  return found;
}

const containers = async (): Promise<readonly string[]> =>
  (await containersOf((await here.instance(name)).id)).map(({ Id }) => Id);
const inside = async (command: string): Promise<string> =>
  (await execIn((await containers())[0] ?? '', command)).trim();
const answer = async (at: number) => (await (await fetch(`http://127.0.0.1:${String(at)}/`)).text()).trim();
const limits = async () => {
  const { HostConfig } = await engine()
    .getContainer((await containers())[0] ?? '')
    .inspect();
  return { memory: HostConfig.Memory, cpu: HostConfig.NanoCpus };
};
const MIB = 1_048_576;

beforeAll(async () => {
  folder = await freshFolder();
  port = await freePort();
  server = await startServer({ env: { WAYBILL_IMPORT_ROOTS: folder } });
  expect(await here.import(await writeVersion('1.0', 'info', 'a=1\nb=1\n'))).toMatchObject({ state: 'succeeded' });
});
afterAll(async () => {
  await cleanServers();
  await cleanInstances(made);
});

describe('settings of a site', () => {
  it('are there from the install on, in the container itself', async () => {
    await done(
      ...['install', key, '1.0', '--name', name, '--yes', '--set', 'web.LOG_LEVEL=warn', '--set', 'web/memory=80'],
      ...[
        '--publish',
        `web:80=${String(port)}`,
        '--set-file',
        `web:/etc/app.conf=${await local('a.conf', 'a=1\nb=site\n')}`,
      ],
      ...['--set-secret-file', `web.API_KEY=${await local('key', `${first}\n`)}`],
    );
    made.add((await here.instance(name)).id);
    expect(await answer(port)).toBe('level warn');
    expect(await inside('echo "$API_KEY"; cat /etc/app.conf')).toBe(`${first}\na=1\nb=site`);
    expect(await limits()).toEqual({ memory: 80 * MIB, cpu: 0 });
  });

  it('are refused with a reason and what was probably meant, and nothing is changed', async () => {
    const before = await here.ask('GET', `/instances/${name}/settings`);
    const refused = async (...args: readonly string[]) => {
      const { exit, err } = await waybill('set', name, ...args);
      return `${String(exit)} ${err}`;
    };
    expect(await refused('wbe.LOG_LEVEL=x')).toContain('4 waybill: There is no component "wbe"; did you mean web?');
    expect(await refused('web.FIXED=y')).toContain('3 waybill: "web/env/FIXED" cannot be set: the template says');
    expect(await refused('web/replicas=0')).toContain('a whole number from 1 to 61, not "0"');
    expect(await refused('--publish', 'web:81=8081')).toContain('did you mean 80?');
    expect(await refused('web.A=1', '--unset', 'web.A')).toMatch(/^3 .*(more than once|no such setting)/);
    expect(await refused()).toContain('2 waybill: The request is not valid: there is nothing to set.');
    const other = await waybill('install', key, '--name', `${name}-b`, '--publish', `web:80=${String(port)}`, '--yes');
    expect(`${String(other.exit)} ${other.err}`).toContain(
      `5 waybill: The port ${String(port)} on the engine is taken by the instance "${name}". Choose another one with web/publish/80=PORT.`,
    );
    expect(await refused(`web/publish/80/1=${String(port)}`)).toContain(
      `taken by web/publish/80 of this instance. Choose another one with web/publish/80/1=PORT.`,
    );
    const stale = await call(server, 'PATCH', `/api/v1/instances/${name}/settings`, {
      body: { settings: [{ item: 'web/env/LOG_LEVEL', value: 'x' }] },
      headers: { 'if-match': '"0"' },
    });
    expect([stale.status, stale.body['code']]).toEqual([412, 'revision-mismatch']);
    const present = await call(server, 'GET', `/api/v1/instances/${name}/settings`);
    expect(stale.headers.get('etag')).toBe(present.headers.get('etag'));
    expect(await done('set', name, 'web.LOG_LEVEL=x', '--dry-run')).toBe(
      `This can be set. 1 setting of "${name}" would wait.\n`,
    );
    expect(await here.ask('GET', `/instances/${name}/settings`)).toEqual(before);
  });

  it('wait until they are applied, and say who asked for them', async () => {
    const told = await done(
      ...['set', name, 'web.LOG_LEVEL=debug', 'web.LOG_LEVL=x', 'web/memory=96', 'web/cpu=250', 'web/replicas=2'],
      ...['--publish', 'web:80=none', '--set-file', `web:/etc/app.conf=${await local('b.conf', 'a=1\nb=new\n')}`],
      ...['--set', `web.API_KEY=${second}`],
    );
    expect(told).toContain('web/env/LOG_LEVL is new: the template has no such variable. Did you mean LOG_LEVEL?');
    expect(told).toContain(`8 settings of "${name}" wait. Take effect with: waybill apply ${name}`);
    expect(await done('set', name, '--withdraw', 'web.LOG_LEVL')).toContain('7 settings');
    expect(await done('show', name)).toMatch(
      /Waiting: +web\/cpu, web\/env\/API_KEY, web\/env\/LOG_LEVEL, .*waybill apply/,
    );
    const listed = await done('settings', name);
    expect(listed).toMatch(/web\/env\/LOG_LEVEL +warn +this site \(.*, cli, .*\) +info +debug \(.*, cli, .*\)/);
    expect(listed).toMatch(/web\/env\/FIXED +x +template 1\.0 +x \(fixed\)/);
    expect(listed).toMatch(/web\/publish\/80 .*at any free port of the host +not published/);
    expect(await answer(port)).toBe('level warn');
  });

  it('take effect with a plan that tells what changes and nothing else', async () => {
    const plan = await here.plan(name, { kind: 'reconfigure' });
    expect(plan.items.map(({ path, verdict, rule }) => `${path} ${verdict} ${rule}`)).toEqual(
      ['cpu', 'env/API_KEY', 'env/LOG_LEVEL', 'file//etc/app.conf', 'memory', 'publish/80', 'replicas'].map(
        (path) => `${path} change setting-applied`,
      ),
    );
    const operation = await here.submit(name, plan.digest);
    expect(
      await here.refusal('PATCH', `/instances/${name}/settings`, { settings: [{ item: 'web/cpu', value: '0' }] }),
    ).toBe('record-open');
    expect(await here.ended(operation)).toMatchObject({ state: 'succeeded' });
    expect(await containers()).toHaveLength(2);
    expect(await inside('echo "$LOG_LEVEL"; echo "$API_KEY"; cat /etc/app.conf')).toBe(`debug\n${second}\na=1\nb=new`);
    expect(await limits()).toEqual({ memory: 96 * MIB, cpu: 250_000_000 });
    await expect(answer(port)).rejects.toThrow();
    expect(await here.instance(name)).toMatchObject({ pending: [] });
  });

  it('go back with the record that applied them, secrets and ports too', async () => {
    await done('rollback', name, '--yes');
    expect(await containers()).toHaveLength(1);
    expect(await inside('echo "$LOG_LEVEL"; echo "$API_KEY"; cat /etc/app.conf')).toBe(`warn\n${first}\na=1\nb=site`);
    expect(await limits()).toEqual({ memory: 80 * MIB, cpu: 0 });
    expect(await answer(port)).toBe('level warn');
  });

  it('still wait after a rollout that failed, whose log hides the secret, and can be withdrawn', async () => {
    await done('set', name, 'web.FAIL=yes', `web.API_KEY=${third}`);
    const failed = await waybill('apply', name, '--yes');
    expect(failed.exit).toBe(1);
    expect(failed.out).toMatch(/key is •••[^]*\| \S*•••/);
    expect(await inside('echo "$API_KEY"')).toBe(first);
    expect(await done('set', name, '--withdraw', 'web.FAIL', '--withdraw', 'web.API_KEY')).toBe(
      `No setting of "${name}" waits.\n`,
    );
    expect(
      await here.refusal('POST', `/instances/${name}/records`, {
        plan: (await here.plan(name, { kind: 'reconfigure' })).digest,
      }),
    ).toBe('plan-empty');
  });

  it('are kept by an upgrade but for what is accepted, with both sides shown', async () => {
    expect(await here.import(await writeVersion('2.0', 'trace', 'a=2\nb=1\n'))).toMatchObject({ state: 'succeeded' });
    const plan = await done('plan', name, '2.0');
    expect(plan).toMatch(
      /! env LOG_LEVEL: stays warn; 2\.0 says trace — .*set at this site \(.*, cli, .*\); --accept web\/env/,
    );
    expect(plan).toContain('- a=1\n        - b=site\n        + a=2\n        + b=1'.replaceAll('        ', '      '));
    const wrong = await waybill('upgrade', name, '2.0', '--accept', 'web/env/LOG_LEVL', '--yes');
    expect(`${String(wrong.exit)} ${wrong.err}`).toContain('4 waybill: The plan has no item "web/env/LOG_LEVL"');
    expect(wrong.err).toContain('Did you mean web/env/LOG_LEVEL?');
    const upgraded = await done('upgrade', name, '2.0', '--accept', 'web/file/*', '--yes');
    expect(upgraded).toMatch(
      /~ file \/etc\/app\.conf: new content — .*accepted for this plan; was set at this site \(/,
    );
    expect(await inside('echo "$LOG_LEVEL"; cat /etc/app.conf')).toBe('warn\na=2\nb=1');
    expect(await done('settings', name)).toMatch(/web\/file\/\/etc\/app\.conf .*template 2\.0, accepted/);
  });

  it('are given back to the template, a secret to the one that it generates', async () => {
    await done('set', name, '--unset', 'web.LOG_LEVEL', '--unset', 'web.API_KEY', '--unset', 'web/memory');
    await done('apply', name, '--yes');
    expect(await answer(port)).toBe('level trace');
    expect(await inside('echo "$API_KEY"')).toMatch(/^[0-9a-f]{32}$/);
    expect(await limits()).toMatchObject({ memory: 64 * MIB });
  });

  it('have a history, of all or of one', async () => {
    const one = await done('settings', name, '--history', 'web.LOG_LEVEL');
    const told = one
      .split('\n')
      .slice(1, -1)
      .map((row) => row.replace(/^\S+ \S+ +/, '').replaceAll(/ {2,}/g, ' | '));
    expect(told.map((row) => row.split(' | ').slice(1, 3).join(': '))).toEqual([
      'set: warn',
      'took effect: warn',
      'set: debug',
      'took effect: warn → debug',
      'took effect: debug → warn',
      "given back: the template's value",
      'took effect: warn → trace',
    ]);
    expect(one).toMatch(/rollback #3: goes back to what it was before the record/);
    const acts = await here.ask<{ items: readonly { item: string; act: string }[]; next?: string }>(
      'GET',
      `/instances/${name}/settings/history?limit=2`,
    );
    expect(acts.items).toHaveLength(2);
    const rest = await here.ask<{ items: readonly { item: string; act: string }[] }>(
      'GET',
      `/instances/${name}/settings/history?limit=200&cursor=${acts.next ?? ''}`,
    );
    expect([...acts.items, ...rest.items].filter(({ act }) => act === 'withdrawn').map(({ item }) => item)).toEqual([
      'web/env/LOG_LEVL',
      'web/env/FAIL',
      'web/env/API_KEY',
    ]);
    expect(await here.refusal('GET', `/instances/${name}/settings/history?item=wbe/cpu`)).toBe('component-not-found');
  });

  it('show no secret in any byte of the data folder, of an answer, of a log or of the terminal', async () => {
    const { answers } = await allAnswers(server);
    const settings = await here.ask('GET', `/instances/${name}/settings/history?limit=200`);
    await server.stop();
    const files = (await readdir(server.data, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    const places = new Map<string, Buffer>([
      ['the answers', Buffer.from(JSON.stringify([answers, settings]))],
      ['the log', Buffer.from(server.logs())],
      ['the terminal', Buffer.from(terminal.join('\n'))],
    ]);
    for (const entry of files) places.set(entry.name, await readFile(join(entry.parentPath, entry.name)));
    const found = [...places].flatMap(([place, bytes]) =>
      secrets
        .flatMap(formsOf)
        .filter((form) => bytes.includes(form))
        .map((form) => `${form} in ${place}`),
    );
    // What is no secret is found, so the search sees what there is.
    expect([...places].filter(([, bytes]) => bytes.includes('env/API_KEY')).length).toBeGreaterThan(2);
    expect(found).toEqual([]);
  });
});

/** As it is, in JSON, in a URL, and the part of its base64 that does not depend on its neighbours, wherever it begins. */
function formsOf(secret: string): readonly string[] {
  const base64 = [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)])
      .toString('base64')
      .slice(offset === 0 ? 0 : 4, -4),
  );
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), ...base64];
}
