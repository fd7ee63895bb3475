import { hexOf, type Digest } from '@waybill/kernel';

const REPOSITORY = 'waybill.invalid/image';

/**
 * The name under which the engine keeps an image for us: with a name it outlives `docker image prune`, and since `.invalid` is a domain
 * that can never exist, nothing can be pulled or pushed under it.
 */
export const imageTag = (config: Digest): string => `${REPOSITORY}:${hexOf(config)}`;

export const imageNameParts = (config: Digest): { readonly repo: string; readonly tag: string } => ({
  repo: REPOSITORY,
  tag: hexOf(config),
});
