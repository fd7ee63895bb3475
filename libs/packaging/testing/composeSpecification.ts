/** The attributes that the Compose Specification's schema lists (compose-spec.json, November 2026). */
export const specification = {
  file: ['version', 'name', 'include', 'services', 'models', 'networks', 'volumes', 'secrets', 'configs'],
  service: [
    ...['develop', 'deploy', 'annotations', 'attach', 'build', 'blkio_config', 'cap_add', 'cap_drop', 'cgroup'],
    ...['cgroup_parent', 'command', 'configs', 'container_name', 'cpu_count', 'cpu_percent', 'cpu_shares', 'cpu_quota'],
    ...['cpu_period', 'cpu_rt_period', 'cpu_rt_runtime', 'cpus', 'cpuset', 'credential_spec', 'depends_on'],
    ...['device_cgroup_rules', 'devices', 'dns', 'dns_opt', 'dns_search', 'domainname', 'entrypoint', 'env_file'],
    ...['label_file', 'environment', 'expose', 'extends', 'provider', 'external_links', 'extra_hosts', 'gpus'],
    ...['group_add', 'healthcheck', 'hostname', 'image', 'init', 'ipc', 'isolation', 'labels', 'links', 'logging'],
    ...['mac_address', 'mem_limit', 'mem_reservation', 'mem_swappiness', 'memswap_limit', 'network_mode', 'models'],
    ...['networks', 'oom_kill_disable', 'oom_score_adj', 'pid', 'pids_limit', 'platform', 'ports', 'post_start'],
    ...['pre_stop', 'privileged', 'profiles', 'pull_policy', 'pull_refresh_after', 'read_only', 'restart', 'runtime'],
    ...['scale', 'security_opt', 'shm_size', 'secrets', 'sysctls', 'stdin_open', 'stop_grace_period', 'stop_signal'],
    ...['storage_opt', 'tmpfs', 'tty', 'ulimits', 'use_api_socket', 'user', 'uts', 'userns_mode', 'volumes'],
    ...['volumes_from', 'working_dir'],
  ],
} as const;

const texts = (names: readonly string[], value: unknown) =>
  Object.fromEntries(names.map((name) => [name, { [name]: value }]));

/** A service's attributes, each with a value that says something. */
export const attributeValues: Readonly<Record<string, object>> = {
  ...texts(specification.service, 'something'),
  ...texts(['annotations', 'labels', 'sysctls', 'extra_hosts', 'storage_opt'], { a: 'b' }),
  ...texts(['cap_add', 'cap_drop', 'devices', 'external_links', 'volumes_from', 'security_opt'], ['a']),
  ...texts(['post_start', 'pre_stop'], [{ command: 'true' }]),
  ...texts(['privileged', 'read_only', 'stdin_open', 'tty', 'use_api_socket', 'attach'], 'true'),
  ...texts(['build'], { context: '.' }),
  ...texts(['image'], 'app:1'),
  ...texts(['deploy'], { resources: { limits: { memory: '64m' } } }),
  ...texts(['configs'], ['conf']),
  ...texts(['secrets'], ['key']),
  ...texts(['cpus'], '0.5'),
  ...texts(['mem_limit'], '64m'),
  ...texts(['scale'], '2'),
  ...texts(['depends_on', 'links'], ['other']),
  ...texts(['env_file'], 'app.env'),
  ...texts(['environment'], { A: 'b' }),
  ...texts(['expose', 'ports'], ['80']),
  ...texts(['healthcheck'], { test: 'true' }),
  ...texts(['networks'], { front: { aliases: ['web'] } }),
  ...texts(['platform'], 'linux/riscv64'),
  ...texts(['profiles'], ['debug']),
  ...texts(['restart'], 'on-failure:3'),
  ...texts(['tmpfs'], '/run/app'),
  ...texts(['volumes'], ['data:/data']),
};
