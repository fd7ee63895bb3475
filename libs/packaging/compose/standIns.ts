import { sha256, type Digest } from '@waybill/kernel';
import { parseAmendedSource } from '../amended/source.js';
import type { PackagedImage, ReadLimits } from '../package.js';
import { parseRamMetadata } from '../ram/parseRamMetadata.js';
import type { SourceFormat } from '../sourceFormat.js';
import { composeNeeds } from './composeNeeds.js';
import { parseComposeSource } from './source.js';

/**
 * Images that only have to be found under the names that a source has for them, where of all its components one is wanted, whose image is known
 * otherwise.
 */
export function standInsFor(format: SourceFormat, source: Uint8Array, limits: ReadLimits): readonly PackagedImage[] {
  switch (format) {
    case 'ram':
      return parseRamMetadata(source, { limits }).components.map(({ image }) => standIn(image));
    case 'amended': {
      const { base } = parseAmendedSource(source, limits);
      return standInsFor(base.format, Buffer.from(base.source, 'utf8'), limits);
    }
    case 'compose': {
      const compose = parseComposeSource(source, limits);
      const taken = Object.values(compose.taken ?? {}).flatMap(({ image }) => image ?? []);
      return [
        ...composeNeeds(compose).images.map(({ reference }) => standIn(reference, compose.images?.[reference])),
        ...taken.map((config) => standIn(config, config)),
      ];
    }
  }
}

const standIn = (reference: string, config?: Digest): PackagedImage => ({
  references: [reference],
  config: config ?? sha256(`stand-in for ${reference}`),
  os: 'linux',
  architecture: 'amd64',
  layers: [],
});
