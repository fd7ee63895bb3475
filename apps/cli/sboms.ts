import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { printable, WaybillError } from '@waybill/kernel';
import type { AttachedSbomView } from './api/catalog.js';
import { pathTo } from './client/client.js';
import { uploadFile } from './client/upload.js';
import type { Session } from './session.js';

/** `IMAGE=FILE`, as it is given. */
export interface SbomArgument {
  readonly image: string;
  readonly file: string;
}

/**
 * What is to be attached, looked at before anything is sent. File names may hold "=", names of images do not.
 * @throws WaybillError `invalid-request`, `sbom-invalid`, `package-limit-exceeded`
 */
export async function sbomArguments(texts: readonly string[], workingFolder: string): Promise<readonly SbomArgument[]> {
  if (texts.length === 0) return [];
  // Slow to load, and of no use to the other commands.
  const { checkSbom } = await import('@waybill/packaging');
  return Promise.all(
    texts.map(async (text) => {
      const [, image, name] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
      if (image === undefined || name === undefined)
        throw new WaybillError('invalid-request', {
          reason: `a bill of materials is given as IMAGE=FILE, not ${text}.`,
        });
      const file = resolve(workingFolder, name);
      checkSbom(await contentOf(file), file);
      return { image, file };
    }),
  );
}

async function contentOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new WaybillError('invalid-request', { reason: `${file} cannot be read.` }, { cause });
  }
}

/** Attaches them to a version that is there, one by one. */
export async function attachSboms(
  session: Session,
  { template, version }: { readonly template: string; readonly version: string },
  sboms: readonly SbomArgument[],
): Promise<readonly AttachedSbomView[]> {
  const attached: AttachedSbomView[] = [];
  for (const { image, file } of sboms) {
    const upload = await uploadFile(session, file);
    const path = pathTo('templates', template, 'versions', version, 'sboms');
    const one = await session.client.post<AttachedSbomView>(path, { image, upload });
    attached.push(one);
    const what = printable(`The bill of materials ${one.digest} of ${image}`);
    session.remark(`${what} is attached${one.changed ? '' : ' already'}.`);
  }
  return attached;
}
