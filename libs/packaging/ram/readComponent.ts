import type { Fields } from './fields.js';
import { fields } from './fields.js';
import { isJsonObject, saysNothing, sortedJson, type JsonObject, type JsonValue } from './json.js';
import type { RamComponent, RamJob, RamPart, RamScale } from './metadata.js';
import { readEnv, readMount, readPort, readProbe, readVolume } from './readComponentParts.js';
import { parseStrictJson } from './strictJson.js';

/** What of a component is no part of a version: where it was built, when, and what it was called there. */
const ELSEWHERE = [
  'service_alias',
  'service_name',
  'service_image',
  'service_slug',
  'service_region',
  'tenant_id',
  'version',
  'deploy_version',
  'language',
  'category',
  'report',
  'need_share',
  'create_time',
  'update_time',
  'image',
];

const SIZE = { min: 0, max: 2 ** 31 };

/** Reads one item of `apps`. @throws WaybillError `package-metadata-invalid` */
export function readComponent(component: Fields): RamComponent {
  const cname = component.text('service_cname');
  component.called(component.text('service_key') || cname);
  const image = component.text('share_image') || component.text('image');
  component.ignore(...ELSEWHERE);
  const endpoints = component.object('endpoints');
  endpoints?.ignore('service_cname');
  return {
    at: component.at,
    serviceId: component.text('service_id'),
    serviceKey: component.text('service_key'),
    shareUuid: component.text('service_share_uuid'),
    cname,
    k8sName: component.text('k8s_component_name'),
    image,
    command: component.text('cmd'),
    arch: component.text('arch'),
    extendMethod: component.text('extend_method'),
    serviceType: component.text('service_type'),
    serviceSource: component.text('service_source'),
    shareType: component.text('share_type'),
    memory: component.integer('memory', SIZE),
    cpu: component.integer('cpu', SIZE),
    scale: readScale(component),
    job: readJob(component),
    ports: component.objects('port_map_list').map(readPort),
    env: [
      ...component.objects('service_env_map_list').map((item) => readEnv(item, 'own')),
      ...component.objects('service_connect_info_map_list').map((item) => readEnv(item, 'offered')),
    ],
    volumes: component.objects('service_volume_map_list').map(readVolume),
    mounts: component.objects('mnt_relation_list').map(readMount),
    dependencies: component.objects('dep_service_map_list').map((item) => item.text('dep_service_key')),
    probes: component.objects('probes').map(readProbe),
    endpoints: {
      info: endpointsText(endpoints?.value('endpoints_info') ?? ''),
      type: endpoints?.text('endpoints_type') ?? '',
    },
    parts: readParts(component),
    unread: component.unread(),
  };
}

/** Old packages say `service_extend_method`; where both are, the newer name counts. */
function readScale(component: Fields): RamScale {
  const sources = ['extend_method_map', 'service_extend_method'].flatMap((name) => component.object(name) ?? []);
  for (const source of sources)
    source.ignore('step_node', 'max_memory', 'step_memory', 'is_restart', 'ID', 'service_key', 'app_version');
  const first = (name: string) =>
    sources.reduce<number | undefined>((found, source) => {
      const own = source.integer(name, SIZE);
      return found ?? own;
    }, undefined);
  return {
    minNode: first('min_node'),
    maxNode: first('max_node'),
    initMemory: first('init_memory'),
    minMemory: first('min_memory'),
    containerCpu: first('container_cpu'),
  };
}

/** `job_strategy` is an object, or the JSON text of one. */
function readJob(component: Fields): RamJob {
  const stated = component.value('job_strategy');
  if (saysNothing(stated)) return { schedule: '', others: [] };
  const parsed = typeof stated === 'string' ? parsedOrUndefined(stated) : stated;
  if (parsed === undefined || !isJsonObject(parsed))
    return { schedule: '', others: [{ path: 'job_strategy', value: stated }] };
  const job = fields(parsed, `${component.at}/job_strategy`);
  const schedule = job.text('schedule').trim();
  return { schedule, others: job.unread() };
}

function parsedOrUndefined(text: string): JsonValue | undefined {
  try {
    return parseStrictJson(Buffer.from(text), { bytes: text.length * 4, depth: 16, values: 1000 });
  } catch {
    // A strategy in no form we know is carried as it stands.
    return undefined;
  }
}

const endpointsText = (info: JsonValue): string =>
  typeof info === 'string' ? info : saysNothing(info) ? '' : sortedJson(info);

function readParts(component: Fields): readonly RamPart[] {
  const listed = (list: string, kind: string, name: string): readonly RamPart[] =>
    component.objects(list).map((item) => {
      item.ignore(...Object.keys(item.whole));
      return { kind, name: item.text(name), content: without(item.whole, ['create_time']) };
    });
  const single = (member: string, kind: string): readonly RamPart[] => {
    const content = component.value(member);
    return saysNothing(content) ? [] : [{ kind, name: kind, content }];
  };
  return [
    ...listed('component_monitors', 'monitor', 'name'),
    ...listed('component_graphs', 'graph', 'title'),
    ...listed('component_k8s_attributes', 'k8s-attribute', 'name'),
    ...listed('service_related_plugin_config', 'plugin-binding', 'plugin_key'),
    ...single('labels', 'node-labels'),
    ...single('vm', 'vm'),
  ];
}

/** An object without some of its members. */
export const without = (value: JsonObject, names: readonly string[]): JsonObject =>
  filtered(value, (name) => !names.includes(name));

/** An object without the members that say nothing: exporters differ in which of those they write. */
export const spoken = (value: JsonObject): JsonObject => filtered(value, (_, member) => !saysNothing(member));

function filtered(value: JsonObject, keep: (name: string, member: JsonValue) => boolean): JsonObject {
  const kept = Object.create(null) as Record<string, JsonValue>;
  for (const [name, member] of Object.entries(value)) if (keep(name, member)) kept[name] = member;
  return kept;
}
