import type Docker from 'dockerode';
import type { BuiltImage } from '@waybill/packaging/testing';
import { engine } from './engine.js';

/** Which of these images the engine has, by id. */
export async function heldBy(images: readonly BuiltImage[]): Promise<readonly string[]> {
  const held = await Promise.all(images.map(async ({ id }) => ((await inspected(id)) === undefined ? [] : [id])));
  return held.flat();
}

/** Takes images of a test's own from the engine, where they are. */
export async function removeImages(images: readonly BuiltImage[]): Promise<void> {
  for (const { id } of images) {
    const found = await inspected(id);
    for (const name of found?.RepoTags ?? []) await engine().getImage(name).remove({ force: true });
  }
}

async function inspected(id: string): Promise<Docker.ImageInspectInfo | undefined> {
  try {
    return await engine().getImage(id).inspect();
  } catch (error) {
    if ((error as { statusCode?: unknown }).statusCode === 404) return undefined;
    throw error;
  }
}
