import { isDigest, type Digest } from '@waybill/kernel';
import { imageInvalid } from '../image/imageJson.js';
import { parseImageReference } from '../ram/imageReference.js';

/** An image where a registry has it. */
export interface RegistryImage {
  /** As it was asked for. */
  readonly reference: string;
  /** `host` or `host:port`; `docker.io` for what names none. */
  readonly registry: string;
  readonly repository: string;
  /** The digest goes before the tag beside it. */
  readonly version: { readonly tag: string } | { readonly digest: Digest };
}

const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
const SEGMENT = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;

/** @throws WaybillError `package-image-invalid` for what no registry can know */
export function registryImage(reference: string): RegistryImage {
  const at = reference.indexOf('@');
  const digest = at < 0 ? undefined : reference.slice(at + 1);
  const parsed = parseImageReference(at < 0 ? reference : reference.slice(0, at));
  if (
    parsed === undefined ||
    (digest !== undefined && !isDigest(digest)) ||
    !HOST.test(parsed.registry) ||
    !parsed.path.split('/').every((segment) => SEGMENT.test(segment)) ||
    !TAG.test(parsed.tag)
  )
    throw imageInvalid(reference, 'it is no reference that a registry could know');
  const { registry, path: repository, tag } = parsed;
  return { reference, registry, repository, version: digest === undefined ? { tag } : { digest } };
}
