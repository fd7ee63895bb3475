import type { InspectedPackage } from '@waybill/packaging';
import type { InspectionView } from './api/import.js';

/** What a package holds, in the form in which the server tells it of an import. */
export function inspectionOf(found: InspectedPackage, name: string): InspectionView {
  const { manifest, images } = found;
  const layers = [...new Map(images.flatMap((image) => image.layers).map((layer) => [layer.diffId, layer])).values()];
  return {
    format: found.format,
    file: { name, ...found.file },
    template: manifest.template,
    version: manifest.version,
    manifest: found.manifestDigest,
    components: manifest.components.map(({ key, name: called, workload, image }) => ({
      key,
      name: called,
      workload: workload.kind === 'unsupported' ? workload.source : workload.kind,
      ...(image === undefined ? {} : { image: image.config }),
    })),
    images: images.map(({ references, config, os, architecture, layers: own }) => ({
      references,
      config,
      os,
      architecture,
      bytes: sum(own),
      layers: own,
    })),
    layers: { count: layers.length, bytes: sum(layers) },
    notices: found.notices,
  };
}

const sum = (layers: readonly { readonly size: number }[]): number => layers.reduce((all, { size }) => all + size, 0);
