import { httpProbe, serving, shellImage, webPort, writePackage } from './fixtures.js';

/** Images of their own, so that the engine lacks them: `db` with data on a volume, for one at a time, and `web` after it, which answers on a published port with `web <version>`. */
export async function writeDataVersion(
  folder: string,
  { key, version }: { readonly key: string; readonly version: string },
): Promise<string> {
  const reference = (name: string) => `test/${key}-${name}:${version}`;
  return writePackage(folder, {
    key,
    version,
    images: [
      await shellImage(reference('db'), `: ${key}; ${serving(`db ${version}`)}`),
      await shellImage(reference('web'), `: ${key}; ${serving(`web ${version}`)}`),
    ],
    components: [
      {
        key: 'db',
        image: reference('db'),
        connection: { PASS: '**None**' },
        more: {
          extend_method: 'state_singleton',
          port_map_list: [webPort(false)],
          probes: [httpProbe(80)],
          service_volume_map_list: [
            { volume_name: 'data', volume_path: '/data', volume_type: 'share-file', file_content: '' },
          ],
        },
      },
      {
        key: 'web',
        image: reference('web'),
        dependsOn: ['db'],
        more: { port_map_list: [webPort(true)], probes: [httpProbe(80)] },
      },
    ],
  });
}
