import { randomBytes } from 'node:crypto';
import { call } from '../call.js';
import { removeImages } from '../engineImages.js';
import { uploadFile } from '../upload.js';
import { waitFor } from '../waitFor.js';
import type { MortalServer } from './mortalServer.js';
import { writeFaultVersion, type FaultVersion } from './template.js';

/** What must be true when an act has ended, whatever happened on the way. */
export interface Expectation {
  /** Versions in the catalog. */
  readonly versions: readonly string[];
  /** Exports whose file is kept. */
  readonly exports: readonly string[];
  /** The instance's records: `<kind> <status>`; nothing before it was made. */
  readonly records: readonly string[];
  /** What the application runs as and says; absent while nothing is installed. */
  readonly serves: { readonly version: string; readonly greeting: string } | undefined;
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly key: string;
  readonly body: unknown;
  readonly answer: Told;
}

/** What an answer says that must be the same whenever the command is repeated. */
type Told = Readonly<Record<string, unknown>>;

/** One template's way from being published to the removal of its only instance, as a site would go it. */
export interface Journey {
  readonly key: string;
  readonly server: MortalServer;
  readonly versions: readonly FaultVersion[];
  /** Of the instance, once it is made. */
  readonly instance: string | undefined;
  readonly expected: Expectation;
  /** Sends the last act's commands again. @returns those that were answered otherwise */
  repeatCommands(): Promise<readonly string[]>;
  act(act: Act): Promise<void>;
  /** Takes the images from the engine. */
  end(): Promise<void>;
}

export const acts = [
  'publish',
  'import',
  'import broken',
  'export',
  'remove export',
  'install',
  'reconfigure',
  'upgrade',
  'revert',
  'rollback',
  'remove',
] as const;
export type Act = (typeof acts)[number];

export async function beginJourney(server: MortalServer, folder: string): Promise<Journey> {
  const key = `fault${randomBytes(4).toString('hex')}`;
  const published = await writeFaultVersion(folder, { key, version: '1.0' });
  const imported = await writeFaultVersion(folder, { key, version: '2.0' });
  const broken = await writeFaultVersion(folder, { key, version: '3.0', breaks: true });
  const versions = [published, imported, broken];
  let instance: string | undefined;
  let expected: Expectation = { versions: [], exports: [], records: [], serves: undefined };
  let sent: Sent[] = [];
  let commands = 0;

  async function command(method: string, path: string, body: unknown, changes = true): Promise<Told> {
    commands += 1;
    const once = `${key}-${String(commands)}`;
    const answer = await server.insist<Told>(method, path, { key: once, body });
    if (answer.status >= 400)
      throw new Error(`${method} ${path} answered ${String(answer.status)}: ${JSON.stringify(answer.body)}`);
    if (changes) sent.push({ method, path, key: once, body, answer: told(answer.body) });
    return answer.body;
  }

  const ended = (operation: string) =>
    waitFor(`the end of ${operation}`, async () => {
      const { body } = await server.insistOn((alive) =>
        call<{ state: string; detail?: string }>(alive, 'GET', `/api/v1/operations/${operation}`),
      );
      return body.state === 'running' ? undefined : body;
    });

  async function end(operation: unknown, state: string): Promise<void> {
    const found = await ended(String(operation));
    if (found.state !== state) throw new Error(`${String(operation)} ended as ${JSON.stringify(found)}, not ${state}`);
  }

  async function upload(file: string): Promise<string> {
    const begun = await server.insistOn((alive) => uploadFile(alive, file, { chunkSize: 65_536, stopAfter: 1 }));
    const { pathname } = new URL(begun.url);
    return server.insistOn(async (alive) => (await uploadFile(alive, file, { resume: alive.url + pathname })).id);
  }

  async function carryOut(plan: Readonly<Record<string, unknown>>, state = 'succeeded'): Promise<void> {
    const path = `/instances/${String(instance)}`;
    const { digest } = await command('POST', `${path}/plans`, plan, false);
    const { operation } = await command('POST', `${path}/records`, { plan: digest });
    await end(operation, state);
  }

  const records = (...more: readonly string[]): Pick<Expectation, 'records'> => ({
    records: [...expected.records, ...more],
  });

  const run: Readonly<Record<Act, () => Promise<Partial<Expectation>>>> = {
    async publish() {
      const images = [{ upload: await upload(published.archive) }];
      await command('POST', '/templates', { metadata: published.metadata, images });
      return { versions: ['1.0'] };
    },
    async import() {
      const { operation } = await command('POST', '/imports', { upload: await upload(imported.file), confirm: true });
      await end(operation, 'succeeded');
      return { versions: ['1.0', '2.0'] };
    },
    async 'import broken'() {
      const { operation } = await command('POST', '/imports', { path: broken.file, confirm: true });
      await end(operation, 'succeeded');
      return { versions: ['1.0', '2.0', '3.0'] };
    },
    async export() {
      const { id, operation } = await command('POST', '/exports', { template: key, version: '2.0' });
      await end(operation, 'succeeded');
      return { exports: [String(id)] };
    },
    async 'remove export'() {
      for (const id of expected.exports) await command('DELETE', `/exports/${id}`, undefined);
      return { exports: [] };
    },
    async install() {
      const made = await command('POST', '/instances', {
        name: key,
        template: key,
        version: '1.0',
        settings: [{ item: 'web/env/GREETING', value: 'welcome' }],
      });
      instance = String((made as { id?: unknown }).id);
      await carryOut({ kind: 'install', version: '1.0' });
      return { ...records('install completed'), serves: { version: '1.0', greeting: 'welcome' } };
    },
    async reconfigure() {
      await command('PATCH', `/instances/${String(instance)}/settings`, {
        settings: [
          { item: 'web/env/GREETING', value: 'goodday' },
          { item: 'db/file//etc/db.conf', value: 'v=ours\n' },
        ],
      });
      await carryOut({ kind: 'reconfigure' });
      return { ...records('reconfigure completed'), serves: { version: '1.0', greeting: 'goodday' } };
    },
    async upgrade() {
      await carryOut({ kind: 'upgrade', version: '2.0' });
      return { ...records('upgrade completed'), serves: { version: '2.0', greeting: 'goodday' } };
    },
    async revert() {
      await carryOut({ kind: 'upgrade', version: '3.0' }, 'failed');
      return records('upgrade reverted');
    },
    async rollback() {
      const { id } = (await history()).find((one) => one.status === 'completed' && one.kind === 'upgrade') ?? {
        id: '',
      };
      await carryOut({ kind: 'rollback', record: id });
      return { ...records('rollback completed'), serves: { version: '1.0', greeting: 'goodday' } };
    },
    async remove() {
      await carryOut({ kind: 'remove', removeVolumes: true });
      return { ...records('remove completed'), serves: undefined };
    },
  };

  async function history() {
    const { body } = await call<{ items: readonly { id: string; kind: string; status: string }[] }>(
      await server.alive(),
      'GET',
      `/api/v1/instances/${String(instance)}/records?limit=200`,
    );
    return body.items;
  }

  return {
    key,
    server,
    versions,
    get instance() {
      return instance;
    },
    get expected() {
      return expected;
    },
    async act(act) {
      sent = [];
      expected = { ...expected, ...(await run[act]()) };
    },
    async repeatCommands() {
      const wrong: string[] = [];
      for (const { method, path, key: once, body, answer } of sent) {
        const again = await server.insist<Told>(method, path, { key: once, body });
        const [was, is] = [JSON.stringify(answer), JSON.stringify(told(again.body))];
        if (again.status >= 400 || was !== is)
          wrong.push(
            `${method} ${path} was answered ${was}, and now ${String(again.status)} ${JSON.stringify(again.body)}`,
          );
      }
      return wrong;
    },
    end: () => removeImages(versions.flatMap(({ images }) => images)),
  };
}

/** Who was made and where it is followed: what a caller goes on with. */
const told = ({ id, record, operation, manifestDigest }: Told): Told => ({ id, record, operation, manifestDigest });
