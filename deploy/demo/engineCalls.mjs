import { addressOf } from '../setup/dockerHost.mjs';

/** Calls of the Docker Engine's HTTP API over plain node, so that the demonstration needs no docker program. */
export function engineCalls(dockerHost) {
  const { client, options } = addressOf(dockerHost, process.env);

  /** Resolves to the status and the whole body; rejects when the engine does not answer. */
  const send = (method, path, body) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers =
        text === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) };
      const request = client.request({ ...options, method, path, headers, agent: false }, (response) => {
        const pieces = [];
        response.on('data', (piece) => pieces.push(piece));
        response.on('end', () =>
          resolve({ status: response.statusCode, text: Buffer.concat(pieces).toString('utf8') }),
        );
        response.on('error', reject);
      });
      request.setTimeout(30_000, () => request.destroy(new Error(`the engine did not answer ${method} ${path}`)));
      request.on('error', reject);
      request.end(text);
    });

  const call = async (method, path, body) => {
    const { status, text } = await send(method, path, body);
    if (status >= 400) throw new Error(`the engine refused ${method} ${path}: ${String(status)} ${text.trim()}`);
    return text;
  };

  return {
    /** Runs a command in a container and answers what it wrote. Rejects when it does not end with 0. */
    async run(container, command) {
      const options = { AttachStdout: true, AttachStderr: true, Tty: true, Cmd: command };
      const { Id } = JSON.parse(await call('POST', `/containers/${container}/exec`, options));
      // With a terminal the output comes as it is, without frames.
      const output = await call('POST', `/exec/${Id}/start`, { Detach: false, Tty: true });
      const { ExitCode } = JSON.parse(await call('GET', `/exec/${Id}/json`));
      if (ExitCode !== 0) throw new Error(`${command.join(' ')} ended with ${String(ExitCode)}: ${output}`);
      return output.replaceAll('\r\n', '\n');
    },

    /** Removes all there is of the instance of that name: for the case that Waybill itself could not. Answers how many things. */
    async sweep(name) {
      const ids = new Set();
      for (const place of ['/containers/json?all=true&', '/networks?'])
        for (const { Labels } of JSON.parse(await call('GET', `${place}${filter('waybill.instance-name', name)}`)))
          ids.add(Labels['waybill.instance']);
      let removed = 0;
      for (const id of ids) removed += await sweepInstance(id);
      return removed;
    },
  };

  async function sweepInstance(id) {
    const own = filter('waybill.instance', id);
    const containers = JSON.parse(await call('GET', `/containers/json?all=true&${own}`));
    for (const { Id } of containers) await send('DELETE', `/containers/${Id}?force=true&v=true`);
    const { Volumes } = JSON.parse(await call('GET', `/volumes?${own}`));
    for (const { Name } of Volumes ?? []) await send('DELETE', `/volumes/${Name}?force=true`);
    const networks = JSON.parse(await call('GET', `/networks?${own}`));
    for (const { Id } of networks) await send('DELETE', `/networks/${Id}`);
    return containers.length + (Volumes ?? []).length + networks.length;
  }
}

const filter = (label, value) => `filters=${encodeURIComponent(JSON.stringify({ label: [`${label}=${value}`] }))}`;

/** Where ports that the engine publishes are reached from here. */
export function hostOfEngine(dockerHost) {
  return dockerHost.startsWith('unix:') ? '127.0.0.1' : new URL(dockerHost).hostname;
}
