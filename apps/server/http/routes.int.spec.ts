import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Request, Response } from 'express';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { correlation } from './correlation.js';
import { EVENT_STREAM, routes } from './routes.js';

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe('streams that stay open', () => {
  it('are bounded for each account, and make room when they are closed', async () => {
    const left: ServerResponse[] = [];
    const described = { get: { responses: { 200: { description: '', content: { [EVENT_STREAM]: {} } } } } };
    const bounded = routes({ paths: { '/stream/{id}': described } });
    const named = correlation(pino({ level: 'silent' }));
    server = createServer((request, response) =>
      named(request, response, () => {
        // What Express adds to a request.
        Object.assign(request, { accepts: () => EVENT_STREAM });
        void bounded(request as Request, response as Response, () => {
          left.push(response);
          response.writeHead(200, { 'Content-Type': EVENT_STREAM }).write('\n');
        });
      }),
    );
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const ask = async () => {
      const [answer] = (await once(get({ host: '127.0.0.1', port, path: '/stream/1', agent: false }), 'response')) as [
        IncomingMessage,
      ];
      return answer;
    };

    const open = await Promise.all(Array.from({ length: 64 }, ask));
    expect(new Set(open.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
    const refused = await ask();
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '2']);
    expect(await json(refused)).toMatchObject({ status: 429, code: 'too-many-streams' });

    const [one] = left;
    if (one === undefined) throw new Error('no stream was opened');
    one.end();
    await once(one, 'close');
    expect((await ask()).statusCode).toBe(200);
  });
});
