import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  buildImageArchive,
  ramMetadata,
  type BuiltImage,
  type RamComponentDescription,
} from '@waybill/packaging/testing';
import { httpProbe, shellImage, webPort, writePackage } from '../fixtures.js';

/** A version of the small application that is killed: how it is published, how it travels, and what it says when it runs. */
export interface FaultVersion {
  readonly version: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Archive of its images. */
  readonly archive: string;
  /** The whole of it as a package. */
  readonly file: string;
  readonly images: readonly BuiltImage[];
}

/** What the running application answers. */
export const says = (key: string, version: string, greeting: string): string => `${key} ${version} ${greeting}`;

/**
 * `db` keeps a volume, reads a file of configuration, hands out a secret and is asked by a command; `web` needs it, publishes a port and is
 * asked over HTTP. Every image has a layer of its own key's, so that each version has something to store and to load, whoever else runs.
 * @param breaks the new `web` ends at once, so that its gate fails
 */
export async function writeFaultVersion(
  folder: string,
  { key, version, breaks = false }: { readonly key: string; readonly version: string; readonly breaks?: boolean },
): Promise<FaultVersion> {
  const reference = (name: string) => `test/${key}-${name}:${version}`;
  const serve = `mkdir -p /www; echo "${says(key, version, '$GREETING')}" > /www/index.html; httpd -p 80 -h /www`;
  const images = [
    await shellImage(reference('db'), `echo ${key} ${version} > /data/version; touch /ready; ${IDLE}`),
    await shellImage(reference('web'), breaks ? `echo ${key} breaks; exit 3` : `${serve}; ${IDLE}`),
  ];
  const components: readonly RamComponentDescription[] = [
    {
      key: 'db',
      image: reference('db'),
      connection: { PASS: '**None**' },
      more: {
        extend_method: 'state_singleton',
        service_volume_map_list: [
          { volume_name: 'data', volume_path: '/data', volume_type: 'share-file', file_content: '' },
          {
            volume_name: 'conf',
            volume_path: '/etc/db.conf',
            volume_type: 'config-file',
            file_content: `v=${version}\n`,
          },
        ],
        probes: [httpProbe(0, { scheme: 'cmd', cmd: 'test -f /ready' })],
      },
    },
    {
      key: 'web',
      image: reference('web'),
      env: { GREETING: 'hello' },
      dependsOn: ['db'],
      more: { port_map_list: [webPort(true)], probes: [httpProbe(80)] },
    },
  ];
  const archive = join(folder, `${key}-${version}.tar`);
  await writeFile(archive, buildImageArchive({ images }));
  return {
    version,
    metadata: ramMetadata({ key, name: key, version, components }),
    archive,
    file: await writePackage(folder, { key, version, components, images }),
    images,
  };
}

// The first process of a container gets no signal that it does not ask for, and would keep everybody waiting for ten seconds.
const IDLE = `trap 'exit 0' TERM; while :; do sleep 1000 & wait $!; done`;
