import { gzipSync } from 'node:zlib';
import { buildImageArchive, type ArchiveForm } from './buildImageArchive.js';
import type { BuiltImage } from './buildImage.js';
import { tarFile, type TarFileEntry } from './tarFile.js';

type Mutate = (entries: readonly TarFileEntry[]) => readonly TarFileEntry[];

export interface RamDescription {
  /** JSON value, or the bytes of `metadata.json`. See `ramMetadata`. */
  readonly metadata: unknown;
  readonly images: readonly BuiltImage[];
  readonly pluginImages?: readonly BuiltImage[];
  readonly form?: ArchiveForm;
  /** Root folder; `package-1.0-ram` where absent. */
  readonly folder?: string;
  /** Entries of component-images.tar. */
  readonly mutateImages?: Mutate;
  /** Entries of the package itself. */
  readonly mutate?: Mutate;
}

/** The bytes of a `…-ram.tar.gz`, as the genuine exporter writes it, or a lie when one of the `mutate` functions makes it one. */
export function buildRamPackage(description: RamDescription): Promise<Uint8Array> {
  const { metadata, images, pluginImages, form = 'docker-save', folder = 'package-1.0-ram' } = description;
  const { mutateImages, mutate = (entries: readonly TarFileEntry[]) => entries } = description;
  const archive = buildImageArchive({ images, form, ...(mutateImages === undefined ? {} : { mutate: mutateImages }) });
  const entries: readonly TarFileEntry[] = [
    { name: `${folder}/`, type: '5' },
    { name: `${folder}/metadata.json`, mode: 0o755, content: metadataBytes(metadata) },
    { name: `${folder}/component-images.tar`, content: archive },
    ...(pluginImages === undefined
      ? []
      : [{ name: `${folder}/plugin-images.tar`, content: buildImageArchive({ images: pluginImages, form }) }]),
  ];
  return Promise.resolve(gzipSync(tarFile(mutate(entries))));
}

const metadataBytes = (metadata: unknown): Uint8Array =>
  metadata instanceof Uint8Array ? metadata : Buffer.from(JSON.stringify(metadata));

export interface RamComponentDescription {
  readonly key: string;
  readonly name?: string;
  /** `share_image`. */
  readonly image: string;
  readonly ports?: readonly number[];
  readonly env?: Readonly<Record<string, string>>;
  /** Offered to components that depend on it. */
  readonly connection?: Readonly<Record<string, string>>;
  readonly dependsOn?: readonly string[];
  /** Members written over the component: any lie. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** `metadata.json` of a small application, with the members that genuine exporters always write. */
export function ramMetadata(description: {
  readonly key?: string;
  readonly name?: string;
  readonly version?: string;
  readonly components: readonly RamComponentDescription[];
  readonly more?: Readonly<Record<string, unknown>>;
}): Readonly<Record<string, unknown>> {
  return {
    group_key: description.key ?? '0f1e2d3c4b5a69788796a5b4c3d2e1f0',
    group_name: description.name ?? 'package',
    group_version: description.version ?? '1.0',
    template_version: 'v2',
    apps: description.components.map(component),
    ...description.more,
  };
}

function component(item: RamComponentDescription): Readonly<Record<string, unknown>> {
  const variable = ([name, value]: [string, string]) => ({
    attr_name: name,
    attr_value: value,
    name: '',
    is_change: true,
    container_port: 0,
  });
  return {
    service_id: item.key,
    service_key: item.key,
    service_share_uuid: `${item.key}+${item.key}`,
    service_cname: item.name ?? item.key,
    service_source: 'docker_image',
    share_type: 'image',
    share_image: item.image,
    image: item.image,
    extend_method: 'stateless_multiple',
    memory: 64,
    cpu: 0,
    port_map_list: (item.ports ?? []).map((port) => ({
      container_port: port,
      protocol: 'tcp',
      port_alias: `P${port}`,
      is_inner_service: true,
      is_outer_service: false,
    })),
    service_env_map_list: Object.entries(item.env ?? {}).map(variable),
    service_connect_info_map_list: Object.entries(item.connection ?? {}).map(variable),
    service_volume_map_list: [],
    mnt_relation_list: [],
    dep_service_map_list: (item.dependsOn ?? []).map((key) => ({ dep_service_key: `${key}+${key}` })),
    probes: [],
    ...item.more,
  };
}
