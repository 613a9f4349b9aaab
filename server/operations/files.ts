/**
 * Many small files in a few frames. A file that cannot be sent has an error in its position, and the others are still
 * sent. A rejection of `store.load` itself fails the whole request.
 *
 *     paths ─► some files ─load─► bytes ─digest─► [facts of each] [bytes as they were read] ─► socket
 */
import {Buffer} from 'node:buffer';
import {setImmediate as nextTurn} from 'node:timers/promises';
import {
  encodePackedHead,
  mostPacked,
  mostPackedBytes,
  type PackedError,
  type PackedFacts,
} from '../../protocol/batches/packed-files.ts';
import {type DigestAlgorithm, digestOf} from '../../protocol/block.ts';
import {displayName} from '../../protocol/display-text.ts';
import {throwIfAborted} from '../../protocol/errors.ts';
import {type CheckedRequests, encodeAnswer} from '../../protocol/messages.ts';
import type {FileToLoad, LoadedFiles} from '../store/store.ts';
import type {Exchange, Operation} from './exchange.ts';

/** How long to work in one turn of the event loop, in milliseconds. */
const sliceMs = 2;

/** Whole small files, each with its digest. */
export const files: Operation<CheckedRequests['files']> = async ({files, algorithm}, exchange) => {
  const {output, signal, store} = exchange;
  let sliceEnd = performance.now() + sliceMs;
  for (let done = 0; done < files.length; ) {
    if (performance.now() >= sliceEnd) {
      await nextTurn();
      sliceEnd = performance.now() + sliceMs;
    }

    throwIfAborted(signal);
    const some = frameFrom(files, done);
    const loading = store.load(some, signal);
    const loaded = loading instanceof Promise ? await loading : loading;
    done += loaded.files.length;
    logFaults(some, loaded, exchange);
    const bytes = bytesOf(loaded);
    const head = encodePackedHead(packed(loaded, bytes, algorithm));
    if (bytes.length === 0) {
      await output.send(head);
    } else {
      await output.queue(head);
      await output.send(bytes);
    }
  }

  await output.send(encodeAnswer('end', {count: files.length}));
};

/** The `files` from index `from` on that fit into a frame. */
function frameFrom(files: readonly FileToLoad[], from: number): readonly FileToLoad[] {
  let to = from;
  for (let bytes = 0; to < files.length && to - from < mostPacked; to++) {
    bytes += files[to]?.[1] ?? 0;
    if (bytes > mostPackedBytes) {
      break;
    }
  }

  return files.slice(from, to);
}

function bytesOf({bytes}: LoadedFiles): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function packed(
  {files}: LoadedFiles,
  bytes: Buffer,
  algorithm: DigestAlgorithm,
): Array<PackedFacts | PackedError> {
  let at = 0;
  return files.map(file => {
    if (file.kind === 'error') {
      return file;
    }

    const {kind, size, mtimeMs, version} = file;
    at += size;
    return {
      kind,
      size,
      mtimeMs,
      version,
      digest: digestOf(algorithm, bytes.subarray(at - size, at)),
    };
  });
}

/** Log errors whose reason the client does not get. */
function logFaults(files: readonly FileToLoad[], loaded: LoadedFiles, {log}: Exchange): void {
  for (const [index, file] of loaded.files.entries()) {
    if (file.kind === 'error' && file.code === 'internal') {
      const path = displayName(files[index]?.[0] ?? '');
      log.write('error', {path, cause: displayName(file.cause)}, 'a small file failed');
    }
  }
}
