import { ensureEngine } from '../../deploy/setup/engine.mjs';

/** Gives specs that talk to an engine their DOCKER_HOST when vitest was started directly; without an engine the run fails, it never skips. */
export async function setup(): Promise<void> {
  process.env['DOCKER_HOST'] = await ensureEngine();
}
