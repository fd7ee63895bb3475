import { request } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { commandWords, isWaybillError } from '@waybill/kernel';
import type { GateProbe } from '../runtime.js';
import { call, read } from './call.js';
import type { Connection } from './connection.js';
import { containerPath, type OwnContainer } from './containers.js';
import { lastOf, payloads } from './logFrames.js';

export type ProbeResult = { readonly kind: 'passed' } | { readonly kind: 'missed'; readonly reason: string };

/** Tries once whether the container serves. HTTP and TCP go to its own address on the inside network. */
export async function tryProbe(
  connection: Connection,
  container: OwnContainer,
  probe: GateProbe,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const timeout = AbortSignal.timeout(Math.max(probe.timeout * 1000, 1));
  const either = AbortSignal.any([signal, timeout]);
  try {
    return await tried(connection, container, probe, either);
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.aborted) return { kind: 'missed', reason: `no answer within ${probe.timeout} s` };
    if (isWaybillError(error)) throw error;
    // It could not even be asked, and never will be.
    return { kind: 'missed', reason: error instanceof Error ? error.message : String(error) };
  }
}

function tried(
  connection: Connection,
  { id, address }: OwnContainer,
  { check, timeout }: GateProbe,
  signal: AbortSignal,
): Promise<ProbeResult> {
  switch (check.kind) {
    case 'http':
      return tryHttp(address, check, signal);
    case 'tcp':
      return tryTcp(address, check.port, signal);
    case 'command':
      // The probe's own limit ends the command; the engine's is only there for an engine that hangs.
      return tryCommand(connection, id, check.command, timeout * 1000 + connection.callTimeoutMs, signal);
  }
}

function tryHttp(
  host: string,
  { port, path, headers }: Extract<GateProbe['check'], { kind: 'http' }>,
  signal: AbortSignal,
): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const attempt = request(
      {
        host,
        port,
        path: asSent(path.startsWith('/') ? path : `/${path}`),
        headers: Object.fromEntries(headers.map(({ name, value }) => [name, value])),
        agent: false,
        signal,
      },
      (response) => {
        const status = response.statusCode ?? 0;
        response.destroy();
        if (status >= 200 && status < 400) resolve({ kind: 'passed' });
        else resolve({ kind: 'missed', reason: `HTTP status ${status}` });
      },
    );
    attempt.on('error', (error) => resolve({ kind: 'missed', reason: error.message }));
    attempt.end();
  });
}

/** Percent-encoded where a browser would; what is encoded already stays. */
const asSent = (path: string): string => path.toWellFormed().replace(/[^!-~]|["<>`{}]/gu, encodeURIComponent);

function tryTcp(host: string, port: number, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host, port, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve({ kind: 'passed' });
    });
    socket.once('error', (error) => resolve({ kind: 'missed', reason: error.message }));
  });
}

async function tryCommand(
  connection: Connection,
  id: string,
  command: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const action = 'run a probe in a container';
  const { Id } = await call<{ readonly Id: string }>(connection, {
    action,
    method: 'POST',
    path: `${containerPath(id)}/exec`,
    body: { Cmd: commandWords(command), AttachStdout: true, AttachStderr: true },
    signal,
  });
  const text = await read(
    connection,
    { action, method: 'POST', path: `/exec/${Id}/start`, body: { Detach: false, Tty: false }, timeoutMs, signal },
    (output) => lastOf(payloads(output), 1024),
  );
  const { ExitCode } = await call<{ readonly ExitCode: number | null }>(connection, {
    action,
    method: 'GET',
    path: `/exec/${Id}/json`,
    signal,
  });
  return ExitCode === 0
    ? { kind: 'passed' }
    : { kind: 'missed', reason: `exit code ${ExitCode ?? 'unknown'}${text === '' ? '' : `: ${text.trim()}`}` };
}
