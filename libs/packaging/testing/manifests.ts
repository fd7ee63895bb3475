import { componentKey, sha256, templateKey } from '@waybill/kernel';
import type { EnvVariable, Manifest, ManifestComponent } from '../manifest.js';

/** A small component of a manifest, with whatever a test says of it. */
export const component = (key: string, parts: Partial<ManifestComponent> = {}): ManifestComponent => ({
  key: componentKey(key),
  aliases: [],
  name: key,
  workload: { kind: 'service' },
  image: {
    config: sha256(`image of ${key}`),
    diffIds: [sha256(`layer of ${key}`)],
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
  resources: { memoryMiB: 128, cpuMilli: 100 },
  replicas: { initial: 1, min: 1, max: 1 },
  ...parts,
});

/** A manifest of the template `shop`. */
export const manifest = (
  version: string,
  components: readonly ManifestComponent[],
  parts: Partial<Manifest> = {},
): Manifest => ({
  schema: 1,
  template: { key: templateKey('shop'), name: 'Shop' },
  version,
  components,
  configGroups: [],
  routes: [],
  carried: [],
  ...parts,
});

/** A variable of a component’s own. */
export const env = (name: string, value: string, parts: Partial<EnvVariable> = {}): EnvVariable => ({
  name,
  value,
  scope: 'own',
  editable: true,
  ...parts,
});
