/**
 * The file of the servers that a user knows. Every value is checked when it is read; the file is written as a whole.
 */
import {readFileSync, renameSync, statSync} from 'node:fs';
import * as z from 'zod';
import {formatAddress, parseAddress} from '../../protocol/address.ts';
import {displayName} from '../../protocol/display-text.ts';
import {isJangadaError, JangadaError} from '../../protocol/errors.ts';
import {replaceFile} from '../../protocol/program/replace-file.ts';
import {localError} from '../transfers/terms/local-error.ts';
import type {KnownServer} from './known-server.ts';

/** Bytes of such a file; this program never writes a larger one. */
const mostBytes = 4 * 2 ** 20;
const version = 1;

const fileSchema = z.object({
  version: z.literal(version),
  servers: z.array(
    z.object({
      address: z.string().max(65_536),
      usedMs: z.number().nonnegative().optional(),
      label: z.string().min(1).max(200).optional(),
    }),
  ),
});

/**
 * The servers in `file`, none if the file does not exist; undefined if it is damaged. An entry with an invalid address
 * is left out.
 *
 * @throws JangadaError `local_io` if it cannot be read, or a newer version wrote it.
 */
export function readServersFile(file: string): KnownServer[] | undefined {
  const text = textOf(file);
  if (text === undefined) {
    return [];
  }

  const content = parsed(text);
  const newer = z.object({version: z.number().gt(version)}).safeParse(content);
  if (newer.success) {
    throw new JangadaError(
      'local_io',
      `${displayName(file)} was written by a newer version of jangada`,
    );
  }

  const {data} = fileSchema.safeParse(content);
  return data?.servers.flatMap(({address, usedMs, label}) => {
    try {
      return {address: parseAddress(address), usedMs, label};
    } catch (error) {
      if (!isJangadaError(error, 'usage')) {
        throw error;
      }

      return [];
    }
  });
}

/** Write `servers` atomically: a reader of the file sees the whole old list or the whole new one. */
export function writeServersFile(file: string, servers: readonly KnownServer[]): void {
  const content: z.infer<typeof fileSchema> = {
    version,
    servers: servers.map(({address, usedMs, label}) => ({
      address: formatAddress(address),
      ...(usedMs === undefined ? {} : {usedMs}),
      ...(label === undefined ? {} : {label}),
    })),
  };
  try {
    replaceFile(file, `${JSON.stringify(content, undefined, 2)}\n`);
  } catch (error) {
    throw localError(error, file);
  }
}

/** Rename a damaged `file`. @returns its new path. */
export function putAside(file: string): string {
  const aside = `${file}.damaged-${new Date().toISOString().replace(/[:.]/g, '-')}`;
  renameSync(file, aside);
  return aside;
}

function textOf(file: string): string | undefined {
  try {
    const stats = statSync(file, {throwIfNoEntry: false});
    if (stats === undefined) {
      return undefined;
    }

    if (!stats.isFile()) {
      throw new JangadaError('local_io', `${displayName(file)} is not a file: move it away`);
    }

    return stats.size > mostBytes ? '' : readFileSync(file, 'utf8');
  } catch (error) {
    throw localError(error, file);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) {
      return undefined;
    }

    throw error;
  }
}
