import { createServer, type AddressInfo } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { dockerRuntime } from './dockerRuntime.js';

const anyRef = async (host: string, callTimeoutMs = 100) => dockerRuntime({ host, callTimeoutMs, env: {} });

test('an engine that takes the call but never answers is reported as silent', async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );
  onTestFinished(() => void server.close());
  const runtime = await anyRef(`tcp://127.0.0.1:${port}`);
  await expect(runtime.engine()).rejects.toMatchObject({
    code: 'engine-timeout',
    details: { seconds: 0.1, action: 'describe itself' },
  });
});

test('an engine that stops in the middle of its answer is reported as silent', async () => {
  const server = createHttpServer((_, response) => response.writeHead(200).write('{"ID":'));
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const runtime = await anyRef(`tcp://127.0.0.1:${port}`);
  await expect(runtime.engine()).rejects.toMatchObject({ code: 'engine-timeout' });
});

test('an engine that is not there is reported with its address', async () => {
  await expect((await anyRef('unix:///nowhere/docker.sock')).engine()).rejects.toMatchObject({
    code: 'engine-unreachable',
    details: { address: 'unix:///nowhere/docker.sock' },
  });
  await expect((await anyRef('tcp://127.0.0.1:1', 2000)).engine()).rejects.toMatchObject({
    code: 'engine-unreachable',
    details: { address: 'tcp://127.0.0.1:1' },
  });
});

test('what the engine says when it refuses is passed on', async () => {
  const server = createHttpServer((_, response) =>
    response.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"no more disk"}'),
  );
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );
  onTestFinished(() => void server.close());
  await expect((await anyRef(`tcp://127.0.0.1:${port}`, 2000)).engine()).rejects.toMatchObject({
    code: 'engine-refused',
    message: 'The engine refused to describe itself: no more disk',
  });
});
