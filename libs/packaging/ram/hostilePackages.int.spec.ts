import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isWaybillError } from '@waybill/kernel';
import { openContentStore, type ContentStore } from '@waybill/content-store';
import { defaultLimits, type ReadLimits } from '../package.js';
import { buildRamPackage } from '../testing/index.js';
import { hostileFiles } from '../testing/hostile/hostileFiles.js';
import { hostileContents } from '../testing/hostile/hostileContents.js';
import { hostileEntries } from '../testing/hostile/hostileEntries.js';
import { hostileImages } from '../testing/hostile/hostileImages.js';
import { hostileSizes } from '../testing/hostile/hostileSizes.js';
import { sound, type HostileCase } from '../testing/hostile/soundPackage.js';
import { readRamPackage } from './readRamPackage.js';

let root: string;
let store: ContentStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'hostile-'));
  store = await openContentStore(join(root, 'store'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Reads the package; afterwards nothing may be left but the file itself, and no file may be open. */
async function codeOf(bytes: Uint8Array, limits: ReadLimits = defaultLimits): Promise<string> {
  const path = join(root, 'x-ram.tar.gz');
  await writeFile(path, bytes);
  const staging = await store.stage('import');
  try {
    await readRamPackage({ path }, staging, { limits });
    return 'read';
  } catch (error) {
    if (!isWaybillError(error)) throw error;
    expect(error.message).not.toMatch(/\?|undefined|\p{Cc}/u);
    return error.code;
  } finally {
    expect(await readdir(join(root, 'store', 'staging', 'import', 'tmp'))).toEqual([]);
    await staging.discard();
    const left = await readdir(join(root, 'store'), { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile())).toEqual([]);
    expect(await openFilesBelow(root)).toEqual([]);
  }
}

async function openFilesBelow(directory: string): Promise<readonly string[]> {
  const handles = await readdir('/proc/self/fd');
  const targets = await Promise.all(handles.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return targets.filter((target) => target.startsWith(directory));
}

const cases: readonly HostileCase[] = [
  ...hostileFiles,
  ...hostileContents,
  ...hostileEntries,
  ...hostileImages,
  ...hostileSizes,
];

describe('a hostile package is refused, whole, with the code that tells why', () => {
  for (const [title, code, build, narrower] of cases)
    it(`${title}: ${code}`, async () => {
      expect(await codeOf(await build(), { ...defaultLimits, ...narrower })).toBe(code);
    });
});

describe('a package that was not copied whole', () => {
  it('is told at every length it may be cut to', async () => {
    const whole = await buildRamPackage({ ...sound, form: 'oci' });
    for (let length = 18; length < whole.length; length += 37)
      expect([length, await codeOf(whole.subarray(0, length))]).toEqual([length, 'package-truncated']);
  });

  it('is told to be damaged, not wrong, when a bit flipped on the way', async () => {
    const whole = await buildRamPackage(sound);
    const codes = new Set<string>();
    for (let at = 10; at < whole.length; at += 23) {
      const flipped = Uint8Array.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ 0x08;
      const code = await codeOf(flipped);
      // A flip may hit a code that is not used; then nothing is damaged.
      if (code !== 'read' || !gunzipSync(flipped).equals(gunzipSync(whole))) codes.add(code);
    }
    expect([...codes].filter((code) => !['package-damaged', 'package-truncated'].includes(code))).toEqual([]);
  });

  it('is told for the genuine package too, block by block', async () => {
    const whole = await readFile(new URL('../../../test/fixtures/backend-system-1.0-ram.tar.gz', import.meta.url));
    for (let length = 512; length < whole.length; length += 512 * 97)
      expect([length, await codeOf(whole.subarray(0, length))]).toEqual([length, 'package-truncated']);
  });
});
