/** Remembered digests of partials, so that these need not be hashed again. */
import type {DigestAlgorithm} from '../../../protocol/block.ts';

export type KnownPartial = {
  /** The version of the remote file that the blocks belong to. */
  version: string;
  algorithm: DigestAlgorithm;
  /** Size, times and inode of the partial at that time; see `PartialFile.state`. */
  state: string;
  /** 32 bytes a block, from the first block on. Zeros stand for a block that is not verified. */
  digests: Uint8Array;
};

/** Remembers the partials of one folder, by their final names. */
export type KnownPartials = {
  recall(name: string): KnownPartial | undefined;
  remember(name: string, known: KnownPartial): void;
  forget(name: string): void;
};
