import { defaultLimits, type WantedImage } from '../package.js';
import { carrying } from '../ram/carrying.js';
import { withoutUndefined } from '@waybill/kernel';
import { wantedIn } from './images.js';
import { problems } from './problems.js';
import { readCompose } from './readCompose.js';
import type { ComposeSource } from './source.js';
import type { ComponentSource } from './waybillBlock.js';

/** What a Compose file needs beside it to be published, and what it says of its publication. */
export interface ComposeNeeds {
  /** The images that it runs, each reference once. */
  readonly images: readonly WantedImage[];
  /** Its services that are components of other versions. */
  readonly components: readonly { readonly service: string; readonly from: ComponentSource }[];
  /** What is new, for people. */
  readonly notes?: string;
}

/** @throws WaybillError `compose-invalid`, `package-limit-exceeded` */
export function composeNeeds(source: Pick<ComposeSource, 'compose' | 'files'>): ComposeNeeds {
  const reading = readCompose(source, carrying(defaultLimits), problems());
  return {
    images: wantedIn(reading),
    components: [...reading.services.values()].flatMap(({ name, extension: { from } }) =>
      from === undefined ? [] : [{ service: name, from }],
    ),
    ...withoutUndefined({ notes: reading.extension.notes }),
  };
}
