import { catalogReader, incompleteVersions } from '@waybill/catalog';
import type { DeliveryDependencies, ImageContent, TemplateSource } from '@waybill/delivery';
import { randomIds, WaybillError, type Digest } from '@waybill/kernel';
import type { Actor } from '@waybill/event-store';
import type { Parts } from './parts.js';

/** What delivery is given: the catalog and the content store seen through its own ports. */
export function deliveryParts(parts: Omit<Parts, 'delivery'>, actor: Actor): DeliveryDependencies {
  const { reading, content } = parts;
  const { store, documents, clock, readModels, secretKey, runtime, claims, configuration, folder, logger } = parts;
  return {
    store,
    documents,
    reading: { ...reading, templates: templateSource({ ...reading, content }) },
    clock,
    ids: randomIds,
    readModels,
    secretKey,
    runtime,
    templates: templateSource(parts),
    content: imageContent(parts),
    claims,
    actor,
    runner: folder.serverName,
    carriesOut: configuration.role !== 'api',
    engineTimeoutMs: configuration.engineTimeoutMs,
    networkPool: configuration.networkPool,
    log: (level, message, details = {}) => {
      const { error, ...rest } = details;
      logger[level]({ ...rest, ...(error === undefined ? {} : { err: error }) }, message);
    },
  };
}

function templateSource(parts: Pick<Parts, 'store' | 'documents' | 'content'>): TemplateSource {
  const catalog = catalogReader(parts);
  return {
    versions: async (template) =>
      (await catalog.versionsOf(template)).map(({ version, manifest }) => ({ version, manifest })),
    version: async (template, version) => {
      const reason = await catalog.withdrawalOf(template, version);
      if (reason !== undefined) throw new WaybillError('version-withdrawn', { template, version, reason });
      const { manifest, manifestDigest } = await catalog.version(template, version);
      return { manifest, digest: manifestDigest };
    },
    withdrawal: (template, version) => catalog.withdrawalOf(template, version),
  };
}

function imageContent({
  content,
  documents,
  readModels,
}: Pick<Parts, 'content' | 'documents' | 'readModels'>): ImageContent {
  return {
    async readConfig(config) {
      const chunks: Buffer[] = [];
      for await (const chunk of await content.readBlob(config)) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    },
    readLayer: (diffId) => content.readLayer(diffId),
    layerSize: async (diffId) => (await content.layer(diffId))?.size ?? 0,
    async missing(image) {
      const layers: Digest[] = [];
      for (const diffId of image.diffIds) if (!(await content.hasLayer(diffId))) layers.push(diffId);
      return (await content.hasBlob(image.config)) ? layers : [image.config, ...layers];
    },
    async carriers(image) {
      const incomplete = await incompleteVersions(readModels.db, documents, content);
      const names = incomplete.flatMap(({ missing, restoredBy }) => {
        const carries =
          missing.blobs.includes(image.config) || missing.layers.some((layer) => image.diffIds.includes(layer));
        return carries && restoredBy !== undefined ? [restoredBy.name] : [];
      });
      return [...new Set(names)];
    },
  };
}
