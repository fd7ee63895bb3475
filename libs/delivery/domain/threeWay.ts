import type { CanonicalValue } from '@waybill/kernel';
import { same } from './compare.js';
import { kindOf, type Item, type ItemKind } from './desired.js';
import type { PlanItem, PlanRule } from './plan.js';
import { ruleInWords, upgradeRules } from './rules.js';

/** The three sides of one item: what the installed version said, what the target says, what the site runs. */
export interface Sides {
  readonly base: CanonicalValue | undefined;
  readonly theirs: CanonicalValue | undefined;
  readonly ours: Item | undefined;
}

export interface Decision {
  readonly verdict: PlanItem['verdict'];
  readonly action: PlanItem['action'];
  readonly rule: PlanRule;
  readonly reason: string;
  readonly acceptable: boolean;
  /** The value afterwards; undefined: none. */
  readonly result: CanonicalValue | undefined;
}

/** Decides one item of an upgrade. Answers undefined when the sides agree and there is nothing to tell. */
export function decideItem(path: string, sides: Sides, accepted: boolean): Decision | undefined {
  const kind = kindOf(path);
  const { theirs, ours } = sides;
  if (ours === undefined) return theirs === undefined ? undefined : added(theirs);
  if (theirs === undefined) return sides.base === undefined ? undefined : dropped(kind, ours, accepted);
  const target = adopt(kind, ours.value, theirs);
  if (same(ours.value, target)) return undefined;
  switch (upgradeRules[kind]) {
    case 'follow':
      return {
        verdict: 'change',
        action: 'update',
        rule: 'follows-template',
        reason: ruleInWords(kind),
        acceptable: false,
        result: target,
      };
    case 'grow':
      return grown(kind, ours.value, target);
    case 'site':
      return stays(kind, sides, ours, target, accepted);
  }
}

const added = (theirs: CanonicalValue): Decision => ({
  verdict: 'change',
  action: 'add',
  rule: 'new-in-target',
  reason: 'new in the target version',
  acceptable: false,
  result: theirs,
});

function dropped(kind: ItemKind, ours: Item, accepted: boolean): Decision {
  if (upgradeRules[kind] === 'follow') {
    return {
      verdict: 'change',
      action: 'remove',
      rule: 'follows-template',
      reason: ruleInWords(kind),
      acceptable: false,
      result: undefined,
    };
  }
  const acceptable = kind === 'env' || kind === 'file' || kind === 'group';
  if (accepted && acceptable)
    return {
      verdict: 'change',
      action: 'remove',
      rule: 'accepted',
      reason: 'removal accepted for this plan',
      acceptable,
      result: undefined,
    };
  return {
    verdict: 'keep',
    action: 'remove',
    rule: kind === 'port' ? 'ports-open-never-close' : 'never-removed',
    reason: `the target version no longer has it; ${ruleInWords(kind)}`,
    acceptable,
    result: ours.value,
  };
}

function grown(kind: ItemKind, ours: CanonicalValue, target: CanonicalValue): Decision {
  const open = kind === 'port' && (ours as { published: boolean }).published;
  const result = open ? { ...(target as object), published: true } : target;
  const changes = !same(ours, result);
  return {
    verdict: changes ? 'change' : 'keep',
    action: 'update',
    rule: changes ? 'follows-template' : 'ports-open-never-close',
    reason: ruleInWords(kind),
    acceptable: false,
    result,
  };
}

function stays(kind: ItemKind, { base }: Sides, ours: Item, target: CanonicalValue, accepted: boolean): Decision {
  const acceptable = kind !== 'volume' && kind !== 'workload';
  if (accepted && acceptable)
    return {
      verdict: 'change',
      action: 'update',
      rule: 'accepted',
      reason: 'the target’s value was accepted for this plan',
      acceptable,
      result: target,
    };
  const templateChanged = !same(base === undefined ? undefined : adopt(kind, ours.value, base), target);
  const siteChanged = ours.origin.kind === 'site';
  if (templateChanged && siteChanged) {
    return {
      verdict: 'conflict',
      action: 'update',
      rule: 'both-changed',
      reason: `the site and the template both changed it; ${ruleInWords(kind)}`,
      acceptable,
      result: ours.value,
    };
  }
  return {
    verdict: 'keep',
    action: 'update',
    rule: 'stays-as-site-has-it',
    reason: ruleInWords(kind),
    acceptable,
    result: ours.value,
  };
}

/**
 * The target's value in the terms of what runs here: parts that only this site knows (a volume's name on the engine) are carried over,
 * so that they alone never count as a difference.
 */
function adopt(kind: ItemKind, ours: CanonicalValue, theirs: CanonicalValue): CanonicalValue {
  if (kind !== 'volume') return theirs;
  return { ...(theirs as { readonly [key: string]: CanonicalValue }), engine: (ours as { engine: string }).engine };
}
