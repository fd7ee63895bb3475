import { componentKey } from '@waybill/kernel';
import type { Manifest, ManifestComponent } from '@waybill/packaging';
import { aDigest, shop } from './samples.js';

export const component = (key: string, more: Partial<ManifestComponent> = {}): ManifestComponent => ({
  key: componentKey(key),
  aliases: [],
  name: key.toUpperCase(),
  workload: { kind: 'service' },
  image: {
    config: aDigest(key),
    diffIds: [aDigest('base'), aDigest(`${key} layer`)],
    os: 'linux',
    architecture: 'amd64',
  },
  env: [],
  ports: [],
  volumes: [],
  files: [],
  mounts: [],
  dependencies: [],
  probes: [],
  resources: { memoryMiB: 512, cpuMilli: 250 },
  replicas: { initial: 1, min: 1, max: 64 },
  ...more,
});

export const manifest = (
  version: string,
  components: readonly ManifestComponent[],
  more: Partial<Manifest> = {},
): Manifest => ({
  schema: 1,
  template: { key: shop, name: 'Shop' },
  version,
  components,
  configGroups: [],
  routes: [],
  carried: [],
  ...more,
});
