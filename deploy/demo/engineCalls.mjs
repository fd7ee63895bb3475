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

    /** Removes whatever carries the instance's label: for the case that Waybill itself could not. */
    async sweep(instance) {
      const filters = encodeURIComponent(JSON.stringify({ label: [`waybill.instance=${instance}`] }));
      const containers = JSON.parse(await call('GET', `/containers/json?all=true&filters=${filters}`));
      for (const { Id } of containers) await send('DELETE', `/containers/${Id}?force=true&v=true`);
      const { Volumes } = JSON.parse(await call('GET', `/volumes?filters=${filters}`));
      for (const { Name } of Volumes ?? []) await send('DELETE', `/volumes/${Name}?force=true`);
      const networks = JSON.parse(await call('GET', `/networks?filters=${filters}`));
      for (const { Id } of networks) await send('DELETE', `/networks/${Id}`);
      return containers.length + (Volumes ?? []).length + networks.length;
    },
  };
}

/** Where ports that the engine publishes are reached from here. */
export function hostOfEngine(dockerHost) {
  return dockerHost.startsWith('unix:') ? '127.0.0.1' : new URL(dockerHost).hostname;
}
