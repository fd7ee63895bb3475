import { createServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { sha256, type ComponentKey, type InstanceId, type RecordId } from '@waybill/kernel';
import { expect, onTestFinished, test } from 'vitest';
import { busyboxImage } from '../testing/busyboxImage.js';
import { dockerRuntime } from './dockerRuntime.js';

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

const reaching = async (host: string, callTimeoutMs = 100) => dockerRuntime({ host, callTimeoutMs, env: {} });

test('an engine that takes the call but never answers is reported as silent', async () => {
  const server = createServer();
  const port = await listening(server);
  onTestFinished(() => void server.close());
  const runtime = await reaching(`tcp://127.0.0.1:${port}`);
  await expect(runtime.engine()).rejects.toMatchObject({
    code: 'engine-timeout',
    details: { seconds: 0.1, action: 'describe itself' },
  });
});

test('an engine that stops in the middle of its answer is reported as silent', async () => {
  const server = createHttpServer((_, response) => response.writeHead(200).write('{"ID":'));
  const port = await listening(server);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const runtime = await reaching(`tcp://127.0.0.1:${port}`);
  await expect(runtime.engine()).rejects.toMatchObject({ code: 'engine-timeout' });
});

test('an engine that stops in the middle of a log is reported as silent', async () => {
  const container = {
    Id: 'c1',
    Name: '/c1',
    Image: sha256('image'),
    Config: {
      Labels: {
        'waybill.instance': 'i',
        'waybill.component': 'c',
        'waybill.record': 'r',
        'waybill.spec': sha256('spec'),
      },
    },
    HostConfig: { PortBindings: null },
  };
  const server = createHttpServer((request, response) => {
    if (request.url?.includes('/logs') === true) response.writeHead(200).write(Buffer.from([1, 0, 0, 0]));
    else
      response.end(JSON.stringify(request.url?.startsWith('/containers/json') === true ? [{ Id: 'c1' }] : container));
  });
  const port = await listening(server);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const runtime = await reaching(`tcp://127.0.0.1:${port}`, 500);
  const ref = {
    instance: 'i' as InstanceId,
    component: 'c' as ComponentKey,
    record: 'r' as RecordId,
    specDigest: sha256('spec'),
  };
  await expect(runtime.logs(ref, 10)).rejects.toMatchObject({
    code: 'engine-timeout',
    details: { action: 'read a log' },
  });
});

test('an engine that stands still while an image is loaded is reported as silent', async () => {
  const { image, source } = await busyboxImage();
  const server = createHttpServer((request, response) => {
    if (request.url?.startsWith('/images/load') === true) return;
    if (request.url?.startsWith('/info') === true) response.end(JSON.stringify({ Architecture: image.architecture }));
    else if (request.url?.startsWith('/images/json') === true) response.end('[]');
    else response.writeHead(404).end('{"message":"no such image"}');
  });
  const port = await listening(server);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const runtime = await dockerRuntime({ host: `tcp://127.0.0.1:${port}`, loadIdleMs: 200, env: {} });
  await expect(runtime.ensureImage(image, source)).rejects.toMatchObject({
    code: 'engine-timeout',
    details: { seconds: 0.2, action: `load the image ${image.config}` },
  });
});

test('an engine that is not there is reported with its address', async () => {
  await expect((await reaching('unix:///nowhere/docker.sock')).engine()).rejects.toMatchObject({
    code: 'engine-unreachable',
    details: { address: 'unix:///nowhere/docker.sock' },
  });
  await expect((await reaching('tcp://127.0.0.1:1', 2000)).engine()).rejects.toMatchObject({
    code: 'engine-unreachable',
    details: { address: 'tcp://127.0.0.1:1' },
  });
});

test('what the engine says when it refuses is passed on', async () => {
  const server = createHttpServer((_, response) =>
    response.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"no more disk"}'),
  );
  const port = await listening(server);
  onTestFinished(() => void server.close());
  await expect((await reaching(`tcp://127.0.0.1:${port}`, 2000)).engine()).rejects.toMatchObject({
    code: 'engine-refused',
    message: 'The engine refused to describe itself: no more disk',
  });
});

test('an engine is not asked for anything by someone who may no longer act, not even in the middle of a step', async () => {
  const asked: string[] = [];
  const server = createHttpServer((request, response) => {
    asked.push(`${request.method ?? ''} ${(request.url ?? '').replace(/[?].*/, '')}`);
    response.end('[]');
  });
  const port = await listening(server);
  onTestFinished(() => void server.close());
  let calls = 1;
  const runtime = (await reaching(`tcp://127.0.0.1:${port}`)).guarded(() => {
    if (calls === 0) throw new Error('the lease has passed');
    calls -= 1;
  });
  expect(await runtime.observe('i' as InstanceId)).toEqual([]);
  await expect(runtime.observe('i' as InstanceId)).rejects.toThrow('the lease has passed');
  await expect(runtime.removeVolume('v')).rejects.toThrow('the lease has passed');
  expect(asked).toEqual(['GET /containers/json']);
});
