import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultLimits } from '../package.js';
import { rootChain } from '../signing/index.js';
import { hostileReader, outcomeIn, type HostileReader } from '../testing/hostile/index.js';
import {
  acme,
  buildSoundWaybill,
  hostileWaybills,
  outdatedSigners,
  trustOf,
} from '../testing/hostile/waybill/index.js';
import { filesIn } from '../testing/buildWaybillPackage.js';
import { gzipSync } from 'node:zlib';
import { trustedChain, type TrustedPublishers } from './trustedChain.js';

const tally = { refused: 0, kept: 0 };
let reader: HostileReader;
beforeAll(async () => {
  reader = await hostileReader();
});
afterAll(async () => {
  await reader.close();
  const { refused, kept } = tally;
  process.stdout.write(
    `${refused + kept} packages of the waybill format: ${refused} refused, ${kept} harmless and kept, 0 stored\n`,
  );
});

const trusting = (trusted: TrustedPublishers, file = 'x.waybill') => ({
  onSigner: (signer: Parameters<typeof trustedChain>[0]) => void trustedChain(signer, trusted, file),
});

describe('a package of the waybill format leaves nothing, and is refused with the code that tells why', () => {
  it('has a title of its own', () => {
    const titles = hostileWaybills.map(([title]) => title);
    expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([]);
  });

  for (const [title, expected, build, narrower] of hostileWaybills)
    it(`${title}: ${expected}`, async () => {
      const outcome = await reader.read(await build(), { ...defaultLimits, ...narrower }, trusting(trustOf()));
      expect(outcomeIn(outcome)).toContain(expected);
      tally[outcome.kind] += 1;
    });
});

describe('a sound package of a publisher who is known further here', () => {
  const outcome = async (trusted: TrustedPublishers, bytes = buildSoundWaybill()) => {
    const read = await reader.read(await bytes, defaultLimits, trusting(trusted));
    tally[read.kind] += 1;
    return outcomeIn(read);
  };

  it('is refused when its key was revoked meanwhile, by the publisher or by this site', async () => {
    expect(await outcome(trustOf(outdatedSigners.revoked))).toEqual(['publisher-key-revoked']);
    const [key] = acme.keys;
    const revoked = new Map([[key!.publicKey.fingerprint, 'a telephone call']]);
    expect(await outcome(trustOf(rootChain(acme.roots), revoked))).toEqual(['publisher-key-revoked']);
  });

  it('is kept when its key was only replaced', async () => {
    expect(await outcome(trustOf(outdatedSigners.replaced))).toContain('kept');
  });

  it('is refused when its roots part from those known here', async () => {
    const stolen = buildSoundWaybill({ publisher: outdatedSigners.parted });
    expect(await outcome(trustOf(outdatedSigners.replaced), stolen)).toEqual(['publisher-root-conflict']);
  });
});

it('layers that were compressed anew leave what was signed as it was', async () => {
  const signed = (bytes: Buffer) => filesIn(bytes).slice(0, 4);
  const [written, anew] = [
    await buildSoundWaybill(),
    await buildSoundWaybill({ encode: (tar) => gzipSync(tar, { level: 1 }) }),
  ];
  expect(anew.equals(written)).toBe(false);
  expect(signed(anew)).toEqual(signed(written));
});
