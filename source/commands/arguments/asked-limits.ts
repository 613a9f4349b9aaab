import type {Limits} from '../../transfers/terms/limits.ts';
import type {Options} from './option-values.ts';

/**
 * The limits that were written on the command line. Without --files it is as many as
 * --connections.
 */
export function askedLimits({connections, files, limit, written}: Options): Partial<Limits> {
  return {
    ...(written.connections === undefined ? {} : {connectionsPerFile: connections}),
    ...(written.connections === undefined && written.files === undefined ? {} : {files}),
    ...(written.limit === undefined ? {} : {bytesPerSecond: limit}),
  };
}
