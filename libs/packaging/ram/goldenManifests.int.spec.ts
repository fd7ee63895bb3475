import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { manifestDigest } from '../manifestDigest.js';
import { matchComponents } from '../matchComponents.js';
import { normaliseRam } from './normaliseRam.js';
import { parseRamMetadata } from './parseRamMetadata.js';
import { ramFixture } from '../testing/ramFixture.js';

async function normalised(version: string) {
  const { metadata, images } = await ramFixture(`backend-system-${version}-ram.tar.gz`);
  return normaliseRam(parseRamMetadata(metadata), images);
}

describe('packages of the genuine exporter', () => {
  // A manifest that came out before must come out for ever: its digest is what instances and signatures refer to.
  test.each(['1.0', '2.0'])('backend-system %s gives the manifest it always gave', async (version) => {
    const { manifest, documents, imageOf } = await normalised(version);
    const golden: unknown = JSON.parse(
      await readFile(new URL(`golden/backend-system-${version}.json`, import.meta.url), 'utf8'),
    );
    expect({
      manifestDigest: manifestDigest(manifest),
      manifest,
      documents: Object.fromEntries([...documents].map(([digest, bytes]) => [digest, new TextDecoder().decode(bytes)])),
      images: Object.fromEntries([...imageOf].map(([key, image]) => [key, image.references])),
    }).toEqual(golden);
  });

  test('backend-system is imported with these remarks', async () => {
    const { notices } = await normalised('1.0');
    expect(notices.map(({ code, subject }) => `${code} ${subject.replace(/\w{30}/, '…')}`)).toEqual([
      'component-identified component:…01',
      'component-identified component:…02',
      'port-published component:…02',
      'route-not-applied component:…02',
    ]);
  });

  test('the components of 1.0 go on in 2.0 under their keys, and one is new', async () => {
    const [from, to] = [(await normalised('1.0')).manifest, (await normalised('2.0')).manifest];
    const { pairs, installedOnly, targetOnly } = matchComponents(from.components, to.components);
    expect({
      pairs: pairs.map(({ target, rule }) => [target.name, rule]),
      gone: installedOnly.length,
      added: targetOnly.map(({ name }) => name),
    }).toEqual({
      pairs: [
        ['数据库 MySQL', 'service-key'],
        ['web', 'service-key'],
      ],
      gone: 0,
      added: ['业务模块D'],
    });
  });
});
