import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '@waybill/kernel';
import { call } from '../call.js';
import { engine } from '../engine.js';
import type { TestServer } from '../server.js';
import type { InstanceAnswer } from '../site.js';
import type { Journey } from './journey.js';
import { loggedTruth } from './loggedTruth.js';
import { says } from './template.js';

/**
 * Looks for everything that a death may have left behind or taken away, in the catalog, the history, the log, the engine and on the disk.
 * @returns what was found, in words; nothing when all is as if nobody had died
 */
export async function violations(journey: Journey): Promise<readonly string[]> {
  const server = await journey.server.alive();
  const looks = [catalogOf, exportsOf, historyOf, applicationOf, engineOf, logOf, filesOf, diagnosisOf];
  const found = await Promise.all(
    looks.map((look) =>
      look(journey, server).catch((error: unknown) => [`${look.name} could not be looked at: ${String(error)}`]),
    ),
  );
  return found.flat();
}

/** The same after a first start: a server that knows its administrator, and has nothing but what it needs. */
export async function startViolations(server: TestServer): Promise<readonly string[]> {
  const { status } = await call(server, 'GET', '/api/v1/accounts/me');
  return [
    ...differs('the answer to the administrator', status, 200),
    ...(await leftOver(server.data)),
    ...(await doctorOf(server)),
  ];
}

type Look = (journey: Journey, server: TestServer) => Promise<readonly string[]>;

async function ask<Body>(server: TestServer, path: string): Promise<Body> {
  const { status, body } = await call<Body>(server, 'GET', `/api/v1${path}`);
  if (status !== 200) throw new Error(`${path} answered ${String(status)}: ${JSON.stringify(body)}`);
  return body;
}

const differs = (what: string, is: unknown, ought: unknown): readonly string[] =>
  JSON.stringify(is) === JSON.stringify(ought)
    ? []
    : [`${what}: ${JSON.stringify(is)} where ${JSON.stringify(ought)} is due`];

const catalogOf: Look = async ({ key, expected }, server) => {
  if (expected.versions.length === 0) return [];
  const { items } = await ask<{ items: readonly { version: string }[] }>(server, `/templates/${key}/versions`);
  const { items: imports } = await ask<{ items: readonly { state: string; version?: string }[] }>(
    server,
    '/imports?limit=200',
  );
  const open = imports.filter(({ state }) => !['completed', 'refused', 'failed', 'discarded'].includes(state));
  return [
    ...differs('versions in the catalog', items.map(({ version }) => version).sort(), expected.versions),
    ...differs('unfinished imports', open.length, 0),
  ];
};

/** Each that is kept has its file, whole; no other has one. */
const exportsOf: Look = async ({ expected }, server) => {
  const folders = await readdir(join(server.data, 'content/exports'));
  const found: string[] = [];
  for (const id of expected.exports) {
    const { file } = await ask<{ file: { digest: string } }>(server, `/exports/${id}`);
    const bytes = await readFile(join(server.data, 'content/exports', id, 'package'));
    found.push(...differs(`the file of the export ${id}`, sha256(bytes), file.digest));
  }
  return [...found, ...differs('exports on the disk', folders, expected.exports)];
};

const historyOf: Look = async ({ instance, expected }, server) => {
  if (instance === undefined) return [];
  const { items } = await ask<{ items: readonly { kind: string; status: string }[] }>(
    server,
    `/instances/${instance}/records?limit=200`,
  );
  const found = items.map(({ kind, status }) => `${kind} ${status}`);
  return differs('records', found, expected.records);
};

const applicationOf: Look = async ({ key, instance, expected }, server) => {
  if (instance === undefined) return [];
  const is = await ask<InstanceAnswer>(server, `/instances/${instance}`);
  const { serves } = expected;
  if (serves === undefined)
    return [...differs('status', is.status, 'removed'), ...differs('the open record', is.openRecord, null)];
  const port = is.components.find(({ name }) => name === 'web')?.ports[0]?.hostPort;
  const answer = await fetch(`http://127.0.0.1:${String(port)}/`, { signal: AbortSignal.timeout(5_000) }).then(
    (response) => response.text(),
    (error: unknown) => String(error),
  );
  return [
    ...differs('status', is.status, 'installed'),
    ...differs('version', is.version, serves.version),
    ...differs('the open record', is.openRecord, null),
    ...differs('conditions', is.live?.map(({ name, condition }) => `${name} ${condition}`).sort(), [
      'db healthy',
      'web healthy',
    ]),
    ...differs('the application’s answer', answer.trim(), says(key, serves.version, serves.greeting)),
  ];
};

/** Containers, networks and volumes that carry the instance's id or its name, against what its log says it has. */
const engineOf: Look = async ({ key, instance, expected }, server) => {
  if (instance === undefined) return [];
  const docker = engine();
  const labelled = { filters: { label: [`waybill.instance-name=${key}`] } };
  const owned = { filters: { label: [`waybill.instance=${instance}`] } };
  const [containers, networks, strays, volumes, is] = await Promise.all([
    docker.listContainers({ all: true, ...labelled }),
    docker.listNetworks(labelled),
    docker.listContainers({ all: true, ...owned }),
    docker.listVolumes(owned) as unknown as Promise<{ Volumes: readonly { Name: string }[] | null }>,
    ask<InstanceAnswer>(server, `/instances/${instance}`),
  ]);
  const serving = is.components.flatMap((one) => (one.serving?.containers ?? []).map(({ id }) => id)).sort();
  const running = containers.filter(({ State }) => State === 'running').map(({ Id }) => Id);
  return [
    ...differs('containers of that name', containers.map(({ Id }) => Id).sort(), serving),
    ...differs('running containers', running.sort(), serving),
    ...differs('containers of that instance', strays.map(({ Id }) => Id).sort(), serving),
    ...differs('networks', networks.length, expected.serves === undefined ? 0 : 2),
    ...differs('volumes', (volumes.Volumes ?? []).length, expected.serves === undefined ? 0 : 1),
  ];
};

const logOf: Look = async ({ key, server, instance = '', expected }) => {
  const { reserved, names } = await loggedTruth(server.data);
  const held = (reserved.get(instance) ?? []).map((what) => what.split(' ')[0] ?? '').sort();
  const strangers = [...reserved].filter(([one]) => one !== instance).flatMap(([, what]) => what);
  const isThere = expected.serves !== undefined;
  return [
    ...differs('reservations', held, isThere ? ['port', 'subnet', 'subnet'] : []),
    ...differs('reservations of others', strangers, []),
    ...differs('names taken', [...names], isThere ? [[`instancename-${key}`, instance]] : []),
  ];
};

const filesOf: Look = ({ server }) => leftOver(server.data);

/** An upload that was used and not removed goes by its note, in a week; without one it would stay. */
async function leftOver(data: string): Promise<readonly string[]> {
  const files = await readdir(data, { recursive: true });
  const temporary = files.filter((file) => /^(content\/staging|incoming)\/|\.partial$|\.tmp$/.test(file));
  const uploads = files.filter((file) => /^uploads\/[^/.]+$/.test(file) && !files.includes(`${file}.json`));
  return differs('files left over', [...temporary, ...uploads], []);
}

const diagnosisOf: Look = (_, server) => doctorOf(server);

interface Finding {
  readonly check: string;
  readonly state: string;
  readonly detail: string;
  readonly items: readonly string[];
}

async function doctorOf(server: TestServer): Promise<readonly string[]> {
  const { findings } = await ask<{ findings: readonly Finding[] }>(server, '/admin/doctor');
  return findings
    .filter(({ check, state }) => state === 'problem' && check !== 'disk')
    .map(({ check, detail, items }) => `the doctor finds ${check}: ${detail} ${items.join('; ')}`);
}
