/** What is known of partials without hashing them. */
import type {DigestAlgorithm} from '../../../protocol/block.ts';

export type KnownPartial = {
  /** Of the remote file whose blocks they are. */
  version: string;
  algorithm: DigestAlgorithm;
  /** What the file system said of the partial; see `PartialFile.state`. */
  state: string;
  /** 32 bytes a block from the front; zeros stand for a block that is not verified. */
  digests: Uint8Array;
};

/** What is known of the partials in one folder, by their final names. */
export type KnownPartials = {
  recall(name: string): KnownPartial | undefined;
  remember(name: string, known: KnownPartial): void;
  forget(name: string): void;
};
