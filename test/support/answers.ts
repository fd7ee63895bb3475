import { call } from './call.js';
import type { TestServer } from './server.js';

export interface GivenAnswer {
  readonly status: number;
  readonly etag: string | null;
  readonly body: unknown;
}

/** Answers by the path that was asked, without `/api/v1`. */
export type Answers = Readonly<Record<string, GivenAnswer>>;

interface Listed {
  readonly [member: string]: unknown;
}
interface Page {
  readonly items: readonly Listed[];
}

/** What the API describes as readable, and is not asked here, with the reason. */
export const notAsked: Readonly<Record<string, string>> = {
  '/admin/doctor': 'of the disk, the engine and the content store as they are now',
  '/health/live': 'of the process, not of the log',
  '/health/ready': 'of the process, not of the log',
  '/instances/{instance}/drift': 'asks the engine',
  '/inventory': 'of the content store as it is now, and signed with the time',
  '/publisher': 'of the key of this server, which is in no log',
  '/templates/{template}/versions/{version}/sboms/{sbom}': 'of the content store, not of the log',
  '/exports/{id}/file': 'of the content store, not of the log',
  '/exports/{id}/files/{name}': 'of the content store, not of the log',
  '/uploads': 'of the files on their way, which are not in the log',
  '/operations/{id}/stream': 'repeats /operations/{id} until it ends',
};

type Ask = (route: string, values?: Readonly<Record<string, string>>, query?: string) => Promise<GivenAnswer>;

/**
 * Asks a server everything that can be read of it, following every list to every thing in it.
 * @returns the answers, and the routes of the API's description that were asked
 */
export async function allAnswers(
  server: TestServer,
): Promise<{ readonly answers: Answers; readonly routes: ReadonlySet<string> }> {
  const answers: Record<string, GivenAnswer> = {};
  const routes = new Set<string>();
  const ask: Ask = async (route, values = {}, query = '') => {
    const path = `${route.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''))}${query}`;
    const { status, headers, body } = await call<unknown>(server, 'GET', `/api/v1${path}`);
    routes.add(route);
    return (answers[path] = { status, etag: headers.get('etag'), body });
  };
  await askCatalog(ask);
  await askDelivery(ask);
  for (const route of ['/accounts', '/accounts/me', '/tokens', '/trust']) await ask(route);
  return { answers, routes };
}

const itemsOf = (answer: GivenAnswer): readonly Listed[] => (answer.body as Page).items;
const named = (item: Listed, member: string): string => String(item[member]);

async function askCatalog(ask: Ask): Promise<void> {
  for (const listed of itemsOf(await ask('/templates', {}, '?limit=200'))) {
    const template = named(listed, 'key');
    await ask('/templates/{template}', { template });
    const versions = itemsOf(await ask('/templates/{template}/versions', { template }, '?limit=200'));
    for (const one of versions) {
      const version = named(one, 'version');
      await ask('/templates/{template}/versions/{version}', { template, version });
      for (const other of versions)
        await ask('/templates/{template}/versions/{version}/diff/{other}', {
          template,
          version,
          other: named(other, 'version'),
        });
    }
  }
  for (const listed of itemsOf(await ask('/imports', {}, '?limit=200'))) {
    const id = named(listed, 'id');
    await ask('/imports/{id}', { id });
    await ask('/operations/{id}', { id: `import-${id}` });
  }
  for (const listed of itemsOf(await ask('/exports', {}, '?limit=200'))) {
    const id = named(listed, 'id');
    await ask('/exports/{id}', { id });
    await ask('/operations/{id}', { id: `export-${id}` });
  }
  await ask('/inventory/missing', {}, '?limit=200');
}

async function askDelivery(ask: Ask): Promise<void> {
  await ask('/instances');
  for (const listed of itemsOf(await ask('/instances', {}, '?removed=true&limit=200'))) {
    const instance = named(listed, 'id');
    for (const more of ['', '/upgrades', '/settings', '/settings/history', '/runs', '/retention'])
      await ask(`/instances/{instance}${more}`, { instance });
    const moments = [named(listed, 'createdAt'), named(listed, 'changedAt')];
    for (const one of itemsOf(await ask('/instances/{instance}/records', { instance }, '?limit=200'))) {
      const record = named(one, 'id');
      await ask('/records/{record}', { record });
      await ask('/operations/{id}', { id: `record-${record}` });
      await ask('/plans/{digest}', { digest: named(one, 'plan') });
      moments.push(named(one, 'proposedAt'), named(one, 'startedAt'), named(one, 'endedAt'));
    }
    for (const moment of moments)
      await ask('/instances/{instance}/state', { instance }, `?at=${encodeURIComponent(moment)}`);
  }
}

/** The readable routes of the API's description that are in this version's scope, without `/api/v1`. */
export async function readableRoutes(server: TestServer): Promise<readonly string[]> {
  const { body } = await call<{ readonly paths: Readonly<Record<string, object>> }>(server, 'GET', '/openapi.json');
  return Object.entries(body.paths)
    .filter(([, methods]) => 'get' in methods)
    .map(([path]) => path.replace(/^\/api\/v1/, ''));
}
