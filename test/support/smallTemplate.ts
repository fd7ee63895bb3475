import type { RamComponentDescription } from '@waybill/packaging/testing';
import { shellImage, writePackage } from './fixtures.js';

const probe = {
  mode: 'readiness',
  scheme: 'http',
  port: 80,
  path: '/',
  cmd: '',
  http_header: '',
  initial_delay_second: 0,
  period_second: 1,
  timeout_second: 1,
  failure_threshold: 3,
  success_threshold: 1,
  is_used: true,
};
const port = {
  container_port: 80,
  protocol: 'http',
  port_alias: 'WEB',
  is_inner_service: true,
  is_outer_service: true,
};

/** Two small components, `web` after `back`, each ready as soon as it answers. `web` keeps its callers waiting for so many seconds first. */
export async function writeSmallVersion(
  folder: string,
  {
    key,
    version,
    secondsUntilReady = 0,
  }: { readonly key: string; readonly version: string; readonly secondsUntilReady?: number },
): Promise<string> {
  const serving = (name: string, wait: number) =>
    `mkdir -p /www; echo "${name} ${version}" > /www/index.html; sleep ${String(wait)}; exec httpd -f -p 80 -h /www`;
  const reference = (name: string) => `test/${key}-${name}:${version}`;
  const images = [
    await shellImage(reference('back'), serving('back', 0)),
    await shellImage(reference('web'), serving('web', secondsUntilReady)),
  ];
  const component = (name: string, dependsOn: readonly string[]): RamComponentDescription => ({
    key: name,
    image: reference(name),
    dependsOn,
    more: { port_map_list: [port], probes: [probe] },
  });
  return writePackage(folder, {
    key,
    version,
    images,
    components: [component('back', []), component('web', ['back'])],
  });
}
