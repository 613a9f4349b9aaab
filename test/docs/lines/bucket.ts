/** The bucket `photos` of the pages, at the address that the pages name. */
import {join} from 'node:path';
import process from 'node:process';
import {serve, write} from './typing.ts';
import type {World} from './world.ts';

/** The address of the service on the pages. The world must have it. */
export const bucketHost = '10.0.0.5';

/** The shell command of the page that sets the keys of the service. */
export const bucketKeys = 'export AWS_ACCESS_KEY_ID=AKIDPAGE AWS_SECRET_ACCESS_KEY=secret';

/** Start the service. @param objects the content of each object, by its key. */
export async function startBucket(
  world: World,
  objects: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const folder = join(world.own.srv, 'bucket');
  for (const [key, content] of objects) {
    write(join(folder, key), content);
  }

  const program = join(import.meta.dirname, 'false-bucket.ts');
  await serve(world, `'${process.execPath}' '${program}' ${bucketHost} 7480 photos /srv/bucket`);
}
