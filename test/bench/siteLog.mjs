import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { derivedId, sha256 } from '@waybill/kernel';
import { recorded } from './someLog.mjs';

const LIBS = join(import.meta.dirname, '../../libs');

/** The data of an event type as the newest golden file has it, so that these logs follow every change of shape. */
const shapes = new Map(
  ['access', 'catalog', 'delivery'].flatMap((context) => {
    const folder = join(LIBS, context, 'domain/golden');
    return readdirSync(folder, { recursive: true })
      .filter((file) => file.endsWith('.json'))
      .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')))
      .sort((a, b) => versionOf(a.type) - versionOf(b.type))
      .map(({ type, data }) => [type.replace(/\.v\d+$/, ''), { type, data }]);
  }),
);
function versionOf(type) {
  return Number(/\d+$/.exec(type)[0]);
}

/** An event of that type, with these members written over what the golden file has. */
export function event(name, changes) {
  const { type, data } = shapes.get(name);
  return { type, data: { ...data, ...changes } };
}

const digest = (...parts) => sha256(Buffer.from(parts.join(' ')));
const COMPONENTS = ['web', 'api', 'db'];

/**
 * What happens at a site in years, as appends `{stream, events}` in the order they happened: of a thousand events some 640 belong to rollouts,
 * 120 to imports and publications, 90 are settings, 130 pieces of documents, 20 tokens and roles. Endless; whoever calls takes what is wanted.
 */
export function* siteHistory({ instances = 200, templates = 40 } = {}) {
  for (let instance = 0; instance < instances; instance += 1) yield* newInstance(instance, instance % templates);
  for (let round = 0; ; round += 1) {
    for (let instance = 0; instance < instances; instance += 1) {
      if (instance % 3 === round % 3) yield* settings(instance, round);
      yield* rollout(instance, round, instance % templates);
      if (instance % 5 === 0) yield* imported((round * instances + instance) % templates, round * instances + instance);
      if (instance % 25 === 0) yield* published((round + instance) % templates, round * instances + instance);
      if (instance % 20 === 0) yield* account(round * instances + instance);
    }
  }
}

const instanceId = (n) => derivedId('bench instance', String(n));
const stream = (n) => `instance-${instanceId(n)}`;
const templateName = (n) => `template-of-bench-${n}`;

function* newInstance(n, template) {
  const key = templateName(template);
  yield {
    stream: stream(n),
    events: [event('instance-created', { instance: instanceId(n), name: `shop-${n}`, template: { key, name: key } })],
  };
}

function* settings(n, round) {
  const change = (component) =>
    event('setting-changed', { component, path: `env/LOG_LEVEL_${round % 7}`, value: { text: `value ${round}` } });
  yield { stream: stream(n), events: COMPONENTS.map(change) };
}

function* rollout(n, round, template) {
  const record = derivedId('bench record', String(n), String(round));
  const version = (number) => ({ version: `1.${number}`, manifest: digest('manifest', template, number) });
  const plan = digest('plan', record);
  const desired = digest('desired', record);
  yield document(plan, 1_600);
  yield document(desired, 900);
  const kind = round === 0 ? 'install' : 'upgrade';
  const from = round === 0 ? null : version(round - 1);
  const facts = { record, kind, plan, desired, from, to: version(round), components: COMPONENTS };
  for (const each of recordEvents(facts)) yield { stream: stream(n), events: [each] };
}

/** What a record that succeeds leaves in the log of its instance. */
export function recordEvents({ record, components, ports = [], ...facts }) {
  const proposed = event('plan-proposed', { record, ports, ...facts });
  delete proposed.data.undoes;
  const applied = components.flatMap((component) => {
    const specDigest = digest('spec', record, component);
    const made = {
      containers: [{ id: specDigest.slice(7), name: `wb-${component}` }],
      image: digest('image', record, component),
    };
    return [
      event('component-apply-intended', { record, component, specDigest }),
      event('component-applied', { record, component, specDigest, ...made }),
    ];
  });
  const serving = components.map((component) => ({ component, serving: 'new' }));
  return [
    proposed,
    event('rollout-started', { record }),
    ...applied,
    event('rollout-completed', { record, components: serving }),
  ];
}

function* imported(template, n) {
  const id = derivedId('bench import', String(n));
  const at = (name, changes = {}) => ({ stream: `import-${id}`, events: [event(name, changes)] });
  const named = {
    template: templateName(template),
    name: templateName(template),
    version: `2.${n}`,
    manifest: digest('imported', n),
  };
  yield document(digest('inspection', n), 1_500);
  yield document(named.manifest, 4_000);
  yield at('import-requested');
  yield at('package-received', { digest: digest('file', n) });
  yield at('package-inspected', named);
  yield at('import-confirmed', { version: named.version, manifest: named.manifest });
  yield at('images-stored');
  yield {
    stream: `template-${named.template}`,
    events: [event('version-imported', { ...named, normalised: named.version, import: id })],
  };
  yield at('import-completed', { template: named.template, version: named.version });
}

function* published(template, n) {
  const named = {
    template: templateName(template),
    name: templateName(template),
    version: `3.${n}`,
    manifest: digest('published', n),
  };
  yield document(named.manifest, 4_000);
  yield {
    stream: `template-${named.template}`,
    events: [event('version-published', { ...named, normalised: named.version })],
  };
}

function* account(n) {
  const at = (name, changes) => ({
    stream: `account-person-${n}`,
    events: [event(name, { account: `person-${n}`, ...changes })],
  });
  yield at('token-issued', { hash: digest('token', n).slice(7), tokenId: derivedId('bench token', String(n)) });
  yield at('role-granted', {});
}

/** A document of that size, with what ends it. */
const document = (name, size) => ({
  stream: `document-${name.slice(7)}`,
  events: [
    { type: 'document-piece.v1', data: Buffer.alloc(size, name) },
    { type: 'document-completed.v1', data: { pieces: 1, size } },
  ],
});

/** Writes about so many events of a site's history and answers how many. */
export async function fillSiteLog(store, count) {
  const ends = new Map();
  const appends = [];
  let written = 0;
  for (const { stream, events } of siteHistory()) {
    if (written >= count) break;
    const end = ends.get(stream) ?? -1n;
    appends.push(
      store.append(
        stream,
        end < 0n ? 'no_stream' : end,
        events.map((each, i) => recorded(written + i, each)),
      ),
    );
    ends.set(stream, end + BigInt(events.length));
    written += events.length;
    // The embedded store keeps the order of the calls.
    if (appends.length >= 500) await Promise.all(appends.splice(0));
  }
  await Promise.all(appends);
  return written;
}
