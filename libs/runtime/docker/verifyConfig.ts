import { sha256, WaybillError } from '@waybill/kernel';
import type { UnitImage } from '../runtime.js';

/** Are these bytes the configuration that was verified, and does it name the layers that were verified? @throws WaybillError `image-not-as-verified` */
export function verifyConfig(image: UnitImage, config: Uint8Array): void {
  const actual = sha256(config);
  if (actual !== image.config) throw new WaybillError('image-not-as-verified', { actual, expected: image.config });
  verifyLayers(image, layersIn(config));
}

/** @throws WaybillError `image-not-as-verified` */
export function verifyLayers(image: UnitImage, layers: readonly unknown[]): void {
  if (layers.length === image.diffIds.length && layers.every((layer, at) => layer === image.diffIds[at])) return;
  throw new WaybillError('image-not-as-verified', {
    actual: `layers ${layers.map(String).join(' ')}`,
    expected: `layers ${image.diffIds.join(' ')}`,
  });
}

function layersIn(config: Uint8Array): readonly unknown[] {
  const parsed: unknown = JSON.parse(Buffer.from(config).toString('utf8'));
  const rootfs = (parsed as { rootfs?: { diff_ids?: unknown } } | null)?.rootfs;
  return Array.isArray(rootfs?.diff_ids) ? (rootfs.diff_ids as readonly unknown[]) : [];
}
