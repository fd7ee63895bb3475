import { stringify } from 'yaml';
import type { Composed } from './composed.js';
import { serviceBody, volumeNames, type Service } from './services.js';

/**
 * `docker-compose.yaml`, as Compose 1.29 and 2 read it alike: without a version, which the one would not ask for and the other warns of. Texts are
 * quoted, since the one takes `on` and `1:30` for something else than the other.
 */
export function composeFile(
  services: readonly Service[],
  composed: Composed,
  isChecked: Parameters<typeof serviceBody>[2],
): string {
  const { template, version } = composed.manifest;
  const body = {
    services: Object.fromEntries(
      services.map((service) => [service.component.host, serviceBody(service, composed, isChecked)]),
    ),
    volumes: Object.fromEntries(volumeNames(services, composed).map((name) => [name, {}])),
  };
  const head = `# ${oneLine(template.name)} ${oneLine(version)}. Values come from .env; put changes of your own into docker-compose.override.yaml.\n`;
  return (
    head +
    stringify(body, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', compat: 'yaml-1.1', lineWidth: 0 })
  );
}

/** Names are for people and may hold anything. */
export const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
