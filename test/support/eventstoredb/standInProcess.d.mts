import type { StandIn } from './standIn.mjs';

/** Like `startStandIn`, in a process of its own: `kill` is SIGKILL, `freeze` is SIGSTOP. Orders are forgotten at a restart. */
export function startStandInProcess(options: { readonly folder: string; readonly port?: number }): Promise<StandIn>;
