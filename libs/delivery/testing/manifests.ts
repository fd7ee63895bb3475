import {
  digestOf,
  sha256,
  type CanonicalValue,
  type ComponentKey,
  type Digest,
  type TemplateKey,
} from '@waybill/kernel';
import type { EnvVariable, Manifest, ManifestComponent } from '@waybill/packaging';
import type { Surroundings } from '../domain/draft.js';

export const component = (key: string, parts: Partial<ManifestComponent> = {}): ManifestComponent => ({
  key: key as ComponentKey,
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

export const manifest = (
  version: string,
  components: readonly ManifestComponent[],
  parts: Partial<Manifest> = {},
): Manifest => ({
  schema: 1,
  template: { key: 'shop' as TemplateKey, name: 'Shop' },
  version,
  components,
  configGroups: [],
  routes: [],
  carried: [],
  ...parts,
});

export const target = (of: Manifest): { readonly manifest: Manifest; readonly digest: Digest } => ({
  manifest: of,
  digest: digestOf(of as unknown as CanonicalValue),
});

export const env = (name: string, value: string, parts: Partial<EnvVariable> = {}): EnvVariable => ({
  name,
  value,
  scope: 'own',
  editable: true,
  ...parts,
});

/** Ports from 20000, and secrets that nobody has stored yet. */
export function surroundings(): Surroundings {
  let port = 20_000;
  return {
    freePort: () => port++,
    secretVersion: (name) => ({ version: 1, fingerprint: `print of ${name}`, stored: false }),
    volumeName: (host, volume) => `wb-${host}-${volume}`,
  };
}
