import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Debian's `docker-registry` on a free port of this machine. */
export interface TestRegistry {
  /** As image references name it. */
  readonly host: string;
  /** What it was asked, as its access log has it: `GET /v2/…`, in order. */
  requests(): readonly string[];
}

export type RegistryAuth =
  { readonly kind: 'password' } | { readonly kind: 'token'; readonly realm: string; readonly certificate: string };

/** The one user of a registry that asks for a password. */
export const registryUser = { user: 'maria', password: 'open sesame' };
/** bcrypt, as `htpasswd -B` writes it. */
const HTPASSWD = 'maria:$2b$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy\n';

const running = new Set<ChildProcess>();
const folders: string[] = [];

/** A folder that several registries may serve at once, so that what was pushed to one is in the other. */
export async function registryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-registry-'));
  folders.push(folder);
  return folder;
}

export async function startRegistry(folder: string, auth?: RegistryAuth): Promise<TestRegistry> {
  const own = await mkdtemp(join(folder, 'server-'));
  await mkdir(join(folder, 'content'), { recursive: true });
  await writeFile(join(own, 'htpasswd'), HTPASSWD);
  const configuration = {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: false } },
    storage: { filesystem: { rootdirectory: join(folder, 'content') } },
    http: { addr: '127.0.0.1:0', secret: 'test' },
    ...(auth === undefined ? {} : { auth: authSettings(auth, own) }),
  };
  await writeFile(join(own, 'config.yml'), JSON.stringify(configuration));
  const child = spawn('docker-registry', ['serve', join(own, 'config.yml')], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const requests: string[] = [];
  createInterface(child.stdout).on('line', (line) => {
    const asked = /"([A-Z]+ \S+) HTTP/.exec(line)?.[1];
    if (asked !== undefined) requests.push(asked);
  });
  const port = await new Promise<string>((resolve, reject) => {
    const lines: string[] = [];
    createInterface(child.stderr).on('line', (line) => {
      lines.push(line);
      const found = /listening on 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`the registry ended:\n${lines.join('\n')}`)));
  });
  return { host: `127.0.0.1:${port}`, requests: () => requests };
}

function authSettings(auth: RegistryAuth, folder: string): object {
  switch (auth.kind) {
    case 'password':
      return { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } };
    case 'token':
      return {
        token: { realm: auth.realm, service: 'test', issuer: 'test', rootcertbundle: auth.certificate },
      };
  }
}

/** Ends what still runs and removes the folders that were made; call it in `afterAll`. */
export async function cleanRegistries(): Promise<void> {
  for (const child of running) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
  running.clear();
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
}
