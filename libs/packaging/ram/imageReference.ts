/** An image reference taken apart; `docker.io`, `library/` and `:latest` are what is meant where they are not written. */
export interface ImageReference {
  readonly registry: string;
  readonly path: string;
  readonly tag: string;
}

/** Takes a reference apart; a digest beside a tag is left out, since archives know images by tag. `undefined`: not a reference with a tag. */
export function parseImageReference(text: string): ImageReference | undefined {
  const [named = '', digest] = text.split('@');
  const slash = named.indexOf('/');
  const first = slash < 0 ? '' : named.slice(0, slash);
  // Docker's own rule: a first segment with a dot or a port, or `localhost`, is a registry.
  const hasRegistry = first === 'localhost' || /[.:]/.test(first);
  const rest = hasRegistry ? named.slice(slash + 1) : named;
  const colon = rest.lastIndexOf(':');
  const tagged = colon > rest.lastIndexOf('/');
  if (!tagged && digest !== undefined) return undefined;
  const registry = !hasRegistry || first === 'index.docker.io' ? 'docker.io' : first;
  const path = tagged ? rest.slice(0, colon) : rest;
  const tag = tagged ? rest.slice(colon + 1) : 'latest';
  if (path === '' || tag === '') return undefined;
  return { registry, path: registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path, tag };
}

/** The reference written in full. */
export const fullReference = ({ registry, path, tag }: ImageReference): string => `${registry}/${path}:${tag}`;

/**
 * The short names under which old packages of the reference system hold an image: without registry and name space,
 * and the same under `goodrain.me`.
 */
export function shortReferences({ path, tag }: ImageReference): readonly string[] {
  const segments = path.split('/');
  const names = new Set([path, segments.slice(1).join('/'), segments.at(-1) ?? '']);
  names.delete('');
  return [...names].flatMap((name) => [
    fullReference({ registry: 'docker.io', path: name.includes('/') ? name : `library/${name}`, tag }),
    fullReference({ registry: 'goodrain.me', path: name, tag }),
  ]);
}
