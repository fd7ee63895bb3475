import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import {
  buildImage,
  buildRamPackage,
  ramMetadata,
  type BuiltImage,
  type ImageDescription,
  type RamComponentDescription,
} from '@waybill/packaging/testing';

/** The template key of the `backend-system` packages, which the genuine reference system wrote. */
export const backendSystem = 'f3a8c1de5b7c4cb0a8de0c1f6a5b4e77';
export const fixture = (version: '1.0' | '2.0'): string =>
  join(import.meta.dirname, `../fixtures/backend-system-${version}-ram.tar.gz`);

/** An image that runs a shell line in busybox; the tools come from the fixture's lowest layers. */
export async function shellImage(
  reference: string,
  line: string,
  description: Partial<ImageDescription> = {},
): Promise<BuiltImage> {
  const busybox = (await busyboxLayers()).map((tar) => ({ tar }));
  return buildImage({
    references: [reference],
    cmd: ['/bin/sh', '-c', line],
    layers: [...busybox, { 'line.txt': line }],
    ...description,
  });
}

/** Writes a package of the reference system's format into a folder and answers its path. */
export async function writePackage(
  folder: string,
  description: {
    readonly key: string;
    readonly version: string;
    readonly components: readonly RamComponentDescription[];
    readonly images: readonly BuiltImage[];
    /** Members of the template beside its components. */
    readonly more?: Readonly<Record<string, unknown>>;
  },
): Promise<string> {
  const { key, version, components, images, more = {} } = description;
  const file = join(folder, `${key}-${version}-ram.tar.gz`);
  await writeFile(
    file,
    await buildRamPackage({ metadata: ramMetadata({ key, name: key, version, components, more }), images }),
  );
  return file;
}

let cached: Promise<readonly Buffer[]> | undefined;
const busyboxLayers = (): Promise<readonly Buffer[]> => (cached ??= readBusyboxLayers());

async function readBusyboxLayers(): Promise<readonly Buffer[]> {
  const outer = await entriesOf(gunzipSync(await readFile(fixture('1.0'))));
  const archive = [...outer].find(([name]) => name.endsWith('component-images.tar'))?.[1];
  const images = await entriesOf(archive ?? Buffer.alloc(0));
  const manifest = JSON.parse(String(images.get('manifest.json'))) as readonly { readonly Layers: readonly string[] }[];
  return (manifest[0]?.Layers ?? []).slice(0, 2).map((name) => images.get(name) ?? Buffer.alloc(0));
}

async function entriesOf(tar: Buffer): Promise<ReadonlyMap<string, Buffer>> {
  const entries = new Map<string, Buffer>();
  for await (const entry of Readable.from([tar]).pipe(extract())) {
    const pieces: Buffer[] = [];
    for await (const piece of entry) pieces.push(piece as Buffer);
    entries.set(entry.header.name, Buffer.concat(pieces));
  }
  return entries;
}

/** A readiness probe over HTTP that asks every second from the start; `more` overrides its members. */
export const httpProbe = (port: number, more: Readonly<Record<string, unknown>> = {}) => ({
  mode: 'readiness',
  scheme: 'http',
  port,
  path: '/',
  cmd: '',
  http_header: '',
  initial_delay_second: 0,
  period_second: 1,
  timeout_second: 1,
  failure_threshold: 3,
  success_threshold: 1,
  is_used: true,
  ...more,
});

/** Port 80, reachable inside the instance and, when `published`, from outside. */
export const webPort = (published: boolean) => ({
  container_port: 80,
  protocol: 'http',
  port_alias: 'WEB',
  is_inner_service: true,
  is_outer_service: published,
});

/** A shell line that answers on port 80 with a text. */
export const serving = (text: string, waitSeconds = 0): string =>
  `mkdir -p /www; echo "${text}" > /www/index.html; sleep ${String(waitSeconds)}; exec httpd -f -p 80 -h /www`;
