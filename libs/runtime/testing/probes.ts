import type { GateProbe } from '../runtime.js';

const quickly = { initialDelay: 0, period: 0.2, timeout: 2, successThreshold: 1 } as const;

export const tcpProbe = (port: number): GateProbe => ({ ...quickly, check: { kind: 'tcp', port } });

export const httpProbe = (port: number, path: string): GateProbe => ({
  ...quickly,
  check: { kind: 'http', port, path, headers: [] },
});

export const commandProbe = (command: string): GateProbe => ({ ...quickly, check: { kind: 'command', command } });
