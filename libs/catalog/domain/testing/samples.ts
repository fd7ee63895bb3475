import { importId } from '../streams.js';
import { sha256, templateKey, type Digest } from '@waybill/kernel';
import type { KeyFingerprint } from '@waybill/packaging';
import type { ExportedFile } from '../exportEvents.js';
import type { ImportRequest } from '../import.js';
import type { Confirmation, InspectionFacts, PackageFile, PartsSource } from '../importEvents.js';
import type { VersionContent, VersionOrigin } from '../templateEvents.js';

export const shop = templateKey('shop');
export const anImport = importId('00000000-0000-4000-8000-000000000001');
export const aDigest = (of: string): Digest => sha256(of);

export const content = (version: string, manifest = aDigest(`manifest ${version}`)): VersionContent => ({
  template: shop,
  name: 'Shop',
  version,
  manifest,
  manifestSchema: 1,
  source: aDigest(`source ${version}`),
  images: [{ config: aDigest('config'), bytes: 2048 }],
  imageList: aDigest(`images ${version}`),
  components: 2,
  notices: 1,
});

export const file: PackageFile = { digest: aDigest('file'), size: 4096 };

export const origin: VersionOrigin = {
  import: anImport,
  format: 'ram',
  file: { name: 'shop-1.0-ram.tar.gz', ...file },
};

export const request: ImportRequest = {
  source: { kind: 'path', path: '/packages/shop-1.0-ram.tar.gz', name: 'shop-1.0-ram.tar.gz' },
  confirm: false,
};

export const splitSource: PartsSource = {
  kind: 'parts',
  name: 'shop-1.0.waybill',
  index: aDigest('index'),
  package: aDigest('file'),
  count: 1,
  distinct: 1,
};

export const facts: InspectionFacts = {
  format: 'ram',
  template: shop,
  name: 'Shop',
  version: '1.0',
  manifest: aDigest('manifest 1.0'),
  manifestSchema: 1,
  source: aDigest('source 1.0'),
  inspection: aDigest('inspection'),
  components: 2,
  images: 1,
  notices: 1,
};

export const confirmation: Confirmation = { version: '1.0', manifest: aDigest('manifest 1.0'), automatic: false };
export const stored = { layers: 3, blobs: 1, bytes: 2048 };
export const failure = { code: 'package-truncated', message: 'It ends early.', details: { file: 'shop.tar.gz' } };
export const result = { template: shop, version: '1.0', outcome: 'imported' } as const;

export const exportRequest = {
  template: shop,
  version: '1.1',
  manifest: aDigest('manifest 1.1'),
  format: 'waybill',
  base: { version: '1.0' },
} as const;

export const exportedFile: ExportedFile = {
  name: 'Shop-1.1-delta.waybill',
  digest: aDigest('package'),
  size: 8192,
  signer: { publisher: aDigest('root'), key: `SHA256:${'A'.repeat(43)}` as KeyFingerprint },
};
