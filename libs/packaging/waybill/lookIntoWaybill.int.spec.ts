import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openContentStore } from '@waybill/content-store';
import { isWaybillError } from '@waybill/kernel';
import { openPackage } from '../file/packageBytes.js';
import { defaultLimits, type ReadLimits } from '../package.js';
import { buildImage } from '../testing/buildImage.js';
import { ramMetadata } from '../testing/buildRamPackage.js';
import { buildWaybillPackage } from '../testing/buildWaybillPackage.js';
import { hostileWaybills, trustOf } from '../testing/hostile/waybill/index.js';
import { memoryFolder } from '../testing/memoryFolder.js';
import { lookIntoWaybill, type SeenWaybill } from './lookIntoWaybill.js';
import { readWaybillPackage } from './readWaybillPackage.js';
import { trustedChain } from './trustedChain.js';
import { verifyLayer } from './verifyLayer.js';

let folder: string;
beforeAll(async () => {
  folder = await memoryFolder('waybill-look-');
});
afterAll(() => rm(folder, { recursive: true }));

const base = { 'etc/base': 'base '.repeat(1000) };
const db = buildImage({ references: ['shop/db:1'], layers: [base, { 'bin/db': 'database' }] });
const web = buildImage({ references: ['shop/web:1'], layers: [base, { 'bin/web': 'web' }] });
const shop = {
  metadata: ramMetadata({
    key: 'shop',
    components: [
      { key: 'db', image: 'shop/db:1' },
      { key: 'web', image: 'shop/web:1', dependsOn: ['db'] },
    ],
  }),
  images: [db, web],
};

type Content = Uint8Array | AsyncIterable<Uint8Array>;

/** What `waybill inspect` does, and what it does with `--verify`. */
async function look(content: Content, limits: ReadLimits = defaultLimits): Promise<SeenWaybill> {
  const path = join(folder, 'looked-at');
  await writeFile(path, content);
  const bytes = await openPackage({ path });
  try {
    return await lookIntoWaybill(bytes, limits);
  } finally {
    await bytes.close();
  }
}

async function verify(content: Content, limits: ReadLimits = defaultLimits): Promise<SeenWaybill> {
  const seen = await look(content, limits);
  const bytes = await openPackage({ path: join(folder, 'looked-at') });
  try {
    for (const layer of seen.packed.values()) await verifyLayer(bytes, layer);
    return seen;
  } finally {
    await bytes.close();
  }
}

const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'sound',
    (error: unknown) => (isWaybillError(error) ? error.code : String(error)),
  );

describe('a look into a package of the waybill format', () => {
  it('tells what reading it whole tells', async () => {
    const content = await buildWaybillPackage(shop);
    const { packed, size, ...seen } = await verify(content);
    const staging = await (await openContentStore(join(folder, 'content'))).stage('read');
    const bytes = await openPackage({ path: join(folder, 'looked-at') });
    const { file, missing, ...read } = await readWaybillPackage(bytes, staging);
    await bytes.close();
    expect(seen).toEqual(read);
    expect([size, missing]).toEqual([file.size, []]);
    const layers = new Map([...db.layers, ...web.layers].map(({ diffId, tar }) => [diffId, tar.length]));
    expect(new Map([...packed].map(([diffId, layer]) => [diffId, layer.size]))).toEqual(layers);
  });

  it('tells which layers are left out', async () => {
    const [shared, own] = web.layers;
    const without = new Set([shared, own].map((layer) => layer!.diffId));
    const { packed, images } = await look(await buildWaybillPackage({ ...shop, without }));
    const all = images.flatMap(({ layers }) => layers.map(({ diffId }) => diffId));
    expect(new Set(all.filter((diffId) => !packed.has(diffId)))).toEqual(without);
  });

  it('reads no layer, and a verification reads every byte of each', async () => {
    const content = await buildWaybillPackage(shop);
    for (const { file } of (await look(content)).packed.values())
      for (let at = file.at; at < file.at + file.size; at += 7) {
        const changed = Buffer.from(content);
        changed[at] = (changed[at] ?? 0) ^ 1;
        expect(await outcomeOf(look(changed))).toBe('sound');
        const failure = await verify(changed).then(
          () => undefined,
          (error: unknown) => error,
        );
        expect(failure).toMatchObject({ code: 'package-damaged', details: { entry: file.name } });
      }
  });
});

describe('a package that an import would refuse', () => {
  // Whom to trust is not asked by a look, and what a machine may take is a matter of the machine.
  const untrusted = ['package-unsigned', 'publisher-unknown', 'publisher-key-revoked', 'publisher-root-conflict'];
  for (const [title, expected, build, narrower] of hostileWaybills)
    if (!untrusted.includes(expected) && expected !== 'kept')
      it(`is found out by a verification, too: ${title}`, async () => {
        const limits = { ...defaultLimits, ...narrower };
        const trusting = verify(await build(), limits).then(({ signer }) => trustedChain(signer, trustOf(), 'x'));
        expect(await outcomeOf(trusting)).not.toBe('sound');
      });
});
