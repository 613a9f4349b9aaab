/** A thread that makes the blocking calls of a shelf. */
import {parentPort, workerData} from 'node:worker_threads';
import type {DigestRun} from '../digest-shelf.ts';
import type {BlockingShelf} from './blocking-shelf.ts';
import {FolderShelf} from './folder-shelf.ts';
import type {NumberedCall, ShelfCall, ShelfPlace, ShelfReply} from './shelf-messages.ts';
import {SqliteShelf} from './sqlite-shelf.ts';

// `ThreadShelf` starts the thread with the place of the shelf.
const place = workerData as ShelfPlace;
const shelf: BlockingShelf =
  place.kind === 'database' ? new SqliteShelf(place.file) : new FolderShelf(place.folder);

parentPort?.on('message', ({id, call}: NumberedCall) => {
  try {
    reply({id, runs: answer(call)});
  } catch (error) {
    reply({id, error: error instanceof Error ? error.message : String(error)});
  }
});

function answer(call: ShelfCall): DigestRun[] {
  switch (call.do) {
    case 'load':
      return shelf.load(call.key);
    case 'save':
      shelf.save(call.sections);
      return [];
    case 'close':
      shelf.close();
      return [];
  }
}

function reply(reply: ShelfReply): void {
  parentPort?.postMessage(reply);
}
