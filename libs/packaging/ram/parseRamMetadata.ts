import { defaultLimits, type ReadLimits } from '../package.js';
import { fields, type Fields } from './fields.js';
import { saysNothing, type JsonObject } from './json.js';
import type { RamConfigGroup, RamMetadata, RamPart, RamPlugin, RamRoute } from './metadata.js';
import { readComponent, spoken, without } from './readComponent.js';
import { parseStrictJson } from './strictJson.js';

/** Presentation, and what only the place of export knew. The source is kept whole, so none of it is lost. */
const PRESENTATION = [
  'annotations',
  'describe',
  'image_base64_string',
  'suffix',
  'version_info',
  'version_alias',
  'group_dev_status',
  'helm_chart',
  'create_time',
  'update_time',
];

/** What names a template stands in events; the reference system has 64 characters for it. */
const LONGEST_NAME = 1000;

/**
 * Reads `metadata.json` of the reference system, as its genuine exporters of any age write it: null lists are empty ones,
 * legacy names are understood, unknown members are kept. A byte order mark is skipped.
 * @throws WaybillError `package-metadata-invalid` with a JSON pointer: no JSON, a member twice, a wrong type, nothing to install; `package-limit-exceeded`
 */
export function parseRamMetadata(
  bytes: Uint8Array,
  options: { readonly limits?: Pick<ReadLimits, 'metadataBytes' | 'jsonDepth' | 'jsonValues'> } = {},
): RamMetadata {
  const limits = options.limits ?? defaultLimits;
  const top = fields(
    parseStrictJson(bytes, { bytes: limits.metadataBytes, depth: limits.jsonDepth, values: limits.jsonValues }),
    '',
  );
  top.ignore(...PRESENTATION);
  const metadata = {
    groupKey: required(top, 'group_key'),
    groupName: required(top, 'group_name'),
    groupVersion: required(top, 'group_version'),
    templateVersion: top.text('template_version') || 'v2',
    governanceMode: top.text('governance_mode') || 'BUILD_IN_SERVICE_MESH',
    arch: top.text('arch'),
    components: top.objects('apps').map(readComponent),
    configGroups: top.objects('app_config_groups').map(readConfigGroup),
    routes: top.objects('ingress_http_routes').map(readRoute),
    plugins: top.objects('plugins').map(readPlugin),
    parts: readParts(top),
  };
  if (metadata.components.length === 0 && metadata.parts.every((part) => part.kind !== 'k8s-resource'))
    throw top.refused('apps', 'the template is empty: it has neither components nor cluster resources');
  return { ...metadata, unread: top.unread('apps') };
}

function required(top: Fields, name: string): string {
  const text = top.text(name).trim();
  if (text === '') throw top.refused(name, 'a text was expected, but there is none');
  if (text.length > LONGEST_NAME) throw top.refused(name, `it is longer than ${LONGEST_NAME} characters`);
  return text;
}

function readConfigGroup(item: Fields): RamConfigGroup {
  const name = item.text('name');
  item.called(name);
  item.ignore('enable');
  return {
    name,
    injection: item.text('injection_type') || 'env',
    items: item.textMap('config_items'),
    componentKeys: item.texts('component_keys'),
    source: item.whole,
  };
}

function readRoute(item: Fields): RamRoute {
  const component = item.text('component_key');
  const port = item.integer('port', { min: 1, max: 65535 });
  if (port === undefined) throw item.refused('port', 'a port was expected, but there is none');
  const path = item.text('location') || '/';
  const settings = spoken(without(item.whole, ['component_key', 'port', 'location']));
  takeWhole(item);
  return { component, port, path, settings, source: item.whole };
}

function readPlugin(item: Fields): RamPlugin {
  const name = item.text('plugin_key') || item.text('plugin_id') || item.text('plugin_name');
  const image = item.text('share_image') || item.text('image');
  takeWhole(item);
  return { name, image, content: without(item.whole, ['plugin_image', 'share_image', 'image', 'create_time']) };
}

function readParts(top: Fields): readonly RamPart[] {
  const whole = (item: Fields): JsonObject => {
    takeWhole(item);
    return item.whole;
  };
  const platformPlugin = top.object('platform_plugin');
  return [
    ...top.objects('k8s_resources').map((item) => ({
      kind: 'k8s-resource',
      name: `${item.text('kind')}/${item.text('name')}`,
      content: whole(item),
    })),
    ...top.objects('ingress_stream_routes').map((item) => ({
      kind: 'stream-route',
      name: `${item.text('component_key')}:${item.integer('port') ?? 0}`,
      content: whole(item),
    })),
    ...(platformPlugin === undefined || saysNothing(platformPlugin.whole)
      ? []
      : [{ kind: 'platform-plugin', name: platformPlugin.text('plugin_id'), content: whole(platformPlugin) }]),
  ];
}

const takeWhole = (item: Fields) => item.ignore(...Object.keys(item.whole));
