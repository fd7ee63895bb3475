import { randomUUID } from 'node:crypto';
import { settled } from './stockTools.mjs';
import { timed } from './timed.mjs';

/**
 * Carries packages of a template into a site, the way over the API: imported with everything verified, stored and synced, then planned and
 * rolled out as far as every image is in the engine. The first one is installed, what follows are upgrades.
 */
export function carriedIn(site, template, images) {
  const name = `bench-${randomUUID().slice(0, 8)}`;
  let isInstalled = false;
  return async ({ file, images: wanted }, version) => {
    await settled();
    const imported = await timed(() => site.import(file));
    let operation;
    const loaded = await timed(async () => {
      if (!isInstalled) await site.create(name, template, version);
      const plan = await site.plan(name, { kind: isInstalled ? 'upgrade' : 'install', version });
      operation = await site.submit(name, plan);
      await Promise.race([images.there(wanted), site.ended(operation)]);
    });
    isInstalled = true;
    await site.ended(operation);
    await images.there(wanted);
    const memory = await site.peakMemory();
    return { import: imported.seconds, load: loaded.seconds, total: imported.seconds + loaded.seconds, memory };
  };
}
