import type { Notice } from '../package.js';
import { replicasOf, type RunningComponent } from '../running/items.js';
import { volumesOf } from '../running/volumes.js';
import type { Composed } from './composed.js';
import { oneLine } from './composeFile.js';
import { packageFiles } from './files.js';
import { AT_TIMES, volumeNames, type Service } from './services.js';

/** `README.txt`, for whoever stands before the machine with nothing but this package. */
export function readme(
  services: readonly Service[],
  composed: Composed,
  facts: { readonly manifestDigest: string; readonly notices: readonly Notice[] },
): string {
  const { manifest, project, variables, ports } = composed;
  const title = `${oneLine(manifest.template.name)} ${oneLine(manifest.version)}`;
  const secrets = [...variables.values()].filter(({ kind }) => kind === 'secret');
  return [
    title,
    '='.repeat(Math.min(title.length, 80)),
    '',
    'An application as a package for Docker Compose. It needs a machine with Docker Engine and Docker Compose',
    '(the plugin "docker compose", or the program docker-compose from 1.29 on). It needs no network.',
    '',
    'Do this, in this folder:',
    '',
    '  ./run.sh start     compares the files with SHA256SUMS, loads the images where they are missing, starts everything',
    '  ./run.sh status    what runs, and whether it is well',
    '  ./run.sh stop      stops everything; data and secrets stay',
    '  ./run.sh load      only loads the images; then "docker compose up -d" works as well',
    '',
    'On a disk without execution rights say "sh run.sh start".',
    '"docker compose" stands for whichever of the two you have. To see what a service says:',
    '',
    '  docker compose logs --tail 100 NAME',
    '',
    ...section(
      'What runs',
      services.flatMap((service) => serviceLines(service, composed)),
    ),
    ...section(
      'Ports of this machine',
      ports.length === 0
        ? ['None: nothing is to be reached from outside.']
        : ports.map(
            ({ component, containerPort, protocol, variable }) =>
              `${variable.fallback}${protocol === 'udp' ? '/udp' : ''} leads to ${hostOf(composed, component)}, port ${String(containerPort)}. Another one: ${variable.name}= in .env`,
          ),
    ),
    ...section('Values', [
      'The file .env is made at the first start, readable for you only. What it may say, with what holds otherwise,',
      'is in .env.example. Write NAME=value, without quotes, then ./run.sh start. You may write .env before the first start.',
      'Whatever else you want to change belongs into docker-compose.override.yaml, which Compose reads as well.',
      'The files of the package are compared with SHA256SUMS at every start: leave them as they are.',
      ...(secrets.length === 0
        ? []
        : [
            '',
            'Generated at the first start and kept in .env, the only copy; who uses one finds the same value as who checks it:',
            ...secrets.map(({ name, meaning }) => `  ${name}: ${oneLine(meaning)}`),
            'Once data was written with a secret, another value in .env locks you out of it. Keep a copy of .env with your backups.',
          ]),
    ]),
    ...section('Where the data is', dataLines(services, composed)),
    ...section('Two of them, or a newer version', [
      `All of it goes by COMPOSE_PROJECT_NAME in .env, which is ${project} unless you say otherwise. A second one on this machine`,
      'needs another name and other ports. For a newer version unpack its package beside this one, copy .env (and',
      'docker-compose.override.yaml) into its folder and start it there: it takes over volumes, ports and secrets.',
    ]),
    ...section('To be rid of it', [
      'docker compose down              removes containers and network; data stays',
      'docker compose down --volumes    removes the data as well, for good',
      `docker image rm ${services.map(({ reference }) => reference).join(' ')}`,
    ]),
    ...section(
      'What this package does not do, though the template says it',
      facts.notices.length === 0
        ? ['Nothing was left out.']
        : facts.notices.map(({ subject, message }) => `- ${subject}: ${oneLine(message)}`),
    ),
    ...section('Where it comes from', [
      `Template:  ${oneLine(manifest.template.key)}`,
      `Version:   ${oneLine(manifest.version)}`,
      `Manifest:  ${facts.manifestDigest}`,
      'The digest tells what this version is; whoever published it can confirm it. This format has no signature: SHA256SUMS',
      'shows damage, not forgery. A package of the format waybill is signed, and can be imported; this one cannot.',
    ]),
  ].join('\n');
}

const section = (title: string, lines: readonly string[]): readonly string[] => [
  title,
  '-'.repeat(title.length),
  ...lines,
  '',
];

const hostOf = ({ running }: Composed, key: string): string => running.components[key]?.host ?? key;

function serviceLines({ component, workload, reference }: Service, composed: Composed): readonly string[] {
  const replicas = replicasOf(component);
  const kind =
    workload.kind === 'cron'
      ? `not started: docker compose --profile ${AT_TIMES} run --rm ${component.host}`
      : workload.kind === 'job'
        ? 'runs once at every start and ends'
        : replicas > 1
          ? `${String(replicas)} containers`
          : 'keeps running';
  return [
    `${component.host}: ${oneLine(component.name)}; ${kind}`,
    `  image ${reference}`,
    ...packageFiles(component, composed).map(({ path, used }) => `  finds ${used} at ${oneLine(path)}`),
  ];
}

function dataLines(services: readonly Service[], composed: Composed): readonly string[] {
  const names = volumeNames(services, composed);
  if (names.length === 0) return ['Nothing is kept: no service has a volume.'];
  const seenBy = (name: string) =>
    services
      .flatMap(({ component }) =>
        placesOf(component, composed, name).map((path) => `${component.host} at ${oneLine(path)}`),
      )
      .join(', ');
  return [
    'In volumes of the engine, whose names begin with the project name:',
    ...names.map((name) => `  ${composed.project}_${name}: ${seenBy(name)}`),
    'To copy one: docker run --rm -v VOLUME:/data -v "$PWD":/to IMAGE tar -cf /to/data.tar /data  (any image with tar)',
  ];
}

const placesOf = (component: RunningComponent, { running }: Composed, volume: string): readonly string[] =>
  volumesOf(component, running)
    .filter(({ name }) => name === volume)
    .map(({ path }) => path);
