/** What those have to know who compare, copy or fetch blocks of one remote file. */
import type {DigestAlgorithm} from '../../../protocol/block.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {PartialFile} from '../disk/partial-file.ts';
import type {BlockPlan} from './block-plan.ts';
import type {FileProgress} from './file-progress.ts';

/** One version of the file, and the digests that name its blocks. */
export type RemoteVersion = {
  remotePath: RemotePath;
  version: string;
  algorithm: DigestAlgorithm;
};

/** Its blocks: those that are on disk, and checked, are marked as done in the plan. */
export type RemoteBlocks = RemoteVersion & {plan: BlockPlan};

/** And where they go, and are counted. */
export type BlockJob = RemoteBlocks & {partial: PartialFile; progress: FileProgress};
