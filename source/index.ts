/** Jangada as a library: list and search a server's files, and fetch them verified. */
import './library/refuse-old-node.ts';

export type {Address} from '../protocol/address.ts';
export {formatAddress, parseAddress} from '../protocol/address.ts';
export type {DisplayText} from '../protocol/display-text.ts';
export {displayName} from '../protocol/display-text.ts';
export type {ErrorCode} from '../protocol/errors.ts';
export {isJangadaError, JangadaError} from '../protocol/errors.ts';
export type {Hello} from '../protocol/hello.ts';
export type {Entry, EntryType, Unsearched} from '../protocol/messages.ts';
export type {RemotePath} from '../protocol/remote-path.ts';
export {parseRemotePath, rootPath} from '../protocol/remote-path.ts';
export type {
  CallOptions,
  ClientOptions,
  Digests,
  FindOptions,
  LinkState,
  Progress,
  StatEntry,
} from './client/client.ts';
export {Client} from './client/client.ts';
export {RateLimiter} from './client/connection/rate-limiter.ts';
export {Ssh, type SshOptions} from './client/connection/ways/ssh/ssh.ts';
export type {AddedFiles, MatchOptions} from './library/add-matching.ts';
export {
  type Downloaded,
  type DownloadOptions,
  type DownloadProgress,
  download,
} from './library/download.ts';
export {type NewTransfer, Queue, type QueueOptions} from './library/queue.ts';
export type {QueueEvent} from './library/queue-news.ts';
export type {Server} from './library/reach.ts';
export {type ReadOptions, read, readBytes} from './library/read.ts';
export {type VerifyOptions, verify} from './library/verify.ts';
export type {MadeFolder} from './transfers/disk/folders/folder-maker.ts';
export type {RefusedName, UnsearchedPlace} from './transfers/download/search.ts';
export type {BlockVerdict, VerifyReport} from './transfers/download/verify.ts';
export {hashLocalFile, rootOfLocalFile} from './transfers/download/verify.ts';
export type {
  ByteTotals,
  ConflictPolicy,
  Limits,
  Priority,
  QueueSnapshot,
  QueueTotals,
  TransferSnapshot,
} from './transfers/queue/queue.ts';
export type {ExpectedContent, ExpectedRoot} from './transfers/terms/expected-content.ts';
export {formatExpectedContent, parseExpectedContent} from './transfers/terms/expected-content.ts';
export type {TransferState} from './transfers/terms/transfer-state.ts';
