import type { Fields } from './fields.js';
import type { RamEnv, RamMount, RamPort, RamProbe, RamVolume } from './metadata.js';

const PORT = { min: 0, max: 65535 };
const SECONDS = { min: 0, max: 2 ** 31 };

export function readPort(item: Fields): RamPort {
  const port = item.integer('container_port', { min: 1, max: 65535 });
  if (port === undefined) throw item.refused('container_port', 'a port was expected, but there is none');
  item.called(port);
  item.ignore('tenant_id', 'service_id', 'ID', 'name', 'mapping_port', 'is_inner_service', 'lb_mapping_port');
  return {
    port,
    protocol: item.text('protocol'),
    alias: item.text('port_alias'),
    outer: item.flag('is_outer_service') ?? false,
    k8sServiceName: item.text('k8s_service_name'),
    source: item.whole,
  };
}

export function readEnv(item: Fields, scope: RamEnv['scope']): RamEnv {
  const name = item.text('attr_name');
  item.called(name);
  item.ignore('ID', 'tenant_id', 'service_id', 'scope', 'create_time');
  return {
    name,
    label: item.text('name'),
    value: item.text('attr_value'),
    editable: item.flag('is_change') ?? true,
    port: item.integer('container_port') ?? 0,
    scope,
    source: item.whole,
  };
}

export function readVolume(item: Fields): RamVolume {
  const name = item.text('volume_name');
  item.called(name);
  item.ignore('ID', 'service_id', 'host_path', 'category');
  // The only policy there is by default says nothing.
  for (const policy of ['share_policy', 'backup_policy']) if (item.whole[policy] === 'exclusive') item.ignore(policy);
  return {
    name,
    path: item.text('volume_path'),
    type: item.text('volume_type'),
    content: item.text('file_content'),
    capacity: item.integer('volume_capacity', { min: 0, max: 2 ** 31 }),
    accessMode: item.text('access_mode'),
    mode: item.integer('mode', { min: 0, max: 0o7777 }),
    source: item.whole,
  };
}

export function readMount(item: Fields): RamMount {
  const owner = item.text('service_share_uuid');
  item.called(owner);
  return { owner, volume: item.text('mnt_name'), path: item.text('mnt_dir'), source: item.whole };
}

export function readProbe(item: Fields): RamProbe {
  const mode = item.text('mode');
  item.called(mode);
  item.ignore('ID', 'probe_id', 'service_id');
  return {
    mode,
    scheme: item.text('scheme'),
    used: item.flag('is_used') ?? true,
    port: item.integer('port', PORT) ?? 0,
    path: item.text('path'),
    command: item.text('cmd'),
    headers: item.text('http_header'),
    initialDelay: item.integer('initial_delay_second', SECONDS),
    period: item.integer('period_second', SECONDS),
    timeout: item.integer('timeout_second', SECONDS),
    failureThreshold: item.integer('failure_threshold', SECONDS),
    successThreshold: item.integer('success_threshold', SECONDS),
    source: item.whole,
  };
}
