/** Small files of one group that are written, by this process or by its writer, and have no names yet. */
import type {RemoteVersion} from '../../terms/verdict.ts';
import type {SmallFile} from './small-file.ts';

export type Written = {
  readonly file: SmallFile;
  readonly remote: RemoteVersion;
  readonly sha256: string | undefined;
};

export type WrittenFiles = {
  readonly files: readonly Written[];
  /** @throws JangadaError if any of them cannot be flushed. */
  flush(): Promise<void>;
  /**
   * Close all, and name those that are wanted; files that cannot be named are told so. With `failure`,
   * all have failed with its error.
   *
   * @returns those that were named.
   */
  name(failure: {error: unknown} | undefined): Promise<readonly Written[]>;
};
