import { pointerStep } from '../ram/json.js';
import type { Draft } from './richMetadata.js';

/** One value within a draft, which can be exchanged. */
export interface Place {
  /** JSON pointer. */
  readonly pointer: string;
  /** The name of the member; an item of a list is called as its list. */
  readonly field: string;
  readonly value: Draft;
  readonly put: (value: Draft) => void;
  /** Takes the member or item out. */
  readonly remove: () => void;
}

/** Every value below the top, outermost first. */
export function places(draft: Draft, pointer = '', field = ''): readonly Place[] {
  if (typeof draft !== 'object' || draft === null) return [];
  const holder = draft as Record<string | number, Draft>;
  const names = Array.isArray(draft) ? [...draft.keys()] : Object.keys(draft);
  return names.flatMap((name) => {
    const at = pointer + pointerStep(name);
    const called = typeof name === 'number' ? field : name;
    const value = holder[name] ?? null;
    const place: Place = {
      pointer: at,
      field: called,
      value,
      put: (other) => (holder[name] = other),
      remove: () => {
        if (Array.isArray(draft)) draft.splice(Number(name), 1);
        else Reflect.deleteProperty(draft, name);
      },
    };
    return [place, ...places(value, at, called)];
  });
}

/** The same content with the members of every object the other way round. */
export function reordered(draft: Draft): Draft {
  if (Array.isArray(draft)) return draft.map(reordered);
  if (typeof draft !== 'object' || draft === null) return draft;
  return Object.fromEntries(
    Object.entries(draft)
      .reverse()
      .map(([name, value]) => [name, reordered(value)]),
  );
}
