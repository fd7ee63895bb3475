import { createInterface } from 'node:readline';
import { engine } from './engine.js';

interface EngineEvent {
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

/** What the engine did to containers of instances, from the call on. */
export interface EngineWatch {
  /** How often each unit of an instance was created or started: `<record> <component> <action>` to a number. */
  counts(instance: string): Readonly<Record<string, number>>;
  /** Containers that were created or started so far, in order. */
  acts(instance: string): readonly string[];
  stop(): void;
}

/** Follows the engine's own events, which no server can leave out. */
export async function watchEngine(): Promise<EngineWatch> {
  const stream = (await engine().getEvents({
    filters: { type: ['container'], event: ['create', 'start'], label: ['waybill.instance'] },
  })) as NodeJS.ReadableStream & { destroy(): void };
  const seen: EngineEvent[] = [];
  createInterface({ input: stream }).on('line', (line) => seen.push(JSON.parse(line) as EngineEvent));
  const of = (instance: string) =>
    seen
      .filter(({ Actor }) => Actor.Attributes['waybill.instance'] === instance)
      .map(({ Action, Actor }) => {
        const { 'waybill.record': record = '', 'waybill.component': component = '' } = Actor.Attributes;
        return `${record} ${component} ${Action}`;
      });
  return {
    acts: of,
    counts(instance) {
      const counts: Record<string, number> = {};
      for (const act of of(instance)) counts[act] = (counts[act] ?? 0) + 1;
      return counts;
    },
    stop: () => stream.destroy(),
  };
}
