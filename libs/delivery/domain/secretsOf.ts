import { itemsOfKind, type Desired, type DesiredComponent, type EnvValue, type SecretVersion } from './desired.js';
import type { PendingSetting, Surroundings } from './draft.js';
import { secretIn } from './instanceState.js';

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

/** The secret that a waiting setting gives another value: its own, or what the template generates when it is given back. */
export const secretSetBy = (
  { component, path, value }: Pick<PendingSetting, 'component' | 'path' | 'value'>,
  ours: Desired | undefined,
): string | undefined => secretIn(value ?? ours?.components[component]?.items[path]?.value);
