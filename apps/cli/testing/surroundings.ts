import type { Surroundings } from '../surroundings.js';

/** What a command sent. */
export interface Sent {
  readonly method: string;
  /** With its query, below the server's address. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Instead of a body: server-sent events with these in them, after which the stream ends. */
  readonly events?: readonly unknown[];
}

export interface FakeSurroundings extends Surroundings {
  readonly sent: readonly Sent[];
  /** Milliseconds of every pause so far. */
  readonly pauses: readonly number[];
  out(): string;
  err(): string;
  /** Ctrl-C. */
  interrupt(): void;
  advance(ms: number): void;
}

interface Options {
  /** Answers a request, or throws what `fetch` would. */
  readonly answer?: (request: Sent) => Answer;
  readonly env?: Surroundings['env'];
  readonly columns?: number;
  /** What the person types when asked; absent: there is nobody. */
  readonly reply?: string;
  readonly workingFolder?: string;
}

/** Surroundings that remember what happens in them: a server made of a function, a clock that stands until it is moved, ids that count. */
export function fakeSurroundings(options: Options = {}): FakeSurroundings {
  const { answer = nothingThere, env = {}, columns, reply, workingFolder = '/nowhere' } = options;
  const sent: Sent[] = [];
  const pauses: number[] = [];
  const written = { out: '', err: '' };
  const listeners = new Set<() => void>();
  let ids = 0;
  let now = 0;
  return {
    sent,
    pauses,
    env,
    workingFolder,
    out: () => written.out,
    err: () => written.err,
    interrupt: () => [...listeners].forEach((listener) => listener()),
    advance: (ms) => (now += ms),
    now: () => now,
    randomId: () => `id-${(ids += 1)}`,
    pause: (ms) => {
      pauses.push(ms);
      now += ms;
      return Promise.resolve();
    },
    onInterrupt(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    fetch: (input, init) => {
      const url = new URL(input);
      const request = {
        method: init?.method ?? 'GET',
        path: url.pathname + url.search,
        headers: new Headers(init?.headers),
        body: typeof init?.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined,
      };
      sent.push(request);
      return Promise.resolve(request)
        .then(answer)
        .then(({ status = 200, headers = {}, body, events }) => {
          const text = events
            ?.map((event, i) => `id: ${i}\nevent: operation\ndata: ${JSON.stringify(event)}\n\n`)
            .join('');
          return new Response(text ?? (body === undefined ? null : JSON.stringify(body)), { status, headers });
        });
    },
    terminal: {
      out: (text) => (written.out += text),
      err: (text) => (written.err += text),
      interactive: reply !== undefined,
      columns,
      ask: (question) => {
        written.err += question;
        return Promise.resolve(reply ?? '');
      },
    },
  };
}

const nothingThere = (): Answer => ({ status: 404 });

/** A refusal as the server writes it. */
export const refusal = (status: number, code: string, detail: string): Answer => ({
  status,
  body: { type: `urn:waybill:problem:${code}`, title: code, status, detail, code, correlationId: 'c-1' },
});

/** What `fetch` throws. */
export const lost = (code: string): Error =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(`it was ${code}`), { code }) });
