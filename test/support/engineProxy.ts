import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';

/**
 * What may go wrong with one call:
 * `hang`: it never reaches the engine, and is never answered; `unanswered`: the engine does the work, and its answer never comes;
 * `fail`: status 500, and nothing is done; `cut`: the engine does the work, then the connection breaks before the answer;
 * `half`: it breaks in the middle of the answer; `late`: the call reaches the engine only when it is let go, long after its caller gave up.
 */
export const faults = ['hang', 'unanswered', 'fail', 'cut', 'half', 'late'] as const;
export type FaultKind = (typeof faults)[number];

export interface Fault {
  /** Resolves when the call has come that it befell. */
  readonly met: Promise<void>;
  /** Lets a `late` call go, and resolves when the engine has answered it. */
  letGo(): Promise<void>;
}

/** Stands in front of an engine and does what it is told to single calls. */
export interface EngineProxy {
  /** Its `DOCKER_HOST`. */
  readonly host: string;
  /** The kinds of calls that came so far, e.g. `POST /containers/{}/start`. */
  kinds(): readonly string[];
  /** Lets the fault befall the nth call (1: the next one) of that kind from now on. */
  befall(kind: string, fault: FaultKind, nth?: number): Fault;
  close(): Promise<void>;
}

interface Trap {
  readonly kind: string;
  readonly fault: FaultKind;
  left: number;
  readonly meet: () => void;
  readonly released: Promise<void>;
  readonly done: () => void;
}

/** @param host `DOCKER_HOST` of the engine, a Unix socket */
export async function startEngineProxy(host = process.env['DOCKER_HOST'] ?? ''): Promise<EngineProxy> {
  const engineSocket = host.replace('unix://', '');
  const folder = await mkdtemp(join(tmpdir(), 'waybill-proxy-'));
  const socket = join(folder, 'docker.sock');
  const kinds = new Set<string>();
  const traps: Trap[] = [];

  const server = createServer((incoming, response) => {
    const kind = kindOf(incoming);
    kinds.add(kind);
    const trap = traps.find((one) => one.kind === kind && one.left > 0 && --one.left === 0);
    incoming.on('error', () => undefined);
    if (trap === undefined) pass(engineSocket, incoming, response);
    else {
      trap.meet();
      void spoil(engineSocket, incoming, response, trap);
    }
  });
  server.listen(socket);
  await once(server, 'listening');
  return {
    host: `unix://${socket}`,
    kinds: () => [...kinds].sort(),
    befall(kind, fault, nth = 1) {
      const [met, released, done] = [gate(), gate(), gate()];
      traps.push({ kind, fault, left: nth, meet: met.open, released: released.opened, done: done.open });
      return {
        met: met.opened,
        letGo() {
          released.open();
          return done.opened;
        },
      };
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const gate = () => {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
};

/** Names and ids do not make another kind. */
const kindOf = ({ method, url }: IncomingMessage): string =>
  `${method ?? ''} ${(url ?? '').replace(/[?].*/s, '').replace(/^\/(containers|networks|volumes|images|exec)\/(?!(?:json|create|load|prune)$)[^/]+/, '/$1/{}')}`;

function toEngine(socketPath: string, { method, url, headers }: IncomingMessage) {
  return request({ socketPath, method, path: url, headers: { ...headers, connection: 'close' } });
}

function pass(socketPath: string, incoming: IncomingMessage, response: ServerResponse): void {
  const outgoing = toEngine(socketPath, incoming);
  outgoing.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.on('error', () => response.destroy()).pipe(response);
  });
  outgoing.on('error', () => response.destroy());
  response.on('close', () => outgoing.destroy());
  incoming.pipe(outgoing);
}

async function spoil(
  socketPath: string,
  incoming: IncomingMessage,
  response: ServerResponse,
  trap: Trap,
): Promise<void> {
  const body = await bytesOf(incoming);
  switch (trap.fault) {
    case 'hang':
      return;
    case 'fail':
      response.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"the engine is out of order"}');
      return;
    case 'unanswered':
      await answerOf(socketPath, incoming, body);
      return;
    case 'late':
      await trap.released;
      await answerOf(socketPath, incoming, body);
      trap.done();
      return;
    case 'cut':
      await answerOf(socketPath, incoming, body);
      response.destroy();
      return;
    case 'half': {
      const answer = await answerOf(socketPath, incoming, body);
      response.writeHead(answer.status, {
        'content-type': 'application/json',
        'content-length': answer.body.length + 10,
      });
      response.write(answer.body.subarray(0, Math.ceil(answer.body.length / 2)), () => response.destroy());
      return;
    }
  }
}

/** What comes before the caller gave up; a body that is cut off is what the engine would have got of it. */
async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of stream) pieces.push(piece as Buffer);
  } catch {
    return Buffer.concat(pieces);
  }
  return Buffer.concat(pieces);
}

async function answerOf(socketPath: string, incoming: IncomingMessage, body: Buffer) {
  const outgoing = toEngine(socketPath, incoming);
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: answer.statusCode ?? 500, body: await bytesOf(answer) };
}
