import type { RamComponentDescription } from '@waybill/packaging/testing';
import { httpProbe, serving, shellImage, webPort, writePackage } from './fixtures.js';

/** Two small components, `web` after `back`, each ready as soon as it answers. `web` keeps its callers waiting for so many seconds first. */
export async function writeSmallVersion(
  folder: string,
  {
    key,
    version,
    secondsUntilReady = 0,
  }: { readonly key: string; readonly version: string; readonly secondsUntilReady?: number },
): Promise<string> {
  const reference = (name: string) => `test/${key}-${name}:${version}`;
  const images = [
    await shellImage(reference('back'), serving(`back ${version}`)),
    await shellImage(reference('web'), serving(`web ${version}`, secondsUntilReady)),
  ];
  const component = (name: string, dependsOn: readonly string[]): RamComponentDescription => ({
    key: name,
    image: reference(name),
    dependsOn,
    more: { port_map_list: [webPort(false)], probes: [httpProbe(80)] },
  });
  return writePackage(folder, {
    key,
    version,
    images,
    components: [component('back', []), component('web', ['back'])],
  });
}
