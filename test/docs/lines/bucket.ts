/** The bucket `photos` of the pages, at the address that they name. */
import {join} from 'node:path';
import process from 'node:process';
import {serve, write} from './typing.ts';
import type {World} from './world.ts';

/** Where the pages have the service. The world needs the address. */
export const bucketHost = '10.0.0.5';

/** The line of a shell that sets the keys which the service takes. */
export const bucketKeys = 'export AWS_ACCESS_KEY_ID=AKIDPAGE AWS_SECRET_ACCESS_KEY=secret';

/** Start the service. @param objects by their keys. */
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
