import { get, keepAsking } from './requests.mjs';

const PACKAGES = {
  first: 'test/fixtures/backend-system-1.0-ram.tar.gz',
  second: 'test/fixtures/backend-system-2.0-ram.tar.gz',
};
const TEMPLATE = 'backend-system';
const DATABASE = '数据库 MySQL';
const MODULE = '业务模块D';

let chapters = 0;

const say = (text) => process.stdout.write(`\n${text}\n`);
const chapter = (title) => say(`── ${String((chapters += 1))}. ${title}`);

function check(holds, what) {
  if (!holds) throw new Error(`This was expected, but is not so: ${what}`);
  process.stdout.write(`✓ ${what}\n`);
}

/** The whole way of an application: from the package file to the rollback. Rejects at the first thing that is not as it should be. */
export async function carryThrough({ instance, port, waybill, engine, host }) {
  const show = () => waybill.read('show', instance);

  chapter('A package arrives on a disk. What is in it? (No server is asked.)');
  await waybill.run('inspect', PACKAGES.first);

  chapter('Its version 1.0 is taken into the catalog.');
  await waybill.run('import', '--confirm', PACKAGES.first);
  await waybill.run('template', 'list');

  chapter('It is installed. This site wants less logging than the template says, and web on a port of its choice.');
  const wishes = ['--set', 'web.LOG_LEVEL=warn', '--publish', `web:80=${String(port)}`];
  await waybill.run('install', TEMPLATE, '1.0', '--name', instance, ...wishes, '--yes');
  await waybill.run('show', instance);
  const installed = await show();
  checkHealthy(installed, ['web', DATABASE]);

  check(portOf(installed, 'web') === port, `web is published on port ${String(port)} of the host`);
  const url = `http://${host}:${String(port)}/`;
  say(`The port of web on the host is open: GET ${url}`);
  const first = await get(url);
  process.stdout.write(`${first}\n`);
  check(/^web 1\.0 db=.+:3306/.test(first), 'web 1.0 answers, and knows where its database is');

  chapter('The application works, and its database holds data: a marker is written into its volume.');
  const marker = `written by ${instance} at ${new Date().toISOString()}`;
  await engine.run(containerOf(installed, DATABASE), ['/bin/sh', '-c', `echo "${marker}" > /data/marker`]);
  process.stdout.write(`/data/marker: ${marker}\n`);

  chapter('Version 2.0 arrives. What would it change here, and what would it leave alone?');
  await waybill.run('import', '--confirm', PACKAGES.second);
  await waybill.run('upgrades', instance);
  await waybill.run('plan', instance);
  checkPlan(await waybill.read('plan', instance));

  chapter('The upgrade, while somebody keeps asking web for its page, over a new connection every few milliseconds.');
  const asking = keepAsking(url);
  let seen;
  try {
    await waybill.run('upgrade', instance, '--reason', 'the demonstration', '--yes');
  } finally {
    seen = await asking.stop();
  }
  tellRequests(seen);
  await waybill.run('show', instance);
  const upgraded = await show();
  checkHealthy(upgraded, ['web', DATABASE, MODULE]);
  const second = await get(url);
  check(second.startsWith('web 2.0 '), `web answers from version 2.0 on the same port: ${second}`);

  chapter('Something about 2.0 does not please: the upgrade is rolled back.');
  await waybill.run('rollback', instance, '--reason', '2.0 does not please', '--yes');
  await waybill.run('show', instance);
  const back = await show();
  checkHealthy(back, ['web', DATABASE, MODULE]);
  check((await get(url)).startsWith('web 1.0 '), 'web answers from version 1.0 again');
  const kept = (await engine.run(containerOf(back, DATABASE), ['/bin/sh', '-c', 'cat /data/marker'])).trim();
  check(kept === marker, `the data is what it was: /data/marker still says "${kept}"`);
  const left = back.components.find(({ name }) => name === MODULE);
  check(
    back.version === '1.0' && left?.version === '2.0',
    `${MODULE}, which the upgrade added, still runs and is named as being of version 2.0`,
  );

  chapter('All of it is in the history, and the past can be asked for.');
  await waybill.run('history', instance);
  const records = (await waybill.read('history', instance)).items;
  check(
    records.map(({ kind, status }) => `${kind} ${status}`).join(', ') ===
      'install completed, upgrade completed, rollback completed',
    'the history has three records: an install, an upgrade, a rollback',
  );
  await waybill.run('state', instance, '--at', records[1].endedAt);

  chapter('The instance is removed with its volumes.');
  await waybill.run('remove', instance, '--volumes', '--yes');
  check(!(await waybill.read('list')).items.some(({ name }) => name === instance), `"${instance}" is gone`);
  say('That was the whole way: package, install, upgrade, rollback, history.');
}

function checkHealthy({ live = [], liveUnknown }, names) {
  if (liveUnknown !== undefined) throw new Error(`The engine cannot be asked: ${liveUnknown}`);
  const conditions = live.map(({ name, condition }) => `${name} ${condition}`).sort();
  const expected = names.map((name) => `${name} healthy`).sort();
  check(conditions.join() === expected.join(), `healthy: ${names.join(', ')}`);
}

function checkPlan({ items }) {
  const at = (name, path) => items.find((item) => item.component?.name === name && item.path === path);
  check(at(MODULE, 'component')?.action === 'add', `the plan adds ${MODULE}`);
  check(
    [DATABASE, 'web'].every((name) => at(name, 'image')?.verdict === 'change'),
    'the plan changes the images of the two that are there',
  );
  check(at('web', 'env/LOG_LEVEL')?.after?.text === 'warn', 'LOG_LEVEL stays what this site has set');
  check(
    at(DATABASE, 'file//etc/my.cnf')?.verdict === 'keep',
    'the configuration file /etc/my.cnf stays as the site has it',
  );
}

function tellRequests({ requests, failed, longestGap, answers, reasons }) {
  process.stdout.write(
    `\n${String(requests)} requests during the upgrade, ${String(failed)} failed; the longest time without an answer was ${longestGap.toFixed(0)} ms.\n`,
  );
  for (const [answer, count] of answers) process.stdout.write(`  ${String(count)} × ${answer}\n`);
  for (const [reason, count] of reasons) process.stdout.write(`  ${String(count)} × failed: ${reason}\n`);
  if (failed > 0)
    process.stdout.write(
      'The port of the host passes from the old container to the new one; in the moment between, nothing listens there.\n',
    );
}

function portOf({ components }, name) {
  const port = components.find((component) => component.name === name)?.ports[0]?.hostPort;
  if (port === undefined) throw new Error(`${name} has no port on the host`);
  return port;
}

function containerOf({ live }, name) {
  const container = live.find((component) => component.name === name)?.containers[0]?.id;
  if (container === undefined) throw new Error(`${name} has no container`);
  return container;
}
