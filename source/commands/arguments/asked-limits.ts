import type {Limits} from '../../transfers/terms/limits.ts';
import type {Options} from './option-values.ts';

/**
 * The limits of the command line or the configuration. Without --files the number of files is that of --connections.
 */
export function askedLimits({connections, files, limit, asked}: Options): Partial<Limits> {
  return {
    ...(asked.connections === undefined ? {} : {connectionsPerFile: connections}),
    ...(asked.connections === undefined && asked.files === undefined ? {} : {files}),
    ...(asked.limit === undefined ? {} : {bytesPerSecond: limit}),
  };
}
