import type { ContentStore } from '@waybill/content-store';
import type { EventStore } from '@waybill/event-store';
import { WaybillError } from '@waybill/kernel';
import type { ServerOptions } from './site.js';

export interface Death extends ServerOptions {
  /** Resolves when it has come. */
  readonly came: Promise<void>;
  readonly isDead: () => boolean;
}

/**
 * A server that is killed at its n-th append: nothing of it reaches the disk any more. `before`: what was done before that append has no event;
 * `after`: the event is there, and nobody was told.
 */
export function deathAtAppend(n: number, moment: 'before' | 'after'): Death {
  const death = mortal();
  let appends = 0;
  const store = (real: EventStore): EventStore => ({
    ...death.guard(real),
    async append(...call) {
      death.mustLive();
      // Claims are renewed while other appends are under way.
      const isIt = (appends += 1) === n;
      if (isIt && moment === 'before') death.die();
      const appended = await real.append(...call);
      if (isIt) death.die();
      return appended;
    },
  });
  return { ...death, store };
}

/** A server that is killed while it moves layers into the content store: one is moved, the others are not. */
export function deathWhileMoving(): Death {
  const death = mortal();
  const content = (real: ContentStore): ContentStore => ({
    ...real,
    async stage(name) {
      const staging = await real.stage(name);
      return {
        ...staging,
        async commit(only) {
          await staging.commit({ layers: only?.layers?.slice(0, 1) ?? [], blobs: [] });
          death.die();
        },
      };
    },
  });
  return { ...death, store: death.guard, content };
}

function mortal() {
  let dead = false;
  const [came, tell] = signal();
  const away = () => new WaybillError('store-unavailable', { reason: 'this server was killed.' });
  const mustLive = () => {
    if (dead) throw away();
  };
  const die = (): never => {
    dead = true;
    tell();
    throw away();
  };
  const guard = (real: EventStore): EventStore => ({
    identity: real.identity,
    async append(...call) {
      mustLive();
      return real.append(...call);
    },
    async *read(...call) {
      mustLive();
      yield* real.read(...call);
    },
    async *readAll(...call) {
      mustLive();
      yield* real.readAll(...call);
    },
    subscribe: (options) => real.subscribe(options),
    async head() {
      mustLive();
      return real.head();
    },
    close: () => real.close(),
  });
  return { came, isDead: () => dead, mustLive, die, guard };
}

/** A server that stands still from its first append of that type on, as when its machine is suspended, until it is woken. */
export function suspendedAt(type: string): ServerOptions & { readonly suspended: Promise<void>; wake(): void } {
  const [suspended, fallAsleep] = signal();
  const [awake, wake] = signal();
  let asleep = false;
  const store = (real: EventStore): EventStore => ({
    ...mortal().guard(real),
    async append(stream, expected, events) {
      if (events.some((event) => event.type === type)) asleep = true;
      if (asleep) {
        fallAsleep();
        await awake;
      }
      return real.append(stream, expected, events);
    },
  });
  return { store, suspended, wake };
}

function signal(): readonly [Promise<void>, () => void] {
  let give: () => void = () => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return [given, give];
}
