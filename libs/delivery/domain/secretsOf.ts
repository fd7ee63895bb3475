import { itemsOfKind, type DesiredComponent, type EnvValue, type SecretVersion } from './desired.js';
import type { Surroundings } from './draft.js';

export interface UsedSecrets {
  readonly all: Readonly<Record<string, SecretVersion>>;
  /** Those that will be generated. */
  readonly added: readonly (SecretVersion & { readonly name: string })[];
}

/** Every secret that an environment variable refers to, at its newest version. */
export function secretsOf(
  components: Readonly<Record<string, DesiredComponent>>,
  surroundings: Pick<Surroundings, 'secretVersion'>,
): UsedSecrets {
  const names = new Set(
    Object.values(components).flatMap((component) =>
      itemsOfKind<EnvValue>(component, 'env').flatMap(({ value }) => ('secret' in value ? [value.secret] : [])),
    ),
  );
  const all: Record<string, SecretVersion> = {};
  const added: (SecretVersion & { readonly name: string })[] = [];
  for (const name of [...names].sort()) {
    const { stored, ...version } = surroundings.secretVersion(name);
    all[name] = version;
    if (!stored) added.push({ name, ...version });
  }
  return { all, added };
}
