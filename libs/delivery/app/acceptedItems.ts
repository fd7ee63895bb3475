import { nearest, WaybillError } from '@waybill/kernel';
import type { PlanItem } from '../domain/plan.js';
import { findItem, type Addressable } from './addressItem.js';

/** The items of a plan whose target value may be had, and the components that they may be named by. */
export interface Offer {
  readonly items: readonly PlanItem[];
  readonly components: readonly Addressable[];
}

/**
 * The ids of the items that a person accepts: `web/env/LOG_LEVEL` with the component by key, host or name, or a pattern in which `*` stands for
 * anything: `web/env/*`, `*`. Each has to meet at least one item on offer.
 * @throws WaybillError `item-not-found` with those that are near, `component-not-found`, `item-ambiguous`
 */
export function acceptedItems(asked: readonly string[], offer: Offer): ReadonlySet<string> {
  const offered = offer.items.filter(({ acceptable }) => acceptable);
  return new Set(
    asked.flatMap((text) => (text.includes('*') ? matching(text, offered, offer) : one(text, offered, offer))),
  );
}

function one(text: string, offered: readonly PlanItem[], offer: Offer): readonly string[] {
  const id = text.startsWith('shared/') ? text : idOf(text, offer.components);
  if (!offered.some((item) => item.id === id)) throw notOffered(text, offered, offer);
  return [id];
}

function idOf(text: string, components: readonly Addressable[]): string {
  const { component, path } = findItem(text, components);
  return `${component.key}/${path}`;
}

function matching(pattern: string, offered: readonly PlanItem[], offer: Offer): readonly string[] {
  const expression = new RegExp(`^${pattern.split('*').map(literally).join('.*')}$`, 's');
  const found = offered.filter((item) => namesOf(item, offer).some((name) => expression.test(name)));
  if (found.length === 0) throw notOffered(pattern, offered, offer);
  return found.map(({ id }) => id);
}

const literally = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** By host or name first, as people write it; its id last. */
function namesOf({ id, path, component }: PlanItem, { components }: Offer): readonly string[] {
  const known = components.find(({ key }) => key === component?.key);
  const names = [known?.host, known?.name].filter((name) => name !== undefined).map((name) => `${name}/${path}`);
  return [...names, id];
}

function notOffered(text: string, offered: readonly PlanItem[], offer: Offer): WaybillError {
  const names = offered.map((item) => namesOf(item, offer)[0] ?? item.id);
  const near = nearest(text, names);
  const hint =
    names.length === 0
      ? 'Nothing in it can be accepted: what is not kept follows the template anyway.'
      : near.length > 0
        ? `Did you mean ${near.join(' or ')}?`
        : `These can be: ${names.slice(0, SHOWN).join(', ')}${names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''}.`;
  return new WaybillError('item-not-found', { item: text, hint });
}

const SHOWN = 10;
