import { systemClock, type Clock } from '@waybill/kernel';
import type { Runtime } from '../runtime.js';
import { connect, type Connection } from './connection.js';
import type { EngineEnvironment } from './engineAddress.js';
import { engineInfo } from './engineInfo.js';
import { gateUnit } from './gate.js';
import { haltUnit, resumeUnit } from './halt.js';
import { ensureImage, missingImages } from './images.js';
import { unitLogs } from './logs.js';
import { ensureNetworks, foreignSubnets, removeNetworks } from './networks.js';
import { observe } from './observe.js';
import { oneAtATime, type OneAtATime } from './oneAtATime.js';
import { portHolders } from './portHolder.js';
import { retireUnit } from './retire.js';
import { saveImages } from './saveImages.js';
import { stageUnit } from './stage.js';
import { switchTraffic } from './traffic.js';
import { ensureVolume, listVolumes, removeVolume } from './volumes.js';

export interface DockerRuntimeOptions {
  /** In the form of `DOCKER_HOST`: `unix:///path` or `tcp://host:port`. Absent: `DOCKER_HOST`, else the default socket. */
  readonly host?: string;
  /** `DOCKER_HOST`, `DOCKER_TLS_VERIFY`, `DOCKER_CERT_PATH`; the process's own when absent. */
  readonly env?: EngineEnvironment;
  /** How long one call to the engine may take; 30 s when absent. */
  readonly callTimeoutMs?: number;
  /** How long the loading of an image may stand still; 10 min when absent. */
  readonly loadIdleMs?: number;
  readonly clock?: Clock;
}

/**
 * A runtime on one Docker Engine, which need not answer yet. Probes reach containers at their own addresses,
 * so this process runs on the engine's machine.
 * @throws WaybillError `configuration-invalid`
 */
export async function dockerRuntime(options: DockerRuntimeOptions = {}): Promise<Runtime> {
  const connection = await connect({
    host: options.host,
    env: options.env ?? process.env,
    callTimeoutMs: options.callTimeoutMs ?? 30_000,
    loadIdleMs: options.loadIdleMs ?? 600_000,
    clock: options.clock ?? systemClock,
  });
  // Two images loaded at once would both send the large layers they share; two containers made at once would choose one address.
  return runtimeOver(connection, oneAtATime(), oneAtATime());
}

function runtimeOver(connection: Connection, loads: OneAtATime, makes: OneAtATime): Runtime {
  return {
    guarded: (guard) => runtimeOver({ ...connection, guard }, loads, makes),
    engine: async () => (await engineInfo(connection)).engine,
    missingImages: (images) => missingImages(connection, images),
    ensureImage: (image, source, loading) => ensureImage(connection, loads, image, { ...loading, source }),
    saveImages: (names, use) => saveImages(connection, names, use),
    ensureNetworks: (network) => ensureNetworks(connection, network),
    ensureVolume: (name, labels) => ensureVolume(connection, name, labels),
    portHolders: (ports) => portHolders(connection, ports),
    stageUnit: (ref, spec, openSecret) => stageUnit(connection, makes, ref, spec, openSecret),
    gateUnit: (ref, spec, gateOptions) => gateUnit(connection, ref, spec, gateOptions),
    switchTraffic: (to, spec, replacing) => switchTraffic(connection, to, spec, replacing),
    haltUnit: (ref, spec) => haltUnit(connection, ref, spec),
    resumeUnit: (ref) => resumeUnit(connection, ref),
    retireUnit: (ref) => retireUnit(connection, ref),
    observe: (instance) => observe(connection, instance),
    logs: (ref, lines) => unitLogs(connection, ref, lines),
    foreignSubnets: (instance) => foreignSubnets(connection, instance),
    removeNetworks: (instance) => removeNetworks(connection, instance),
    listVolumes: (instance) => listVolumes(connection, instance),
    removeVolume: (name) => removeVolume(connection, name),
  };
}
