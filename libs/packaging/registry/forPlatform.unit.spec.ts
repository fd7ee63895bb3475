import { expect, it } from 'vitest';
import { sha256 } from '@waybill/kernel';
import { forPlatform } from './pullImage.js';

const offered = (...platforms: readonly string[]) =>
  platforms.map((platform) => ({ platform, digest: sha256(platform) }));

it.each([
  ['linux/arm/v7', ['linux/arm/v6', 'linux/arm/v7'], 'linux/arm/v7'],
  ['linux/arm/v7', ['linux/arm/v6', 'linux/arm'], 'linux/arm'],
  ['linux/arm/v7', ['linux/arm/v6'], undefined],
  ['linux/arm64', ['linux/amd64', 'linux/arm64/v8'], 'linux/arm64/v8'],
  ['linux/arm', ['linux/arm64', 'linux/arm/v6', 'linux/arm'], 'linux/arm'],
  ['linux/amd64', ['windows/amd64'], undefined],
])('%s of %j is %s', (wanted, platforms, found) => {
  expect(forPlatform(offered(...platforms), wanted)).toBe(found === undefined ? undefined : sha256(found));
});
