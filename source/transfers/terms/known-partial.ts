/** Digests of partials that are remembered, so that they need not be hashed again. */
import type {DigestAlgorithm} from '../../../protocol/block.ts';

export type KnownPartial = {
  /** Of the remote file whose blocks they are. */
  version: string;
  algorithm: DigestAlgorithm;
  /** Size, times and inode of the partial at that time; see `PartialFile.state`. */
  state: string;
  /** 32 bytes a block from the front; zeros stand for a block that is not verified. */
  digests: Uint8Array;
};

/** Remembers the partials in one folder, by their final names. */
export type KnownPartials = {
  recall(name: string): KnownPartial | undefined;
  remember(name: string, known: KnownPartial): void;
  forget(name: string): void;
};
