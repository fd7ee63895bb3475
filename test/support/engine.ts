import Docker from 'dockerode';

/** The engine that the tests run on; `engine.globalSetup.ts` has made sure that it answers. */
export const engine = (): Docker => {
  const host = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
  return host.startsWith('unix://') ? new Docker({ socketPath: host.slice('unix://'.length) }) : new Docker();
};

/** Everything of an instance on the engine, stopped containers too. */
export const containersOf = (instance: string, docker = engine()): Promise<Docker.ContainerInfo[]> =>
  docker.listContainers({ all: true, filters: { label: [`waybill.instance=${instance}`] } });

/** Runs a shell line in a container and answers what it printed. */
export async function execIn(container: string, line: string): Promise<string> {
  const exec = await engine()
    .getContainer(container)
    .exec({ Cmd: ['/bin/sh', '-c', line], AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({ hijack: true, stdin: false });
  const pieces: Buffer[] = [];
  const sink = { write: (piece: Buffer) => pieces.push(piece) > 0 };
  engine().modem.demuxStream(
    stream,
    sink as unknown as NodeJS.WritableStream,
    sink as unknown as NodeJS.WritableStream,
  );
  await new Promise((resolve, reject) => stream.on('end', resolve).on('error', reject));
  return Buffer.concat(pieces).toString('utf8');
}

/** Removes what tests left of these instances, whatever happened to them. */
export async function cleanInstances(instances: Iterable<string>): Promise<void> {
  const docker = engine();
  for (const instance of instances) {
    const filters = { label: [`waybill.instance=${instance}`] };
    for (const { Id } of await docker.listContainers({ all: true, filters }))
      await docker.getContainer(Id).remove({ force: true, v: true });
    for (const { Id } of await docker.listNetworks({ filters })) await docker.getNetwork(Id).remove();
    const { Volumes } = (await docker.listVolumes({ filters })) as unknown as {
      readonly Volumes: readonly { readonly Name: string }[] | null;
    };
    for (const { Name } of Volumes ?? []) await docker.getVolume(Name).remove();
  }
}

/** Everything that an instance has on the engine, for proving that nothing was left. */
export async function tracesOf(instance: string, docker = engine()): Promise<readonly string[]> {
  const filters = { label: [`waybill.instance=${instance}`] };
  const { Volumes } = (await docker.listVolumes({ filters })) as unknown as {
    readonly Volumes: readonly { readonly Name: string }[] | null;
  };
  const traces = [
    ...(await docker.listContainers({ all: true, filters })).map(({ Names }) => `container ${Names.join()}`),
    ...(await docker.listNetworks({ filters })).map(({ Name }) => `network ${Name}`),
    ...(Volumes ?? []).map(({ Name }) => `volume ${Name}`),
  ];
  return traces.sort();
}
