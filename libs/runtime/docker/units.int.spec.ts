import { randomUUID } from 'node:crypto';
import Docker from 'dockerode';
import type { ComponentKey, RecordId } from '@waybill/kernel';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Runtime } from '../runtime.js';
import { busyboxImage, type MadeImage } from '../testing/busyboxImage.js';
import { containerOf, inContainer } from './testing/inContainer.js';
import { noSecrets, testInstance, type TestInstance, type TestUnit } from '../testing/testInstance.js';
import { containerName } from './names.js';
import { dockerRuntime } from './dockerRuntime.js';

const docker = new Docker();
let runtime: Runtime;
let busybox: MadeImage;
let instance: TestInstance;

beforeAll(async () => {
  runtime = await dockerRuntime();
  busybox = await busyboxImage();
  await runtime.ensureImage(busybox.image, busybox.source);
});
beforeEach(async () => {
  instance = await testInstance(runtime, 'units');
});
afterEach(() => instance.clear());

const tcpProbe = {
  check: { kind: 'tcp', port: 80 },
  initialDelay: 0,
  period: 0.2,
  timeout: 1,
  successThreshold: 1,
} as const;

const nameOf = ({ ref, spec }: TestUnit): string => containerName(ref, spec, 0);

describe('staging', () => {
  test('makes what is observed afterwards, without name', async () => {
    const unit = instance.unit('web', busybox.image, { replicas: 2 });
    const staged = await runtime.stageUnit(unit.ref, unit.spec, noSecrets);
    expect(staged).toMatchObject({
      ref: unit.ref,
      serving: false,
      replicas: [0, 1].map((replica) => ({
        name: containerName(unit.ref, unit.spec, replica),
        state: 'running',
        health: 'none',
        restarts: 0,
        image: busybox.image.config,
      })),
    });
    expect(await runtime.observe(instance.id)).toEqual([staged]);
  });

  test('again adopts the containers that are there', async () => {
    const unit = instance.unit('web', busybox.image);
    const first = await runtime.stageUnit(unit.ref, unit.spec, noSecrets);
    expect(await runtime.stageUnit(unit.ref, unit.spec, noSecrets)).toEqual(first);
  });

  test('starts a container again that had stopped, and keeps it', async () => {
    const unit = instance.unit('web', busybox.image);
    await instance.stage(unit);
    const id = await containerOf(runtime, unit);
    await docker.getContainer(id).kill();
    expect((await runtime.stageUnit(unit.ref, unit.spec, noSecrets)).replicas).toMatchObject([
      { id, state: 'running' },
    ]);
  });

  test.each(['staging', 'resuming'] as const)(
    'by %s puts a container back on the inside network that a crash in the middle of a switch left off it',
    async (way) => {
      const unit = instance.unit('web', busybox.image, {
        command: "sh -c 'mkdir /w; exec httpd -f -p 80 -h /w'",
        gate: { ...instance.unit('web', busybox.image).spec.gate, probe: tcpProbe },
      });
      await instance.stage(unit);
      const id = await containerOf(runtime, unit);
      const { NetworkSettings } = await docker.getContainer(id).inspect();
      const inside = Object.keys(NetworkSettings.Networks).find((name) => name.endsWith('inside')) ?? '';
      await docker.getNetwork(inside).disconnect({ Container: id });
      if (way === 'staging') await instance.stage(unit);
      else expect(await runtime.resumeUnit(unit.ref)).toBe(true);
      expect(await runtime.gateUnit(unit.ref, unit.spec, { signal: new AbortController().signal })).toEqual({
        kind: 'ready',
      });
    },
  );

  test('does not repeat what ran once and has ended', async () => {
    const unit = instance.unit('job', busybox.image, { lifetime: 'once', command: 'date +%N' });
    await instance.stage(unit);
    await runtime.gateUnit(unit.ref, unit.spec, { signal: new AbortController().signal });
    const before = await runtime.logs(unit.ref, 10);
    await instance.stage(unit);
    expect(await runtime.logs(unit.ref, 10)).toBe(before);
  });

  test('makes a container anew that a crash left unstarted, since it may lack its files', async () => {
    const unit = instance.unit('web', busybox.image, { files: [{ path: '/etc/f', mode: 0o644, content: 'there' }] });
    await docker.createContainer({
      name: nameOf(unit),
      Image: busybox.image.config,
      Labels: {
        'waybill.instance': unit.ref.instance,
        'waybill.component': unit.ref.component,
        'waybill.record': unit.ref.record,
        'waybill.spec': unit.ref.specDigest,
      },
    });
    await instance.stage(unit);
    expect(await inContainer(runtime, unit, 'cat /etc/f')).toBe('there');
  });

  test('replaces a container of the same record that has another specification, and surplus replicas', async () => {
    const old = instance.unit('web', busybox.image, { replicas: 2 });
    await instance.stage(old);
    const changed = instance.unit('web', busybox.image, { env: [{ name: 'A', value: '1' }] });
    const now: TestUnit = { spec: changed.spec, ref: { ...changed.ref, record: old.ref.record } };
    await instance.stage(now);
    expect(await runtime.observe(instance.id)).toMatchObject([{ ref: now.ref, replicas: [{ state: 'running' }] }]);
    expect(await inContainer(runtime, now, 'echo $A')).toBe('1\n');
  });

  test('leaves a container of someone else alone', async () => {
    const unit = instance.unit('web', busybox.image);
    const theirs = await docker.createContainer({ name: nameOf(unit), Image: busybox.image.config });
    try {
      await expect(instance.stage(unit)).rejects.toMatchObject({ code: 'object-not-ours' });
      expect((await theirs.inspect()).State.Status).toBe('created');
    } finally {
      await theirs.remove({ force: true });
    }
  });

  test('is whole or given up when one of its replicas fails: the others are not made behind the caller’s back', async () => {
    const unit = instance.unit('web', busybox.image, { replicas: 6 });
    const theirs = await docker.createContainer({ name: nameOf(unit), Image: busybox.image.config });
    const made = async () =>
      (await runtime.observe(instance.id))
        .filter(({ ref }) => ref.record === unit.ref.record)
        .flatMap(({ replicas }) => replicas.map(({ state }) => state));
    try {
      await expect(instance.stage(unit)).rejects.toMatchObject({ code: 'object-not-ours' });
      expect(await made()).toEqual(Array.from({ length: 5 }, () => 'running'));
      await runtime.retireUnit(unit.ref);
      expect(await made()).toEqual([]);
    } finally {
      await theirs.remove({ force: true });
    }
  });

  test('that the engine refuses leaves its words, and works after the cause is gone', async () => {
    const unit = instance.unit('web', busybox.image, { memoryVolumes: [{ path: 'nowhere' }] });
    await expect(instance.stage(unit)).rejects.toMatchObject({
      code: 'engine-refused',
      details: { reason: expect.stringContaining('nowhere') as string },
    });
    const mended: TestUnit = { ref: unit.ref, spec: { ...unit.spec, memoryVolumes: [] } };
    expect((await runtime.stageUnit(mended.ref, mended.spec, noSecrets)).replicas).toMatchObject([
      { state: 'running' },
    ]);
  });

  test('at the same time gives every container an address of its own', async () => {
    const units = Array.from({ length: 6 }, (_, n) => instance.unit(`c${n}`, busybox.image));
    await Promise.all(units.map((unit) => instance.stage(unit)));
    const addresses = await Promise.all(
      units.map(async (unit) => {
        const { Config } = await docker.getContainer(await containerOf(runtime, unit)).inspect();
        return Config.Labels['waybill.address'];
      }),
    );
    expect(new Set(addresses).size).toBe(6);
  });
});

describe('a container has', () => {
  test('its environment, files, memory volumes and limits as specified', async () => {
    const unit = instance.unit('web', busybox.image, {
      env: [
        { name: 'LINES_', value: 'one\ntwo "three" $HOME' },
        { name: 'DSN', value: { parts: ['db://', { secret: 'pw', version: 3, fingerprint: 'f' }, '@db'] } },
      ],
      files: [
        { path: '/etc/app/deep/a.conf', mode: 0o640, content: 'ünï\n' },
        {
          path: '/run.sh',
          mode: 0o755,
          content: { parts: ['#!/bin/sh\necho ', { secret: 'pw', version: 3, fingerprint: 'f' }] },
        },
      ],
      memoryVolumes: [{ path: '/cache', sizeMiB: 8 }],
      memoryMiB: 64,
      cpuMilli: 500,
    });
    await runtime.stageUnit(unit.ref, unit.spec, ({ secret, version }) => `${secret}-v${version}`);
    expect(await inContainer(runtime, unit, 'echo "$LINES_"; echo $DSN')).toBe(
      'one\ntwo "three" $HOME\ndb://pw-v3@db\n',
    );
    expect(await inContainer(runtime, unit, 'cat /etc/app/deep/a.conf; stat -c "%a %u" /etc/app/deep/a.conf')).toBe(
      'ünï\n640 0\n',
    );
    expect(await inContainer(runtime, unit, '/run.sh')).toBe('pw-v3\n');
    expect(await inContainer(runtime, unit, 'df -m /cache | tail -1 | tr -s " " | cut -d" " -f1,2')).toBe('tmpfs 8\n');
    const { HostConfig } = await docker.getContainer(await containerOf(runtime, unit)).inspect();
    expect([HostConfig.Memory, HostConfig.NanoCpus, HostConfig.Privileged]).toEqual([67_108_864, 500_000_000, false]);
  });

  test('volumes that the image’s content does not seep into, and that outlive it', async () => {
    const full = await busyboxImage({ layers: [{ 'data/seed.txt': 'from the image' }] });
    await runtime.ensureImage(full.image, full.source);
    const name = `wb-test-${randomUUID()}`;
    await runtime.ensureVolume(name, { instance: instance.id, component: 'db' as ComponentKey, volume: 'data' });
    const wishes = { volumes: [{ name, path: '/data', readOnly: false }] };
    const first = instance.unit('db', full.image, wishes);
    await instance.stage(first);
    expect(await inContainer(runtime, first, 'ls /data; echo kept > /data/own; ls /data')).toBe('own\n');
    await runtime.retireUnit(first.ref);
    const second = instance.unit('db', full.image, { volumes: [{ name, path: '/data', readOnly: true }] });
    await instance.stage(second);
    expect(await inContainer(runtime, second, 'cat /data/own; touch /data/x')).toMatch(/^kept\n.*Read-only/);
  });
});

describe('a unit', () => {
  test('that is halted stays stopped without its name, and can be resumed', async () => {
    const unit = instance.unit('web', busybox.image, { command: 'httpd -f -p 8080' });
    await instance.serve(unit);
    expect(await runtime.observe(instance.id)).toMatchObject([{ serving: true }]);
    await runtime.haltUnit(unit.ref, { stopGrace: 1 });
    await runtime.haltUnit(unit.ref);
    expect(await runtime.observe(instance.id)).toMatchObject([{ serving: false, replicas: [{ state: 'exited' }] }]);
    expect(await runtime.resumeUnit(unit.ref)).toBe(true);
    expect(await runtime.resumeUnit(unit.ref)).toBe(true);
    expect(await runtime.observe(instance.id)).toMatchObject([{ serving: false, replicas: [{ state: 'running' }] }]);
    await runtime.switchTraffic(unit.ref, unit.spec, []);
    expect(await runtime.observe(instance.id)).toMatchObject([{ serving: true }]);
  });

  test('that had ended before it was halted is judged anew when it is resumed', async () => {
    const unit = instance.unit('web', busybox.image, {
      command: `sh -c 'test -f /second && exec sleep 60; touch /second; exit 1'`,
      gate: { deadline: 10, settle: 0.5 },
    });
    await instance.stage(unit);
    const seen = async () => (await runtime.observe(instance.id))[0]?.replicas;
    await expect.poll(seen, { timeout: 10_000 }).toMatchObject([{ state: 'running', restarts: 1 }]);
    await runtime.haltUnit(unit.ref);
    await runtime.resumeUnit(unit.ref);
    expect(await seen()).toMatchObject([{ restarts: 0 }]);
    expect(await runtime.gateUnit(unit.ref, unit.spec, { signal: new AbortController().signal })).toEqual({
      kind: 'ready',
    });
  });

  test('of which containers are gone cannot be resumed', async () => {
    const unit = instance.unit('web', busybox.image, { replicas: 2 });
    await instance.stage(unit);
    await runtime.haltUnit(unit.ref);
    await docker.getContainer(await containerOf(runtime, unit)).remove();
    expect(await runtime.resumeUnit(unit.ref)).toBe(false);
    await runtime.retireUnit(unit.ref);
    expect(await runtime.resumeUnit(unit.ref)).toBe(false);
  });

  test('is retired with all its containers, and only them', async () => {
    const gone = instance.unit('web', busybox.image, { replicas: 2 });
    const stays = instance.unit('web', busybox.image);
    await Promise.all([instance.stage(gone), instance.stage(stays)]);
    await runtime.retireUnit(gone.ref);
    await runtime.retireUnit(gone.ref);
    expect((await runtime.observe(instance.id)).map(({ ref }) => ref)).toEqual([stays.ref]);
  });

  test('that cannot serve because it is gone says so', async () => {
    const unit = instance.unit('web', busybox.image);
    await expect(
      runtime.switchTraffic({ ...unit.ref, record: randomUUID() as RecordId }, unit.spec, []),
    ).rejects.toMatchObject({ code: 'engine-refused', details: { reason: 'its containers are gone' } });
  });

  test('shows the last lines of both outputs of every replica', async () => {
    const unit = instance.unit('web', busybox.image, {
      replicas: 2,
      command: `sh -c 'echo a; echo b; sleep 0.5; echo c >&2; sleep 60'`,
    });
    await instance.stage(unit);
    await expect
      .poll(() => runtime.logs(unit.ref, 2), { timeout: 5000 })
      .toBe([0, 1].map((replica) => `--- ${containerName(unit.ref, unit.spec, replica)}\nb\nc\n`).join('\n'));
  });
});
