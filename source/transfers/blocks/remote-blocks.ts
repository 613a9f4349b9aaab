/** One remote file, for the modules that compare, copy or fetch its blocks. */
import type {DigestAlgorithm} from '../../../protocol/block.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {Digests} from '../../client/client.ts';
import type {PartialFile} from '../disk/partial-file.ts';
import type {BlockPlan} from './block-plan.ts';
import type {FileProgress} from './file-progress.ts';

/** One version of the file, and the algorithm of its block digests. */
type RemoteVersion = {
  remotePath: RemotePath;
  version: string;
  algorithm: DigestAlgorithm;
  /** The digests that its blocks must have, whatever the server sends later. Default: any. */
  expected?: Digests | undefined;
};

/** With the plan of its blocks: blocks that are on disk and verified are done. */
export type RemoteBlocks = RemoteVersion & {plan: BlockPlan};

/** With the partial that the blocks are written to, and the counters of the download. */
export type BlockJob = RemoteBlocks & {partial: PartialFile; progress: FileProgress};
