import {
  composeImages,
  composeSourceBytes,
  parseRamMetadata,
  pinImages,
  type ComposeSource,
  type PackagedImage,
  type SourceFormat,
} from '@waybill/packaging';
import type { ReadLimits } from '@waybill/packaging';

/** What an author has: `metadata.json` as it is, or a Compose file with the texts of the files it names. */
export type PublishSource =
  | { readonly format: 'ram'; readonly metadata: Uint8Array }
  | { readonly format: 'compose'; readonly compose: string; readonly files: Readonly<Record<string, string>> };

/** A source before its images are there. */
export interface DraftSource {
  readonly format: SourceFormat;
  /** The images it needs, as it calls them. */
  readonly references: readonly string[];
  /** The document that is stored, and goes into packages. */
  document(images: readonly PackagedImage[]): Uint8Array;
}

/** @param asked what the publisher says beside a Compose file, and goes before what it says */
export function draftSource(
  source: PublishSource,
  asked: Pick<ComposeSource, 'template' | 'version'>,
  options: { readonly limits?: ReadLimits },
): DraftSource {
  switch (source.format) {
    case 'ram': {
      const { components } = parseRamMetadata(source.metadata, options);
      const references = components.map(({ image }) => image).filter((image) => image !== '');
      return { format: 'ram', references: [...new Set(references)], document: () => source.metadata };
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
      return {
        format: 'compose',
        references: composeImages(draft),
        document: (images) => composeSourceBytes(pinImages(draft, images)),
      };
    }
  }
}
