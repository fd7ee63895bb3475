import { call } from './call.js';
import type { TestServer } from './server.js';
import { waitFor } from './waitFor.js';

export interface Ended {
  readonly state: 'succeeded' | 'failed' | 'waiting';
  readonly detail: string;
  readonly failure?: {
    readonly code: string;
    readonly message: string;
    readonly component?: string;
    readonly log?: string;
  };
}

export interface PlanAnswer {
  readonly digest: string;
  readonly items: readonly {
    readonly id: string;
    readonly path: string;
    readonly verdict: string;
    readonly action: string;
    readonly rule: string;
    readonly reason: string;
    readonly component?: { readonly name: string };
  }[];
  readonly steps: readonly { readonly name: string; readonly action: string }[];
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

export interface InstanceAnswer {
  readonly id: string;
  readonly status: string;
  readonly version: string | null;
  readonly openRecord: string | null;
  readonly components: readonly {
    readonly key: string;
    readonly name: string;
    readonly host: string;
    readonly version: string;
    readonly ports: readonly { readonly containerPort: number; readonly hostPort: number }[];
    readonly serving?: { readonly record: string; readonly containers: readonly { readonly id: string }[] };
  }[];
  readonly live?: readonly { readonly name: string; readonly condition: string; readonly detail: string }[];
}

export interface RecordAnswer {
  readonly id: string;
  readonly number: number;
  readonly kind: string;
  readonly status: string;
  readonly failure?: string;
  readonly components: readonly {
    readonly component: string;
    readonly status: string;
    readonly log?: string;
    readonly reason?: string;
  }[];
}

/** What a person or pipeline at a site does over the API, in one call each; every call fails loudly when the API refuses. */
export interface Site {
  /** GET, or another method, that must succeed. */
  ask<Body>(method: string, path: string, body?: unknown): Promise<Body>;
  /** The code of the problem that the API answers. */
  refusal(method: string, path: string, body?: unknown): Promise<string>;
  ended(operation: string): Promise<Ended>;
  import(file: string): Promise<Ended>;
  beginImport(file: string): Promise<{ readonly id: string; readonly operation: string }>;
  plan(instance: string, body: Readonly<Record<string, unknown>>): Promise<PlanAnswer>;
  submit(instance: string, plan: string): Promise<string>;
  carryOut(instance: string, body: Readonly<Record<string, unknown>>): Promise<Ended>;
  install(
    name: string,
    options: {
      readonly template: string;
      readonly version?: string;
      readonly settings?: readonly { readonly item: string; readonly value: string }[];
    },
  ): Promise<Ended>;
  instance(name: string): Promise<InstanceAnswer>;
  history(name: string): Promise<readonly RecordAnswer[]>;
}

/** @param server asked anew for every call, so that a restarted one is found */
export function site(server: () => Pick<TestServer, 'url' | 'adminToken'>): Site {
  async function ask<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await call<Body>(server(), method, `/api/v1${path}`, body === undefined ? {} : { body });
    if (answer.status >= 400)
      throw new Error(`${method} ${path} answered ${String(answer.status)}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
  async function refusal(method: string, path: string, body?: unknown): Promise<string> {
    const answer = await call<{ code?: string }>(
      server(),
      method,
      `/api/v1${path}`,
      body === undefined ? {} : { body },
    );
    return answer.body.code ?? `answered ${String(answer.status)}`;
  }
  const ended = (operation: string) =>
    waitFor(`the end of ${operation}`, async () => {
      const now = await ask<Ended | { readonly state: 'running' }>('GET', `/operations/${operation}`);
      return now.state === 'running' ? undefined : now;
    });
  const plan = (instance: string, body: Readonly<Record<string, unknown>>) =>
    ask<PlanAnswer>('POST', `/instances/${instance}/plans`, body);
  const submit = async (instance: string, digest: string) =>
    (await ask<{ operation: string }>('POST', `/instances/${instance}/records`, { plan: digest })).operation;
  const carryOut = async (instance: string, body: Readonly<Record<string, unknown>>) =>
    ended(await submit(instance, (await plan(instance, body)).digest));
  const beginImport = (file: string) =>
    ask<{ id: string; operation: string }>('POST', '/imports', { path: file, confirm: true });
  return {
    ask,
    refusal,
    ended,
    plan,
    submit,
    carryOut,
    beginImport,
    import: async (file) => ended((await beginImport(file)).operation),
    async install(name, { template, version, settings }) {
      await ask('POST', '/instances', {
        name,
        template,
        ...(version === undefined ? {} : { version }),
        ...(settings === undefined ? {} : { settings }),
      });
      return carryOut(name, { kind: 'install', ...(version === undefined ? {} : { version }) });
    },
    instance: (name) => ask('GET', `/instances/${name}`),
    history: async (name) =>
      (await ask<{ items: readonly RecordAnswer[] }>('GET', `/instances/${name}/records?limit=200`)).items,
  };
}
