import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openContentStore, type ContentStore } from '@waybill/content-store';
import { isWaybillError } from '@waybill/kernel';
import { openPackageBytes } from '../file/packageBytes.js';
import { normalise } from '../normalise.js';
import { normaliseRam } from '../ram/normaliseRam.js';
import { parseRamMetadata } from '../ram/parseRamMetadata.js';
import { buildImage } from '../testing/buildImage.js';
import { ramMetadata } from '../testing/buildRamPackage.js';
import {
  buildWaybillPackage,
  filesIn,
  testPublisher,
  type WaybillPackageDescription,
} from '../testing/buildWaybillPackage.js';
import { deep, printedSeed } from '../testing/depth.js';
import { BLOCK } from '../tar/tarHeader.js';
import { padding } from '../write/tarBlocks.js';
import { readWaybillPackage, type InspectedWaybill } from './readWaybillPackage.js';

const run = promisify(execFile);
let folder: string;
let store: ContentStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waybill-format-'));
  store = await openContentStore(join(folder, 'content'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const base = { 'etc/base': 'base '.repeat(1000) };
const db = buildImage({ references: ['shop/db:1'], layers: [base, { 'bin/db': 'database' }] });
const web = buildImage({ references: ['shop/web:1'], layers: [base, { 'bin/web': 'web' }] });
const shop: WaybillPackageDescription = {
  metadata: ramMetadata({
    key: 'shop',
    components: [
      { key: 'db', image: 'shop/db:1' },
      { key: 'web', image: 'shop/web:1', dependsOn: ['db'] },
    ],
  }),
  images: [db, web],
};

async function read(content: Uint8Array): Promise<InspectedWaybill> {
  const path = join(folder, 'shop.waybill');
  await writeFile(path, content);
  const bytes = await openPackageBytes(path);
  const staging = await store.stage('reading');
  try {
    return await readWaybillPackage(bytes, staging);
  } finally {
    await bytes.close();
    await staging.discard();
  }
}

/** What a refusal may name, region by region: the file that the bytes are of, or the one before whose header it is; at the end only the package. */
function regionsOf(written: Buffer): readonly { readonly end: number; readonly names: readonly string[] }[] {
  let end = 0;
  let before = 'its first block';
  const regions = filesIn(written).flatMap(({ name, content }) => {
    const header = { end: (end += BLOCK), names: [before, name] };
    const body = { end: (end += content.length + padding(content.length).length), names: [name] };
    before = name;
    return [header, body];
  });
  return [...regions, { end: written.length, names: ['shop.waybill'] }];
}

describe('a package of the waybill format', () => {
  it('is the same file every time, and read as what was written', async () => {
    const written = await buildWaybillPackage(shop);
    expect((await buildWaybillPackage(shop)).equals(written)).toBe(true);
    const inspected = await read(written);
    const images = [db.packaged, web.packaged].sort((a, b) => (a.config < b.config ? -1 : 1));
    expect(inspected).toMatchObject({ format: 'waybill', file: { size: written.length }, images, missing: [] });
    expect(inspected.manifest).toEqual(
      normaliseRam(parseRamMetadata(Buffer.from(JSON.stringify(shop.metadata))), images).manifest,
    );
    expect(inspected.signer).toMatchObject({ kind: 'signed', publisher: { newest: { publisher: 'Acme' } } });
  });

  it('carries a Compose file as its source, and its reader comes to the same manifest', async () => {
    const source = {
      schema: 1,
      compose: 'services: {web: {image: "shop/web:1", env_file: web.env}}',
      files: { 'web.env': 'LEVEL=info' },
      template: 'shop',
      version: '1.0',
      images: { 'shop/web:1': web.packaged.config },
    };
    const written = await buildWaybillPackage({ metadata: source, sourceFormat: 'compose', images: [web] });
    expect((await read(written)).manifest).toEqual(
      normalise('compose', Buffer.from(JSON.stringify(source)), [web.packaged]).manifest,
    );
  });

  it('is opened by tar, sha256sum and ssh-keygen, and nothing else is needed to check it', async () => {
    const path = join(folder, 'shop.waybill');
    await writeFile(path, await buildWaybillPackage(shop));
    await run('tar', ['-xf', path, '-C', folder]);
    const { stdout } = await run('sha256sum', ['-c', 'SHA256SUMS'], { cwd: folder });
    expect(
      stdout
        .trim()
        .split('\n')
        .every((line) => line.endsWith(': OK')),
    ).toBe(true);
    const [key] = testPublisher().keys;
    await writeFile(join(folder, 'allowed'), `acme ${key?.publicKey.line ?? ''}\n`);
    const verify = `ssh-keygen -Y verify -f allowed -I acme -n package@waybill -s waybill.json.sig < waybill.json`;
    await expect(run('sh', ['-c', verify], { cwd: folder })).resolves.toMatchObject({
      stdout: expect.stringContaining('Good "package@waybill" signature') as string,
    });
  });

  it('may leave out what the reader has, and says what it lacks', async () => {
    const [shared, own] = web.layers;
    const without = new Set(web.layers.map(({ diffId }) => diffId));
    const inspected = await read(await buildWaybillPackage({ ...shop, without }));
    expect([...inspected.missing].sort()).toEqual([shared?.diffId, own?.diffId].sort());
  });

  it('is refused when any one bit of it is another, and the file in it that was damaged is named', async () => {
    const written = await buildWaybillPackage(shop);
    const regions = regionsOf(written);
    const wrong: string[] = [];
    const step = deep ? 1 : 199;
    for (let byte = printedSeed('a flipped bit') % step; byte < written.length; byte += step) {
      const changed = Buffer.from(written);
      changed[byte] = (changed[byte] ?? 0) ^ (1 << ((byte * 5) % 8));
      const region = regions.find(({ end }) => byte < end);
      const told = await read(changed).then(
        () => 'it was taken',
        (error: unknown) => (isWaybillError(error) ? error.message : Promise.reject(error as Error)),
      );
      if (!(region?.names ?? []).some((name) => told.includes(name))) wrong.push(`byte ${String(byte)}: ${told}`);
    }
    expect(wrong).toEqual([]);
  }, 3_600_000);

  it('is refused when it is cut short anywhere', async () => {
    const written = await buildWaybillPackage(shop);
    for (let size = 0; size < written.length; size += 512)
      await expect(read(written.subarray(0, size))).rejects.toMatchObject({ code: 'package-truncated' });
  });

  it('says of its checksums that they themselves were changed, and of another file that it is not the one they list', async () => {
    const changed = (name: string): WaybillPackageDescription => ({
      ...shop,
      rewrite: (files) =>
        files.map((file) =>
          file.name === name ? { ...file, content: Buffer.concat([file.content, Buffer.from(' ')]) } : file,
        ),
    });
    const reasonFor = async (name: string, bytes: Uint8Array) =>
      read(bytes).then(
        () => 'it was read',
        (error: unknown) => (isWaybillError(error) ? error.details['reason'] : `${name}: ${String(error)}`),
      );
    expect(await reasonFor('SHA256SUMS', await buildWaybillPackage(changed('SHA256SUMS')))).toBe(
      'SHA256SUMS, which lists the digests of its files, was changed or cut off.',
    );
    const whole = await buildWaybillPackage(shop);
    const at = whole.indexOf('"imageLayoutVersion"');
    whole.write('"imageLayoutversion"', at);
    expect(await reasonFor('oci-layout', whole)).toBe('oci-layout is not the file that SHA256SUMS lists.');
  });

  it('holds its files in one order, what is signed first', async () => {
    const written = await buildWaybillPackage(shop);
    const path = join(folder, 'shop.waybill');
    await writeFile(path, written);
    await run('tar', ['-xf', path, '-C', folder]);
    const { stdout } = await run('tar', ['-tf', path]);
    expect(stdout.split('\n').slice(0, 8)).toEqual([
      'waybill.json',
      'waybill.json.sig',
      'waybill.dsse.json',
      'publisher/1.root.json',
      'SHA256SUMS',
      'oci-layout',
      'index.json',
      'manifest.json',
    ]);
    expect(await readFile(join(folder, 'waybill.json'), 'utf8')).toContain(
      '"template":{"key":"shop","name":"package"}',
    );
  });
});
