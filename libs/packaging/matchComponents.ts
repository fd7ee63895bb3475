import type { MatchingRule } from './package.js';

/** How a component is known: by its key, and in packages of the reference system by its `service_share_uuid` as well. */
export interface ComponentIdentity {
  readonly key: string;
  readonly aliases: readonly string[];
}

/** One component of an installation and the component of a version that replaces it. */
export interface MatchedPair<I extends ComponentIdentity, T extends ComponentIdentity> {
  readonly installed: I;
  readonly target: T;
  readonly rule: MatchingRule['rule'];
}

/** Who replaces whom; each component is in one pair at most. The lists keep the order of the target, and of the installed. */
export interface MatchedComponents<I extends ComponentIdentity, T extends ComponentIdentity> {
  readonly pairs: readonly MatchedPair<I, T>[];
  /** Of the installed, those that the target no longer has. */
  readonly installedOnly: readonly I[];
  /** Of the target, those that are new. */
  readonly targetOnly: readonly T[];
}

/**
 * Matches the components of an installation to those of a version: by key, else by share uuid, else by the tail of the share uuid (what follows
 * the `+`, the id of the component they were both published from). A stronger rule is tried for all components before a weaker one, so a weak
 * likeness never takes a component from its true counterpart; a weaker rule that fits more than one component on either side fits none.
 */
export function matchComponents<I extends ComponentIdentity, T extends ComponentIdentity>(
  installed: readonly I[],
  target: readonly T[],
): MatchedComponents<I, T> {
  const pairOf = new Map<T, MatchedPair<I, T>>();
  const taken = new Set<I>();
  for (const [rule, namesOf] of RULES) {
    const open = {
      installed: installed.filter((one) => !taken.has(one)),
      target: target.filter((one) => !pairOf.has(one)),
    };
    for (const candidate of open.target) {
      const alike = open.installed.filter((one) => share(namesOf(one), namesOf(candidate)));
      const [match] = alike;
      if (match === undefined || alike.length > 1) continue;
      if (open.target.filter((other) => share(namesOf(match), namesOf(other))).length > 1) continue;
      pairOf.set(candidate, { installed: match, target: candidate, rule });
      taken.add(match);
    }
  }
  return {
    pairs: target.flatMap((one) => pairOf.get(one) ?? []),
    installedOnly: installed.filter((one) => !taken.has(one)),
    targetOnly: target.filter((one) => !pairOf.has(one)),
  };
}

const RULES: readonly (readonly [MatchingRule['rule'], (component: ComponentIdentity) => readonly string[]])[] = [
  ['service-key', ({ key }) => [key]],
  ['share-uuid', ({ aliases }) => aliases],
  ['share-uuid-tail', ({ aliases }) => aliases.flatMap(tailOf)],
];

function tailOf(uuid: string): readonly string[] {
  const parts = uuid.split('+');
  return parts.length === 2 && parts[1] !== undefined && parts[1] !== '' ? [parts[1]] : [];
}

const share = (a: readonly string[], b: readonly string[]): boolean => a.some((name) => b.includes(name));
