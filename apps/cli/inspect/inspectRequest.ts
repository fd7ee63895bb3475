import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { LayerRequest } from '@waybill/packaging';
import { counted } from '../output/amounts.js';
import { facts } from '../output/facts.js';
import { shellWord } from '../output/shellWord.js';
import type { Session } from '../session.js';
import { signedIn } from './heldLayers.js';

/** Tells what a site asks for, and how it is answered. @throws WaybillError `inventory-invalid` */
export async function inspectRequest(session: Session, path: string): Promise<void> {
  const { layerRequestIn } = await import('@waybill/packaging');
  const request = layerRequestIn(await signedIn(path));
  const file = { name: basename(path), size: (await stat(path)).size };
  session.show({ format: 'request', file, ...request }, () => requestText(request, file.name));
}

const requestText = ({ template, version, manifest, layers, missing }: LayerRequest, name: string): string =>
  facts([
    ['It is', 'a request of a site for layers that a package left out and that it lacks'],
    ['Template', template],
    ['Version', version],
    ['Manifest', manifest],
    ['It lacks', counted(missing.length, 'layer')],
    ['It has', counted(layers.length, 'layer')],
    [
      'Answer',
      `whoever made the package runs: waybill export ${shellWord(template)} ${shellWord(version)} --base ${shellWord(name)}`,
    ],
  ]);
