import { expect, test } from 'vitest';
import { goArchitecture, imageStore } from './engineInfo.js';

test('machines are named as in images', () => {
  expect(['x86_64', 'aarch64', 'amd64', 's390x'].map(goArchitecture)).toEqual(['amd64', 'arm64', 'amd64', 's390x']);
});

test('the containerd image store is recognised', () => {
  expect(imageStore([['driver-type', 'io.containerd.snapshotter.v1']])).toBe('containerd');
  expect(imageStore([['Backing Filesystem', 'extfs']])).toBe('classic');
  expect(imageStore(null)).toBe('classic');
});
