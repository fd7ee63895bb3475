import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Request, Response } from 'express';
import { WaybillError } from '@waybill/kernel';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { correlation } from './correlation.js';
import { jsonBody } from './jsonBody.js';
import { sendProblem } from './problem.filter.js';
import { requestLimits } from './requestLimits.js';

let server: Server;
/** What would end the server's process. */
const fatal: unknown[] = [];
const note = (error: unknown) => fatal.push(error);
beforeEach(() => {
  fatal.length = 0;
  process.on('uncaughtException', note);
});
afterEach(() => {
  process.off('uncaughtException', note);
  server.closeAllConnections();
  server.close();
});

/** A connection to a server with these limits that has announced a body of 1,000 bytes and sent the first of it. */
async function begun(limits: { readonly silenceMs?: number; readonly arrivalMs?: number }): Promise<Socket> {
  const named = correlation(pino({ level: 'silent' }));
  const limited = requestLimits(limits.silenceMs);
  const read = jsonBody(limits.arrivalMs);
  server = createServer((request, response) =>
    named(request, response, () =>
      limited(request, response, () => {
        void read(request as Request, response as Response, (error?: unknown) => {
          if (error === undefined) response.end();
          else sendProblem(error, request, response);
        });
      }),
    ),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"');
  return socket;
}

/** What the server says before it ends the connection. */
async function lastWords(socket: Socket): Promise<unknown> {
  const answer = await new Response(Readable.toWeb(socket) as ReadableStream).text();
  expect(answer).toContain('HTTP/1.1 408 Request Timeout\r\n');
  expect(answer).toContain('Connection: close\r\n');
  return JSON.parse(answer.slice(answer.indexOf('{')));
}

describe('a body that does not come', () => {
  it('is given up when no byte came for so long, and the caller is told', async () => {
    expect(await lastWords(await begun({ silenceMs: 100 }))).toMatchObject({
      code: 'request-timeout',
      details: { seconds: 0.1 },
    });
  });

  it('of JSON is given up when it is not there as a whole in time, though its bytes keep coming', async () => {
    const socket = await begun({ silenceMs: 10_000, arrivalMs: 300 });
    const drops = setInterval(() => socket.write('x'), 20);
    socket.once('close', () => clearInterval(drops));
    expect(await lastWords(socket)).toMatchObject({ code: 'request-timeout', details: { seconds: 0.3 } });
  });

  it('is given up once, and the server lives on when the other limit passes as well', async () => {
    const limits = { silenceMs: 50, arrivalMs: 150 };
    expect(await lastWords(await begun(limits))).toMatchObject({ details: { seconds: 0.05 } });
    await delay(2 * limits.arrivalMs);
    expect(fatal).toEqual([]);
  });

  it('since its client was cut off is nobody’s to answer', async () => {
    const limits = { silenceMs: 50, arrivalMs: 150 };
    const cut = await begun(limits);
    const [seen] = (await once(server, 'request')) as [IncomingMessage];
    cut.resetAndDestroy();
    await new Promise((resolve) => seen.socket.once('close', resolve));
    await delay(2 * limits.arrivalMs);
    expect(fatal).toEqual([]);
  });
});

describe('a problem that comes after the answer', () => {
  it('breaks the connection off instead of failing, whatever it wanted to say in headers', async () => {
    const named = correlation(pino({ level: 'silent' }));
    server = createServer((request, response) => {
      named(request, response, () => {
        response.write('half an answer');
        sendProblem(new WaybillError('request-timeout', { seconds: 1 }), request, response, { Connection: 'close' });
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const whole = fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`).then((answer) => answer.text());
    await expect(whole).rejects.toThrow();
    expect(fatal).toEqual([]);
  });
});
