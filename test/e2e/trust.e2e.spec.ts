import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rootChain } from '@waybill/packaging';
import {
  buildImageArchive,
  ramMetadata,
  testPublisher,
  writeWaybillFile,
  type BuiltImage,
  type TestPublisher,
} from '@waybill/packaging/testing';
import { call } from '../support/call.js';
import { cleanInstances } from '../support/engine.js';
import { removeImages } from '../support/engineImages.js';
import { shellImage } from '../support/fixtures.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { site } from '../support/site.js';
import { waybill } from '../support/waybill.js';

const key = `trust${randomBytes(4).toString('hex')}`;
const [acme, stranger] = [testPublisher(1), testPublisher(9)];
const idOf = (publisher: TestPublisher) => rootChain(publisher.roots).publisher;
const instances: string[] = [];
let image: BuiltImage;
let folder: string;
let server: TestServer;
const here = site(() => server);
const run = (...args: readonly string[]) => waybill(server, args);

beforeAll(async () => {
  folder = await freshFolder();
  server = await startServer({ env: { WAYBILL_IMPORT_ROOTS: folder } });
  image = await shellImage(`test/${key}`, 'trap "exit 0" TERM; sleep 100000 & wait');
});
afterAll(async () => {
  await cleanServers();
  await cleanInstances(instances);
  await removeImages([image]);
});

const package_ = (version: string, publisher: TestPublisher, signed = true) =>
  writeWaybillFile(folder, `${key}-${version}-${rootChain(publisher.roots).publisher.slice(7, 13)}.waybill`, {
    metadata: ramMetadata({ key, name: key, version, components: [{ key: 'job', image: `test/${key}` }] }),
    images: [image],
    publisher,
    ...(signed ? {} : { mutate: (content) => ({ ...content, keys: [], roots: [] }) }),
  });

it('a signed package is refused until its publisher is trusted, then imported and installed; nobody else’s is for that template', async () => {
  const file = await package_('1.0', acme);
  const refused = await run('import', '--confirm', file);
  expect([refused.exit, refused.err]).toEqual([3, expect.stringContaining(idOf(acme))]);
  expect(refused.err).toContain('waybill trust add FILE --fingerprint');
  expect(refused.out).not.toContain(idOf(acme));
  const [id = ''] = /[0-9a-f-]{36}/.exec(refused.out) ?? [];
  expect((await run('imports', 'show', id)).out).toContain(`Not imported: `);

  const compose = join(folder, 'compose.yaml');
  await writeFile(compose, 'services: {}\n');
  for (const args of [
    ['trust', 'add', compose],
    ['inspect', file, '--trust', compose],
  ])
    expect((await run(...args)).err).toContain(
      'compose.yaml holds no roots. Give the publisher’s publisher-roots.json',
    );

  const unasked = await run('trust', 'add', file);
  expect([unasked.exit, unasked.err]).toEqual([2, expect.stringContaining(idOf(acme))]);
  expect(unasked.err).toContain(`${idOf(acme)}.\nAnybody can write that.`);
  expect(await run('trust', 'add', file, '--fingerprint', idOf(stranger))).toMatchObject({ exit: 3 });
  expect(await run('trust', 'list')).toMatchObject({ exit: 0, out: expect.stringContaining('Nobody') as string });

  const roots = join(folder, 'publisher-roots.json');
  await writeFile(roots, JSON.stringify(acme.roots));
  const based = await run('export', key, '1.0', '--base', roots);
  expect([based.exit, based.err]).toEqual([3, expect.stringContaining(`${roots} is none: a site writes it`)]);
  expect(await run('trust', 'add', roots, '--fingerprint', idOf(acme))).toMatchObject({ exit: 0 });
  expect((await run('trust', 'list')).out).toContain(acme.keys[0]?.publicKey.fingerprint);
  const taken = await run('import', '--confirm', file);
  expect([taken.exit, taken.out]).toEqual([0, expect.stringContaining('Acme')]);
  expect(await here.install(`installed-${key}`, { template: key, version: '1.0' })).toMatchObject({
    state: 'succeeded',
  });
  instances.push((await here.instance(`installed-${key}`)).id);

  expect(await run('trust', 'add', await package_('2.0', stranger), '--fingerprint', idOf(stranger))).toMatchObject({
    exit: 0,
  });
  const other = await run('import', '--confirm', await package_('2.0', stranger));
  expect([other.exit, other.err]).toEqual([5, expect.stringContaining(idOf(stranger))]);
  const versions = await here.ask<{ items: readonly { version: string }[] }>('GET', `/templates/${key}/versions`);
  expect(versions.items.map(({ version }) => version)).toEqual(['1.0']);
});

it('what nobody vouches for is accepted by an approver only, by name, and a revoked key by nobody', async () => {
  const path = await package_('3.0', acme, false);
  expect(await run('import', '--confirm', path)).toMatchObject({ exit: 3 });
  const body = { path, confirm: true, acceptUnsigned: 'the vendor lost its key' };
  const tokens: string[] = [];
  for (const roles of [['operator'], ['operator', 'approver']]) {
    const account = `${roles.join('-')}-${key}`;
    tokens.push((await here.ask<{ token: string }>('POST', '/tokens', { account, roles })).token);
  }
  const [operator = '', approver = ''] = tokens;
  expect((await call(server, 'POST', '/api/v1/imports', { token: operator, body })).status).toBe(403);
  const begun = await call(server, 'POST', '/api/v1/imports', { token: approver, body });
  expect(await here.ended(String(begun.body['operation']))).toMatchObject({ state: 'succeeded' });
  const who = `by operator-approver-${key}`;
  const told = expect.stringMatching(new RegExp(`${who}: the vendor lost its key`)) as string;
  expect(await run('imports', 'show', String(begun.body['id']))).toMatchObject({ exit: 0, out: told });
  expect(await run('template', 'show', key, '3.0')).toMatchObject({ exit: 0, out: told });
  expect((await run('template', 'show', key, '3.0')).out).toMatch(/^Signed by: +NOBODY$/m);
  const listed = await run('trust', 'list');
  expect(listed.out).toMatch(/Taken without trust:[^]*3\.0[^]*operator-approver[^]*unsigned: the vendor lost its key/);

  const fingerprint = acme.keys[0]?.publicKey.fingerprint ?? '';
  expect(await run('trust', 'revoke', fingerprint, '--reason', 'stolen')).toMatchObject({ exit: 0 });
  const revoked = await run('import', '--confirm', await package_('4.0', acme), '--accept-publisher', idOf(acme));
  expect([revoked.exit, revoked.err]).toEqual([3, expect.stringContaining(fingerprint)]);
});

it('a template that is published here is nobody else’s, whatever is accepted by name; its own packages come back, rotated keys or not', async () => {
  const mine = `mine${key}`;
  const metadata = (version: string) =>
    ramMetadata({ key: mine, name: mine, version, components: [{ key: 'job', image: `test/${key}` }] });
  const [source, images] = [join(folder, 'metadata.json'), join(folder, 'images.tar')];
  await writeFile(source, JSON.stringify(metadata('1.0')));
  await writeFile(images, buildImageArchive({ images: [image] }));
  expect(await run('publish', source, '--images', images)).toMatchObject({ exit: 0 });

  const file = await writeWaybillFile(folder, 'taken.waybill', {
    metadata: metadata('2.0'),
    images: [image],
    publisher: stranger,
  });
  const refused = await run('import', '--confirm', file, '--accept-publisher', idOf(stranger));
  const { publisher } = await here.ask<{ publisher: string }>('GET', '/publisher');
  expect([refused.exit, refused.err]).toEqual([5, expect.stringContaining(publisher)]);

  expect(await run('publisher', 'rotate')).toMatchObject({ exit: 0 });
  const exported = await run('export', mine, '1.0', '-o', folder, '--json');
  const { path } = JSON.parse(exported.out) as { readonly path: string };
  expect(await run('trust', 'add', path, '--fingerprint', publisher)).toMatchObject({ exit: 0 });
  expect(await run('import', '--confirm', path)).toMatchObject({
    exit: 0,
    out: expect.stringContaining('was in the catalog already') as string,
  });
});

it('a server may be told at its start whom to trust', async () => {
  const trusted = join(folder, 'trusted.json');
  await writeFile(trusted, JSON.stringify(acme.roots));
  const told = await startServer({ env: { WAYBILL_TRUST: trusted } });
  const answer = await call<{ publishers: readonly { publisher: string }[] }>(told, 'GET', '/api/v1/trust');
  expect(answer.body.publishers.map(({ publisher }) => publisher)).toEqual([idOf(acme)]);
});
