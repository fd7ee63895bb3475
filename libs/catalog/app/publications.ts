import type { CommandContext } from '@waybill/event-store';
import { isWaybillError, WaybillError, type Instant, type ProgressBoard } from '@waybill/kernel';
import type { CatalogDependencies } from './dependencies.js';
import { publish, type PublishResult } from './publish.js';
import type { PublishRequest } from './publishDraft.js';

/** The operation under which a publication can be followed while it runs. */
export const publishOperation = (context: Pick<CommandContext, 'commandId'>): string => `publish-${context.commandId}`;

/** Publishes a version, as `publish` says. */
export type Publish = (request: PublishRequest, context: CommandContext) => Promise<PublishResult>;

/** How a publication stands. In memory only: what was published is in the log, and whoever publishes gets an answer. */
export type Publication =
  | { readonly state: 'running'; readonly began: Instant }
  | { readonly state: 'succeeded'; readonly began: Instant; readonly ended: Instant; readonly result: PublishResult }
  | {
      readonly state: 'failed';
      readonly began: Instant;
      readonly ended: Instant;
      /** Absent: what failed has no code, and is in the server's log. */
      readonly failure?: WaybillError;
    };

/** The publications of this server. */
export interface Publications {
  /** A command that is repeated while it still runs gets the answer of the first. */
  readonly publish: Publish;
  /** While it runs, and for a while after its end. */
  find(operation: string): Publication | undefined;
}

/** As many are remembered after their end. */
const REMEMBERED = 50;

export function publications(deps: CatalogDependencies, progress: ProgressBoard): Publications {
  const running = new Map<string, Promise<PublishResult>>();
  const known = new Map<string, Publication>();

  async function followed(request: PublishRequest, context: CommandContext): Promise<PublishResult> {
    const operation = publishOperation(context);
    const began = deps.clock.now();
    const note = (publication: Publication) => {
      known.set(operation, publication);
      progress.clear(operation);
    };
    known.set(operation, { state: 'running', began });
    for (const old of [...known.keys()].slice(0, -REMEMBERED)) known.delete(old);
    try {
      const result = await publish(deps, (report) => progress.report(operation, report), request, context);
      note({ state: 'succeeded', began, ended: deps.clock.now(), result });
      return result;
    } catch (error) {
      const ended = deps.clock.now();
      note({ state: 'failed', began, ended, ...(isWaybillError(error) ? { failure: error } : {}) });
      throw error;
    }
  }

  return {
    publish(request, context) {
      // The digest is part of it: the same key with another request must not be given this one's answer.
      const command = `${context.commandId} ${context.commandDigest}`;
      const present = running.get(command);
      if (present !== undefined) return present;
      const begun = followed(request, context).finally(() => running.delete(command));
      running.set(command, begun);
      return begun;
    },
    find: (operation) => known.get(operation),
  };
}
