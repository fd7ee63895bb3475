import {
  composeNeeds,
  composeSourceBytes,
  parseRamMetadata,
  pinImages,
  type Amendment,
  type ComposeNeeds,
  type ComposeSource,
  type PackagedImage,
  type SourceFormat,
  type TakenSource,
} from '@waybill/packaging';
import type { SourceInstance } from '../domain/templateEvents.js';
import type { TemplateKey } from '@waybill/kernel';
import type { ReadLimits, WantedImage } from '@waybill/packaging';

/** What an author has: `metadata.json` as it is, or a Compose file with the texts of the files it names. */
export type PublishSource =
  | { readonly format: 'ram'; readonly metadata: Uint8Array }
  | { readonly format: 'compose'; readonly compose: string; readonly files: Readonly<Record<string, string>> }
  /** A version in the library, with values that were in effect where it ran. */
  | {
      readonly format: 'amended';
      readonly template: TemplateKey;
      readonly version: string;
      readonly changes: readonly Amendment[];
      /** Where it ran. */
      readonly instance: SourceInstance;
    };

/** A source before its images are there. */
export interface DraftSource {
  readonly format: SourceFormat;
  /** The images it needs. */
  readonly wanted: readonly WantedImage[];
  /** Its components that are taken from other versions. */
  readonly components: ComposeNeeds['components'];
  /** What it says is new. */
  readonly notes?: string;
  /** Images that the library has for it. */
  readonly images?: readonly PackagedImage[];
  /** The document that is stored, and goes into packages. */
  document(images: readonly PackagedImage[], taken: Readonly<Record<string, TakenSource>>): Uint8Array;
}

/** The draft of what somebody wrote. @param asked what the publisher says beside a Compose file, and goes before what it says */
export function writtenSource(
  source: Exclude<PublishSource, { format: 'amended' }>,
  asked: Pick<ComposeSource, 'template' | 'version'>,
  options: { readonly limits?: ReadLimits },
): DraftSource {
  switch (source.format) {
    case 'ram': {
      const { components } = parseRamMetadata(source.metadata, options);
      const references = components.map(({ image }) => image).filter((image) => image !== '');
      const wanted = [...new Set(references)].map((reference) => ({ reference }));
      return { format: 'ram', wanted, components: [], document: () => source.metadata };
    }
    case 'compose': {
      const { template, version } = asked;
      const draft: ComposeSource = {
        schema: 1,
        compose: source.compose,
        files: source.files,
        ...(template === undefined ? {} : { template }),
        ...(version === undefined ? {} : { version }),
      };
      const { images: wanted, ...needs } = composeNeeds(draft);
      return {
        format: 'compose',
        wanted,
        ...needs,
        document: (images, taken) =>
          composeSourceBytes({ ...pinImages(draft, images), ...(needs.components.length === 0 ? {} : { taken }) }),
      };
    }
  }
}
