/** The messages to and from a thread that hashes. */
import type {DigestAlgorithm, HashAlgorithm} from '../../../../protocol/block.ts';
import type {BlockSpan} from '../../store.ts';

export type HashJob =
  | {
      kind: 'digests';
      /** The descriptor of the file, open for reading until the job has ended. */
      descriptor: number;
      /** Bytes of the file. */
      size: number;
      algorithm: DigestAlgorithm;
      /** Blocks to hash, in this order. */
      spans: readonly BlockSpan[];
    }
  | {
      kind: 'hash';
      descriptor: number;
      /** Bytes from the front. */
      length: number;
      algorithm: HashAlgorithm;
    };

export type HashCommand = {id: number} & ({do: 'start'; job: HashJob} | {do: 'stop'});

export type HashReport = {id: number} & (
  | {state: 'running'; done: number; first?: number; digests?: Uint8Array}
  | {state: 'done'; digest?: string}
  /** The file has become shorter. */
  | {state: 'short'}
  | {state: 'stopped'}
  | {state: 'failed'; message: string}
);
