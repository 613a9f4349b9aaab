/** Jangada as a library: look through a server's files and fetch them, verified. */
export type {Address} from '../protocol/address.ts';
export {formatAddress, parseAddress} from '../protocol/address.ts';
export type {ErrorCode} from '../protocol/errors.ts';
export {isJangadaError, JangadaError} from '../protocol/errors.ts';
export type {Entry, EntryType, Hello} from '../protocol/messages.ts';
export type {RemotePath} from '../protocol/remote-path.ts';
export {parseRemotePath, rootPath} from '../protocol/remote-path.ts';
export type {
  CallOptions,
  ClientOptions,
  Digests,
  LinkState,
  Progress,
  StatEntry,
} from './client/client.ts';
export {Client} from './client/client.ts';
export {RateLimiter} from './client/rate-limiter.ts';
export type {MadeFolder} from './transfers/make-folder.ts';
export type {
  Conflict,
  ConflictPolicy,
  Limits,
  NewTransfer,
  Priority,
  QueueOptions,
  QueueSnapshot,
  QueueTotals,
  TransferSnapshot,
} from './transfers/queue.ts';
export {Queue} from './transfers/queue.ts';
export type {TransferState} from './transfers/transfer-state.ts';
export type {BlockVerdict, VerifyOptions, VerifyReport} from './transfers/verify.ts';
export {hashLocalFile, verifyFile} from './transfers/verify.ts';
