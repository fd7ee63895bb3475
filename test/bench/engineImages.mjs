import { setTimeout as pause } from 'node:timers/promises';
import Docker from 'dockerode';

/** The images of a bench on the engine, by their ids; no others are touched. */
export function imagesOf(ids) {
  const docker = new Docker();
  const all = [...new Set(ids)].map((id) => `sha256:${id}`);
  const isThere = (id) =>
    docker
      .getImage(id)
      .inspect()
      .then(() => true, notFound);
  return {
    async remove() {
      for (const id of all) if (await isThere(id)) await docker.getImage(id).remove({ force: true });
    },
    /** Resolves when the engine has these. */
    async there(wanted) {
      for (const id of wanted) while (!(await isThere(`sha256:${id}`))) await pause(10);
    },
  };
}

function notFound(error) {
  if (error.statusCode === 404) return false;
  throw error;
}
